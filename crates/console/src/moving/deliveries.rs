use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::brought::Brought;
use super::delivery::Delivery;

/// One that nobody looks at for so long is forgotten.
const LIFETIME: Duration = Duration::from_mins(30);

/// So many are kept at a time; each may hold a file.
const KEPT: usize = 8;

/// All that was brought and not forgotten, the newest first.
#[derive(Debug, Default)]
pub(crate) struct Deliveries(Mutex<VecDeque<Arc<Delivery>>>);

impl Deliveries {
    /// Keeps what somebody brought.
    pub(super) fn keep(self: &Arc<Self>, actor: &str, brought: Brought) -> Arc<Delivery> {
        let delivery = Arc::new(Delivery::new(actor, brought));
        let mut all = self.lock();
        all.push_front(Arc::clone(&delivery));
        while all.len() > KEPT {
            if let Some(oldest) = all.pop_back() {
                oldest.gone.cancel();
            }
        }
        drop(all);
        tokio::spawn(Arc::clone(self).forget_in_time(Arc::clone(&delivery)));
        delivery
    }

    /// The one of this id, if this is who brought it.
    pub(crate) fn find(&self, id: &str, actor: &str) -> Option<Arc<Delivery>> {
        let all = self.lock();
        let found = all.iter().find(|one| one.id == id && one.actor == actor)?;
        found.touch();
        Some(Arc::clone(found))
    }

    /// Forgets it, with its file.
    pub(crate) fn forget(&self, id: &str, actor: &str) -> bool {
        let mut all = self.lock();
        let Some(place) = all.iter().position(|one| one.id == id && one.actor == actor) else {
            return false;
        };
        if let Some(gone) = all.remove(place) {
            gone.gone.cancel();
        }
        true
    }

    async fn forget_in_time(self: Arc<Self>, delivery: Arc<Delivery>) {
        loop {
            let left = LIFETIME.saturating_sub(delivery.idle());
            if left.is_zero() && !delivery.is_busy() {
                self.forget(&delivery.id, &delivery.actor);
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left.max(Duration::from_secs(1))) => {}
                () = delivery.gone.cancelled() => return,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Delivery>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brought() -> Brought {
        Brought::Keys { keys: Vec::new(), repeated: 0, malformed: 0 }
    }

    #[tokio::test]
    async fn what_one_brings_another_cannot_see() {
        let deliveries = Arc::<Deliveries>::default();
        let anns = deliveries.keep("ann", brought());
        assert!(deliveries.find(&anns.id, "ann").is_some());
        assert!(deliveries.find(&anns.id, "bob").is_none());
        assert!(!deliveries.forget(&anns.id, "bob"));
        assert!(deliveries.forget(&anns.id, "ann") && anns.gone.is_cancelled());
        assert!(deliveries.find(&anns.id, "ann").is_none());
    }

    #[tokio::test]
    async fn the_oldest_makes_room() {
        let deliveries = Arc::<Deliveries>::default();
        let first = deliveries.keep("ann", brought());
        for _ in 0..KEPT {
            deliveries.keep("ann", brought());
        }
        assert!(first.gone.is_cancelled());
        assert!(deliveries.find(&first.id, "ann").is_none());
    }
}
