//! Where a check of the failing keys is asked for, and where its result is told. Who checks, and
//! how, is not known here.

use serde::Serialize;
use tokio::sync::watch;

/// What a check came to, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Keys that Google was asked about.
    pub checked: usize,
    /// Those that work.
    pub alive: usize,
    /// Those that Google refuses for good.
    pub dead: usize,
    /// Those about which nothing was found out.
    pub unclear: usize,
    /// Those that were dead before and are in the pool again.
    pub revived: usize,
    /// Why the first of the unclear ones is so.
    pub note: Option<String>,
}

/// One check at a time: whoever asks while one runs gets its result.
#[derive(Debug, Default)]
pub struct Checks(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    /// Somebody waits for a result.
    wanted: bool,
    finished: u64,
    last: CheckReport,
}

impl Checks {
    /// Asks for a check, and waits for the result. Whoever stops waiting stops no check.
    pub async fn ask(&self) -> CheckReport {
        let mut state = self.0.subscribe();
        let before = state.borrow().finished;
        self.0.send_modify(|state| state.wanted = true);
        let report = state.wait_for(|state| state.finished > before).await;
        // It fails only if the sender is gone, which is `self`.
        report.map(|state| state.last.clone()).unwrap_or_default()
    }

    /// Waits until a check is asked for; for the one who checks.
    pub async fn wanted(&self) {
        let mut state = self.0.subscribe();
        // As above.
        let _ = state.wait_for(|state| state.wanted).await;
    }

    /// A check is over: tells all who asked for one.
    pub fn finish(&self, report: CheckReport) {
        self.0.send_modify(|state| {
            state.wanted = false;
            state.finished += 1;
            state.last = report;
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn all_who_ask_meanwhile_get_the_same_result() {
        let checks = Arc::new(Checks::default());
        let ask = || {
            let checks = Arc::clone(&checks);
            tokio::spawn(async move { checks.ask().await })
        };
        let (first, leaver) = (ask(), ask());
        checks.wanted().await;
        let second = ask();
        tokio::task::yield_now().await;
        leaver.abort();
        let report = CheckReport { checked: 3, ..CheckReport::default() };
        checks.finish(report.clone());
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (report.clone(), report));
        let again = tokio::time::timeout(std::time::Duration::from_millis(20), checks.wanted());
        assert!(again.await.is_err(), "nobody waits any more");
    }
}
