//! Looks after a stream while nothing arrives.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// What must be done with a stream that is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The client is to hear that somebody is still there.
    Sign,
    /// The gateway stops.
    Stopped,
    /// The time for the whole answer is over.
    Late,
}

/// One timer for everything that a silent stream waits for. A stream that is never silent for long
/// does not touch it.
pub(crate) struct Vigil {
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    deadline: Instant,
    /// Longest silence; zero allows any.
    silence: Duration,
    /// When the client heard something last.
    heard: Instant,
    /// Never later than the next thing that is due.
    timer: Pin<Box<Sleep>>,
}

impl Vigil {
    pub(crate) fn new(stop: &CancellationToken, deadline: Instant, silence: Duration) -> Self {
        let heard = Instant::now();
        let timer = Box::pin(sleep_until(due(deadline, silence, heard)));
        Self { stop: Box::pin(stop.clone().cancelled_owned()), deadline, silence, heard, timer }
    }

    /// The client hears something.
    pub(crate) fn heard(&mut self) {
        if !self.silence.is_zero() {
            self.heard = Instant::now();
        }
    }

    /// Ready once something is due.
    pub(crate) fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<Due> {
        if self.stop.as_mut().poll(context).is_ready() {
            return Poll::Ready(Due::Stopped);
        }
        loop {
            ready!(self.timer.as_mut().poll(context));
            let now = Instant::now();
            if now >= self.deadline {
                return Poll::Ready(Due::Late);
            }
            let sign = now >= due(self.deadline, self.silence, self.heard);
            if sign {
                self.heard = now;
            }
            self.timer.as_mut().reset(due(self.deadline, self.silence, self.heard));
            if sign {
                return Poll::Ready(Due::Sign);
            }
        }
    }
}

fn due(deadline: Instant, silence: Duration, heard: Instant) -> Instant {
    if silence.is_zero() { deadline } else { deadline.min(heard + silence) }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn vigil(silence: Duration) -> (Vigil, CancellationToken, Instant) {
        let (stop, now) = (CancellationToken::new(), Instant::now());
        (Vigil::new(&stop, now + 30 * SECOND, silence), stop, now)
    }

    async fn due(vigil: &mut Vigil) -> Due {
        poll_fn(|context| vigil.poll_due(context)).await
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_sign_is_due_after_each_silence_and_not_before() {
        let (mut vigil, _, start) = vigil(10 * SECOND);
        assert_eq!((due(&mut vigil).await, start.elapsed()), (Due::Sign, 10 * SECOND));
        tokio::time::sleep(4 * SECOND).await;
        vigil.heard();
        assert_eq!((due(&mut vigil).await, start.elapsed()), (Due::Sign, 24 * SECOND));
        assert_eq!((due(&mut vigil).await, start.elapsed()), (Due::Late, 30 * SECOND));
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn silence_is_allowed_where_no_length_is_set() {
        let (mut vigil, stop, start) = vigil(Duration::ZERO);
        assert_eq!((due(&mut vigil).await, start.elapsed()), (Due::Late, 30 * SECOND));
        stop.cancel();
        assert_eq!(due(&mut vigil).await, Due::Stopped);
    }
}
