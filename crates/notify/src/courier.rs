//! Carrying messages to the owner, some times if need be.

use std::time::Duration;

use crate::channel::Channel;
use crate::message::Message;
use crate::post::{DeliveryError, Poster};

/// How long is waited before each further attempt.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(15), Duration::from_mins(1)];

/// Carries messages. Clones share what it is made of.
#[derive(Debug, Clone)]
pub struct Courier {
    poster: Poster,
}

impl Default for Courier {
    fn default() -> Self {
        Self::new()
    }
}

impl Courier {
    /// Reads the system's root certificates.
    pub fn new() -> Self {
        Self { poster: Poster::new() }
    }

    /// One attempt, within some seconds.
    pub async fn attempt(&self, channel: &Channel, message: &Message) -> Result<(), DeliveryError> {
        channel.letter(message)?.send(&self.poster).await
    }

    /// Attempts until the message has arrived, or until that is of no use: four times at the most,
    /// within two minutes.
    pub async fn deliver(&self, channel: &Channel, message: &Message) -> Result<(), DeliveryError> {
        let letter = channel.letter(message)?;
        insist(|| letter.send(&self.poster)).await
    }
}

async fn insist<F>(mut attempt: impl FnMut() -> F) -> Result<(), DeliveryError>
where
    F: Future<Output = Result<(), DeliveryError>>,
{
    for pause in PAUSES {
        match attempt().await {
            Err(error) if error.may_pass() => tokio::time::sleep(pause).await,
            result => return result,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::Instant;

    use super::*;

    /// How often it was attempted with these results, how long it took, and how it went.
    async fn insisted(
        results: &[Result<(), DeliveryError>],
    ) -> (usize, u64, Result<(), DeliveryError>) {
        let (attempts, begin) = (Cell::new(0), Instant::now());
        let result = insist(|| {
            attempts.set(attempts.get() + 1);
            std::future::ready(results[attempts.get() - 1].clone())
        })
        .await;
        (attempts.get(), begin.elapsed().as_secs(), result)
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_attempted_four_times() {
        let slow = || Err(DeliveryError::TooSlow);
        assert_eq!(insisted(&[Ok(())]).await, (1, 0, Ok(())));
        assert_eq!(insisted(&[slow(), slow(), Ok(())]).await, (3, 17, Ok(())));
        assert_eq!(insisted(&[slow(), slow(), slow(), slow()]).await, (4, 77, slow()));
        let wrong = Err(DeliveryError::Setting("wrong"));
        assert_eq!(insisted(&[slow(), wrong.clone()]).await, (2, 2, wrong));
    }
}
