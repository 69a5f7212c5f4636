//! How the keys in view stand, told anew every two seconds.

use askama::Template;
use keypool::KeyId;
use relay::Gateway;
use serde::Serialize;

use crate::format;
use crate::pool::{Key, find};
use crate::shell::Shell;
use crate::words::keys::KeysWords;

/// No page shows more keys.
const MOST: usize = 200;

/// The keys that a page shows.
pub(crate) struct Rows {
    ids: Vec<KeyId>,
    shell: Shell,
    w: &'static KeysWords,
}

/// What changes of a row: texts and pieces of the page, as the table has them.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    id: String,
    state: &'static str,
    status: String,
    requests: String,
    success: String,
    used: String,
    in_flight: u32,
}

#[derive(Template)]
#[template(path = "key_status.html")]
struct Status<'s> {
    shell: &'s Shell,
    w: &'static KeysWords,
    key: &'s Key,
}

impl Rows {
    /// Those of these ids, separated by commas; `None` of none.
    pub(crate) fn named(ids: &str, shell: Shell) -> Option<Self> {
        let ids = ids.split(',').filter(|id| !id.is_empty()).take(MOST);
        let ids: Vec<KeyId> = ids.map(KeyId::from).collect();
        let w = KeysWords::of(shell.language);
        (!ids.is_empty()).then_some(Self { ids, shell, w })
    }

    /// How they stand now; those that are gone are left out.
    pub(crate) fn read(&self, gateway: &Gateway) -> Vec<Row> {
        let now = relay::now();
        let found = self.ids.iter().filter_map(|id| find(gateway, id, now));
        found.map(|key| self.row(&Key::new(key))).collect()
    }

    fn row(&self, key: &Key) -> Row {
        let status = Status { shell: &self.shell, w: self.w, key };
        let counters = &key.snapshot.counters;
        Row {
            id: key.id().to_owned(),
            state: key.standing.as_str(),
            status: status.render().unwrap_or_default(),
            requests: format::count(key.attempts()),
            success: format::percent(counters.served, key.attempts()),
            used: counters.last_used.map(format::time).unwrap_or_default(),
            in_flight: key.snapshot.in_flight,
        }
    }
}
