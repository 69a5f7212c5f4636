//! What client tokens have used, written down soon, and heard of from other processes.
//!
//! Every process counts for itself and writes its own counts; what the others have counted of this
//! month is read at the start and then while there is something to write.

use std::sync::Arc;
use std::time::Duration;

use relay::{Gateway, MeterNews, Meters};
use store::{Store, StoreError};
use tokio::time::Instant;

/// What was counted is written this often; of what comes between, a crash loses the count.
const EVERY: Duration = Duration::from_secs(1);

/// What others counted is read this often.
const HEAR: Duration = Duration::from_secs(5);

/// Keeps the counts of client tokens in the store.
pub struct TokenKeeper {
    store: Store,
    meters: Arc<Meters>,
    /// Under which name this process counts.
    replica: String,
    /// What is not stored yet.
    waiting: MeterNews,
}

impl TokenKeeper {
    /// A keeper of these meters, for the process that counts as `replica`.
    pub fn new(store: Store, meters: Arc<Meters>, replica: &str) -> Self {
        let replica = replica.to_owned();
        Self { store, meters, replica, waiting: MeterNews::default() }
    }

    /// Tells the meters what others, and earlier processes, have counted since this day's month
    /// began.
    pub async fn hear(&self, day: &str) -> Result<(), StoreError> {
        let month = day.get(..7).unwrap_or(day);
        let others = self.store.token_usage_since(month, Some(&self.replica)).await?;
        self.meters.learn(&others);
        Ok(())
    }

    /// Writes down what is counted until the gateway stops. While the database is in trouble the
    /// counts wait; they are totals, so nothing is lost.
    pub async fn run(mut self, gateway: Arc<Gateway>) -> Self {
        let mut heard = Instant::now();
        while !gateway.stop.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = gateway.stop.cancelled() => return self,
            }
            if let Err(error) = self.save().await {
                tracing::warn!(%error, "what client tokens used could not be stored yet");
                continue;
            }
            if heard.elapsed() >= HEAR {
                heard = Instant::now();
                if let Err(error) = self.hear(&gateway.token_day()).await {
                    tracing::warn!(%error, "what client tokens used elsewhere cannot be read yet");
                }
            }
        }
        self
    }

    /// Writes down what is not written yet.
    pub async fn save(&mut self) -> Result<(), StoreError> {
        let MeterNews { usage, last_uses } = self.meters.take_news();
        replace(&mut self.waiting.usage, usage, |one, two| {
            (&one.token_id, &one.day) == (&two.token_id, &two.day)
        });
        replace(&mut self.waiting.last_uses, last_uses, |one, two| one.token_id == two.token_id);
        self.store.save_token_usage(&self.replica, &self.waiting.usage).await?;
        self.waiting.usage.clear();
        self.store.note_token_uses(&self.waiting.last_uses).await?;
        self.waiting.last_uses.clear();
        Ok(())
    }
}

/// The news take the place of what they are news of.
fn replace<T>(waiting: &mut Vec<T>, news: Vec<T>, is_same: impl Fn(&T, &T) -> bool) {
    if !waiting.is_empty() {
        waiting.retain(|old| news.iter().all(|new| !is_same(old, new)));
    }
    waiting.extend(news);
}

#[cfg(test)]
mod tests {
    use store::TokenUsage;

    use super::*;

    #[test]
    fn a_newer_count_takes_the_place_of_an_older_one() {
        let count = |token: &str, requests| TokenUsage {
            token_id: token.to_owned(),
            requests,
            ..TokenUsage::default()
        };
        let mut waiting = vec![count("a", 1), count("b", 1)];
        replace(&mut waiting, vec![count("a", 2)], |one, two| one.token_id == two.token_id);
        assert_eq!(waiting, [count("b", 1), count("a", 2)]);
    }
}
