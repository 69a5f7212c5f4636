//! A timer for a deadline that keeps moving on.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

/// Tells when a deadline has passed. Moving the deadline further away, which happens with every
/// frame of a stream, costs nothing: the timer stays where it is and looks again when it fires.
#[derive(Debug)]
pub(crate) struct Watchdog {
    deadline: Instant,
    /// Never later than `deadline`.
    timer: Pin<Box<Sleep>>,
}

impl Watchdog {
    pub(crate) fn new(deadline: Instant) -> Self {
        Self { deadline, timer: Box::pin(sleep_until(deadline)) }
    }

    pub(crate) fn set(&mut self, deadline: Instant) {
        self.deadline = deadline;
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
    }

    /// Ready once the deadline has passed.
    pub(crate) fn poll_passed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(context));
            if self.timer.deadline() >= self.deadline {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_deadline_may_move_both_ways() {
        let start = Instant::now();
        let mut watchdog = Watchdog::new(start + Duration::from_secs(5));
        watchdog.set(start + Duration::from_secs(9));
        poll_fn(|context| watchdog.poll_passed(context)).await;
        assert_eq!(start.elapsed().as_secs(), 9);
        watchdog.set(start + Duration::from_secs(30));
        watchdog.set(start + Duration::from_secs(12));
        poll_fn(|context| watchdog.poll_passed(context)).await;
        assert_eq!(start.elapsed().as_secs(), 12);
    }
}
