//! What a backup holds: each table with its columns. A test holds this list against the migrations.

/// How a value is written in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Flag,
}

use Kind::{Flag, Integer, Text};

/// A table that is backed up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    /// What names a row; it need not be among the columns.
    pub(super) key: &'static [&'static str],
    /// Among the logs, which are another file with SQLite.
    pub(super) is_log: bool,
    /// Shared between running gateways: rows get the number of the transaction that writes them.
    pub(super) is_learned: bool,
}

const fn table(
    name: &'static str,
    key: &'static [&'static str],
    columns: &'static [(&'static str, Kind)],
) -> Table {
    Table { name, columns, key, is_log: false, is_learned: false }
}

const fn learned(table: Table) -> Table {
    Table { is_learned: true, ..table }
}

const fn log(table: Table) -> Table {
    Table { is_log: true, ..table }
}

/// The column that is numbered anew in tables of what was learned.
pub(super) const CHANGED: &str = "changed";

/// All, in the order in which they stand in the file.
pub(super) const TABLES: &[Table] = &[
    table(
        "api_keys",
        &["id"],
        &[
            ("id", Text),
            ("fingerprint", Text),
            ("sealed_key", Text),
            ("platform", Text),
            ("mask", Text),
            ("name", Text),
            ("project", Text),
            ("enabled", Flag),
            ("weight", Integer),
            ("tier", Integer),
            ("tags", Text),
            ("source", Text),
            ("revived_at", Integer),
            ("created_at", Integer),
            ("updated_at", Integer),
            ("note", Text),
            ("proxy", Text),
            ("batch", Text),
        ],
    ),
    table("removed_keys", &["fingerprint"], &[("fingerprint", Text), ("removed_at", Integer)]),
    table(
        "client_tokens",
        &["id"],
        &[
            ("id", Text),
            ("name", Text),
            ("digest", Text),
            ("mask", Text),
            ("source", Text),
            ("created_at", Integer),
            ("revoked_at", Integer),
            ("last_used_at", Integer),
            ("tags", Text),
            ("limits", Text),
            ("expires_at", Integer),
            ("note", Text),
            ("last_used_from", Text),
        ],
    ),
    table(
        "former_secrets",
        &["digest"],
        &[("digest", Text), ("token_id", Text), ("valid_until", Integer)],
    ),
    table(
        "token_usage",
        &["token_id", "day", "replica"],
        &[
            ("token_id", Text),
            ("day", Text),
            ("replica", Text),
            ("requests", Integer),
            ("tokens", Integer),
            ("cost", Integer),
        ],
    ),
    table(
        "settings",
        &["name"],
        &[
            ("name", Text),
            ("value", Text),
            ("sealed", Flag),
            ("updated_at", Integer),
            ("source", Text),
        ],
    ),
    table(
        "administrators",
        &["id"],
        &[
            ("id", Text),
            ("name", Text),
            ("role", Text),
            ("password_hash", Text),
            ("sealed_totp", Text),
            ("totp_step", Integer),
            ("recovery_codes", Text),
            ("created_at", Integer),
            ("must_change", Flag),
        ],
    ),
    table("preferences", &["person", "name"], &[("person", Text), ("name", Text), ("value", Text)]),
    table(
        "saved_views",
        &["id"],
        &[
            ("id", Text),
            ("person", Text),
            ("page", Text),
            ("name", Text),
            ("query", Text),
            ("pinned", Flag),
            ("created_at", Integer),
        ],
    ),
    table(
        "error_marks",
        &["label"],
        &[("label", Text), ("mark", Text), ("actor", Text), ("at", Integer)],
    ),
    table(
        "conversations",
        &["id"],
        &[
            ("id", Text),
            ("person", Text),
            ("title", Text),
            ("body", Text),
            ("created_at", Integer),
            ("updated_at", Integer),
        ],
    ),
    table(
        "listed_models",
        &["name"],
        &[("name", Text), ("first_seen", Integer), ("last_seen", Integer), ("listing", Text)],
    ),
    table(
        "admin_tokens",
        &["id"],
        &[
            ("id", Text),
            ("name", Text),
            ("digest", Text),
            ("mask", Text),
            ("scope", Text),
            ("maker", Text),
            ("created_at", Integer),
            ("expires_at", Integer),
            ("last_used_at", Integer),
            ("revoked_at", Integer),
        ],
    ),
    table(
        "audit_log",
        &["id"],
        &[
            ("id", Text),
            ("at", Integer),
            ("actor", Text),
            ("action", Text),
            ("object", Text),
            ("detail", Text),
        ],
    ),
    learned(table(
        "key_states",
        &["key_id"],
        &[("key_id", Text), ("dead_reason", Text), ("dead_since", Integer), (CHANGED, Integer)],
    )),
    learned(table(
        "quota_blocks",
        &["subject", "model"],
        &[
            ("subject", Text),
            ("model", Text),
            ("blocked_until", Integer),
            ("quota_window", Text),
            ("quota_limit", Integer),
            ("quota_id", Text),
            (CHANGED, Integer),
        ],
    )),
    learned(table(
        "quota_limits",
        &["subject", "model", "quota_window"],
        &[
            ("subject", Text),
            ("model", Text),
            ("quota_window", Text),
            ("quota_limit", Integer),
            ("met_at", Integer),
            (CHANGED, Integer),
        ],
    )),
    learned(table(
        "quota_usage",
        &["subject", "model", "replica"],
        &[
            ("subject", Text),
            ("model", Text),
            ("replica", Text),
            ("day_ends", Integer),
            ("day_requests", Integer),
            ("day_tokens", Integer),
            ("minute_requests", Integer),
            ("minute_tokens", Integer),
            ("used_at", Integer),
            (CHANGED, Integer),
        ],
    )),
    table(
        "resources",
        &["name"],
        &[
            ("name", Text),
            ("kind", Text),
            ("key_id", Text),
            ("project", Text),
            ("token_id", Text),
            ("state", Text),
            ("display_name", Text),
            ("mime", Text),
            ("size", Integer),
            ("created_at", Integer),
            ("expires_at", Integer),
            ("body", Text),
        ],
    ),
    log(table(
        "request_log",
        &["id"],
        &[
            ("request_id", Text),
            ("at", Integer),
            ("token_id", Text),
            ("token_name", Text),
            ("dialect", Text),
            ("operation", Text),
            ("model", Text),
            ("key_id", Text),
            ("key_mask", Text),
            ("status", Integer),
            ("outcome", Text),
            ("attempts", Integer),
            ("streamed", Flag),
            ("duration_ms", Integer),
            ("first_byte_ms", Integer),
            ("prompt_tokens", Integer),
            ("completion_tokens", Integer),
            ("thought_tokens", Integer),
            ("cached_tokens", Integer),
            ("tool_prompt_tokens", Integer),
            ("total_tokens", Integer),
            ("error", Text),
            ("trail", Text),
        ],
    )),
    log(table(
        "error_log",
        &["id"],
        &[
            ("request_id", Text),
            ("at", Integer),
            ("attempt", Integer),
            ("key_id", Text),
            ("key_mask", Text),
            ("token_id", Text),
            ("model", Text),
            ("status", Integer),
            ("outcome", Text),
            ("message", Text),
            ("request_body", Text),
        ],
    )),
    log(table(
        "traffic",
        &["subject", "span", "begins", "label"],
        &[
            ("subject", Text),
            ("span", Integer),
            ("begins", Integer),
            ("label", Text),
            ("requests", Integer),
            ("failed", Integer),
            ("rescued", Integer),
            ("prompt_tokens", Integer),
            ("cached_tokens", Integer),
            ("completion_tokens", Integer),
            ("thought_tokens", Integer),
            ("cost", Integer),
        ],
    )),
    log(table(
        "latency",
        &["span", "begins", "model", "measure", "class"],
        &[
            ("span", Integer),
            ("begins", Integer),
            ("model", Text),
            ("measure", Text),
            ("class", Integer),
            ("answers", Integer),
        ],
    )),
    log(table(
        "responses",
        &["id"],
        &[("id", Text), ("token_id", Text), ("at", Integer), ("body", Text)],
    )),
];

