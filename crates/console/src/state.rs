use std::sync::Arc;

use axum::extract::FromRef;
use relay::Gateway;
use store::Store;

/// What the endpoints work with; each takes the parts that it needs.
#[derive(Clone, FromRef)]
pub struct State {
    /// The running gateway: its pool and its settings.
    pub gateway: Arc<Gateway>,
    /// The database.
    pub store: Store,
}
