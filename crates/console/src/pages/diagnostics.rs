//! `/admin/system/diagnostics`: what is wrong, and what to do about it.

mod in_front;

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use doctor::{Check, Verdict};
use futures_util::{Stream, StreamExt as _, stream};
use http::HeaderMap;
use keypool::Timestamp;

use crate::State as Console;
use crate::changes::settings as changes;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::system::SystemWords;

/// Between the two events of the test.
const APART: Duration = Duration::from_millis(150);

#[derive(Template)]
#[template(path = "diagnostics.html")]
pub(crate) struct DiagnosticsPage {
    shell: Shell,
    w: &'static SystemWords,
    checks: Vec<Check>,
    started_at: Timestamp,
    database: &'static str,
}

/// Looks at everything anew; Google is asked through each proxy.
pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    headers: HeaderMap,
) -> Result<Page<DiagnosticsPage>, Error> {
    let resolved = changes::resolved(&console).await?;
    let url = console.store.shown_url();
    let file = doctor::database_file(url);
    let mut checks: Vec<Check> = file.iter().map(|file| doctor::folder(file)).collect();
    checks.extend(file.iter().flat_map(|file| doctor::disk(file)));
    checks.push(Check::ok("database", format!("{url} is open and migrated")));
    checks.extend(doctor::examine(&resolved, &console.store).await);
    checks.extend(in_front::checks(&resolved.settings, &headers));
    let w = SystemWords::of(shell.language);
    let database = ["postgres", "mysql"].into_iter().find(|kind| url.starts_with(kind));
    let (database, started_at) = (database.unwrap_or("sqlite"), console.started_at);
    Ok(Page(DiagnosticsPage { shell, w, checks, started_at, database }))
}

/// `GET /admin/system/diagnostics/stream`: two events, so long apart that a browser can tell whether
/// something on the way holds them back.
pub(crate) async fn stream() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = stream::iter(["first", "second"]).then(async |name| {
        if name == "second" {
            tokio::time::sleep(APART).await;
        }
        Ok(Event::default().event(name).data(name))
    });
    Sse::new(events)
}

impl DiagnosticsPage {
    /// What is shown to whoever helps. Checks hold no secrets.
    fn bundle(&self) -> String {
        let mut bundle = format!(
            "gemini-balance {} on {} {}, {}, up since {}\n",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
            self.database,
            crate::format::absolute(self.started_at),
        );
        for Check { name, verdict, says, .. } in &self.checks {
            // Writing into a text does not fail.
            let _ = writeln!(bundle, "{}: {name}: {says}", verdict.as_str());
        }
        bundle
    }

    /// How a thing can be, for what the browser finds out: style, icon and word.
    fn states(&self) -> [(&'static str, &'static str, &'static str); 3] {
        [
            ("good", "circle-check", self.w.well),
            ("warn", "triangle-alert", self.w.could_be_better),
            ("bad", "circle-x", self.w.broken),
        ]
    }

    /// For styles.
    fn state(check: &Check) -> &'static str {
        match check.verdict {
            Verdict::Ok => "good",
            Verdict::Warn => "warn",
            Verdict::Fail => "bad",
        }
    }

    fn icon(check: &Check) -> &'static str {
        match check.verdict {
            Verdict::Ok => "circle-check",
            Verdict::Warn => "triangle-alert",
            Verdict::Fail => "circle-x",
        }
    }

    fn word(&self, check: &Check) -> &'static str {
        match check.verdict {
            Verdict::Ok => self.w.well,
            Verdict::Warn => self.w.could_be_better,
            Verdict::Fail => self.w.broken,
        }
    }
}
