//! Looking up a host's name, without asking more than is needed.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::Failed;

/// For so long an answer is used without asking again.
const FRESH: Duration = Duration::from_secs(30);
/// For so long an answer is used when asking fails.
const USABLE: Duration = Duration::from_mins(10);
/// An older answer is used when a new one takes longer than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// The addresses of one host.
#[derive(Debug)]
pub(super) struct Names {
    host: String,
    port: u16,
    /// The last answer. Held while asking: a burst of connections asks once.
    last: Mutex<Option<(Instant, Vec<SocketAddr>)>>,
}

impl Names {
    pub(super) fn new(host: &str, port: u16) -> Self {
        Self { host: host.to_owned(), port, last: Mutex::default() }
    }

    pub(super) async fn addresses(&self) -> Result<Vec<SocketAddr>, Failed> {
        let mut last = self.last.lock().await;
        if let Some((since, addresses)) = &*last
            && since.elapsed() < FRESH
        {
            return Ok(addresses.clone());
        }
        let asked = lookup_host((self.host.as_str(), self.port));
        let usable = last.as_ref().filter(|(since, _)| since.elapsed() < USABLE);
        let found = match usable {
            Some((_, old)) => match timeout(PATIENCE, asked).await {
                Ok(Ok(found)) => found.collect(),
                _ => return Ok(old.clone()),
            },
            None => match asked.await {
                Ok(found) => found.collect::<Vec<_>>(),
                Err(_) => return Err("the host's name cannot be resolved".into()),
            },
        };
        if found.is_empty() {
            return Err("the host's name has no address".into());
        }
        *last = Some((Instant::now(), found.clone()));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn an_old_answer_outlives_a_failing_resolver() {
        let mut names = Names::new("127.0.0.1", 9);
        assert_eq!(names.addresses().await.unwrap(), ["127.0.0.1:9".parse().unwrap()]);
        names.host = "name.invalid".to_owned();
        let stale = Instant::now().checked_sub(FRESH).unwrap();
        names.last.lock().await.as_mut().unwrap().0 = stale;
        assert_eq!(names.addresses().await.unwrap(), ["127.0.0.1:9".parse().unwrap()]);
        let gone = Instant::now().checked_sub(USABLE).unwrap();
        names.last.lock().await.as_mut().unwrap().0 = gone;
        assert!(names.addresses().await.is_err());
    }
}
