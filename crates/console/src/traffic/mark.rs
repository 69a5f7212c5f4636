//! What somebody did that the traffic may show.

use keypool::Timestamp;
use serde::Serialize;
use store::{AuditEntry, AuditFilter, Store, StoreError};
use utoipa::ToSchema;

/// How actions begin that change how requests go: settings saved, another version, data brought in.
const ACTIONS: [&str; 4] = ["settings.", "version.", "import", "restore"];

/// So many are told of each kind.
const TOLD: u32 = 50;

/// A change of the configuration, or the beginning of another version.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TrafficMark)]
pub(crate) struct Mark {
    pub(crate) at: Timestamp,
    /// As the audit log has it: `settings.save`, `version.start`, `import` or `restore`.
    pub(crate) action: String,
    /// What was changed: names of settings, a version.
    pub(crate) object: String,
    pub(crate) actor: String,
}

/// Those of a time, the oldest first.
pub(crate) async fn marks(
    store: &Store,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<Mark>, StoreError> {
    let mut marks = Vec::new();
    for action in ACTIONS {
        let (action, since, until) = (Some(action.to_owned()), Some(since), Some(until));
        let filter = AuditFilter { action, since, until, ..AuditFilter::default() };
        marks.extend(store.audit_log(TOLD, &filter).await?.into_iter().map(Mark::from));
    }
    marks.sort_by_key(|mark| mark.at);
    Ok(marks)
}

impl From<AuditEntry> for Mark {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { at, action, object, actor, .. } = entry;
        Self { at, action, object, actor }
    }
}
