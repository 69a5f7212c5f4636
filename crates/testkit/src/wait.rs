//! Waiting for what will be, never for how long it may take.

use std::future::Future;
use std::time::Duration;

/// Longer than any condition may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks.
pub(crate) const GLANCE: Duration = Duration::from_millis(5);

/// Waits until `condition` holds; panics, naming `what`, if it never does.
#[track_caller]
pub fn eventually<C, F>(what: &str, mut condition: C) -> impl Future<Output = ()>
where
    C: FnMut() -> F,
    F: Future<Output = bool>,
{
    let place = std::panic::Location::caller();
    async move {
        let holds = async {
            while !condition().await {
                tokio::time::sleep(GLANCE).await;
            }
        };
        let came_true = tokio::time::timeout(PATIENCE, holds).await.is_ok();
        assert!(came_true, "{place}: never came true: {what}");
    }
}

/// The future's value; panics, naming `what`, if it takes for ever.
#[track_caller]
pub fn in_time<F: Future>(what: &str, future: F) -> impl Future<Output = F::Output> {
    let place = std::panic::Location::caller();
    async move {
        let value = tokio::time::timeout(PATIENCE, future).await.ok();
        value.unwrap_or_else(|| panic!("{place}: took for ever: {what}"))
    }
}