impl Table {
    /// Its key is a number that the database gives, and that no backup holds.
    pub(super) fn is_numbered(&self) -> bool {
        self.key.iter().all(|key| self.columns.iter().all(|(column, _)| column != key))
    }

    pub(super) fn find(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// The place of a column in rows with all columns.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use secret::{MasterKey, Vault};

    use super::*;
    use crate::{Store, StoreOptions};

    /// What belongs to a process, a browser or the database itself, or is gone in a day.
    const LEFT_OUT: [&str; 8] = [
        "chores",
        "meta",
        "revision",
        "sessions",
        "running_responses",
        "live_sessions",
        "pictures",
        "_sqlx_migrations",
    ];

    #[tokio::test]
    async fn every_column_of_the_schema_is_backed_up_or_left_out_on_purpose() {
        let vault = Arc::new(Vault::new(&MasterKey::generate().unwrap()));
        let store = Store::open("sqlite::memory:", vault, StoreOptions::default()).await.unwrap();
        for (db, is_log) in [(&store.control, false), (&store.logs, true)] {
            for name in db.tables().await.unwrap() {
                if LEFT_OUT.contains(&name.as_str()) || name.starts_with("sqlite_") {
                    continue;
                }
                let table = Table::find(&name).unwrap_or_else(|| panic!("{name} is in no backup"));
                assert_eq!(table.is_log, is_log, "{name}");
                let there: BTreeSet<_> = db.columns(&name).await.unwrap().into_iter().collect();
                let numbered = table.is_numbered().then_some("id");
                let listed = table.columns.iter().map(|(column, _)| *column).chain(numbered);
                let listed: BTreeSet<_> = listed.map(str::to_owned).collect();
                assert_eq!(listed, there, "{name}");
                assert_eq!(table.is_learned, there.contains(CHANGED), "{name}");
            }
        }
    }
}
