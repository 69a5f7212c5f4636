//! Requests as they come, as rows of the table.

use askama::Template;
use store::{LoggedRequest, RequestFilter, Store};

use super::{LogFilter, newest};
use crate::error::Error;
use crate::shell::Shell;

/// So many are told of at a time; under a flood the newest, for they are what is looked at.
const MOST: u32 = 100;

/// Whoever follows requests.
pub(crate) struct Tail {
    store: Store,
    filter: RequestFilter,
    shell: Shell,
}

#[derive(Template)]
#[template(path = "request_row.html")]
struct Row<'r> {
    shell: &'r Shell,
    request: &'r LoggedRequest,
}

impl Tail {
    /// Follows those that a filter lets through, from the row `after` on, or from now on.
    pub(crate) async fn new(
        store: &Store,
        filter: &str,
        after: Option<i64>,
        shell: Shell,
    ) -> Result<Self, Error> {
        let filter = LogFilter::read(filter)?;
        let filter = LogFilter { range: String::new(), back: String::new(), ..filter };
        let mut filter = filter.ask(relay::now())?;
        filter.after = if after.is_some() { after } else { Some(newest(store).await?) };
        Ok(Self { store: store.clone(), filter, shell })
    }

    /// Those that came since the last time, the oldest first, and the number of the newest; `None`
    /// if there are none, or the database does not answer: then they are told of later.
    pub(crate) async fn read(&mut self) -> Option<(i64, Vec<String>)> {
        let found = self.store.recent_requests(MOST, &self.filter).await;
        let found = found.inspect_err(|error| tracing::warn!(%error, "the log cannot be followed"));
        let found = found.ok()?;
        let newest = found.first()?.row;
        self.filter.after = Some(newest);
        let rows = found.iter().rev().map(|request| Row { shell: &self.shell, request }.render());
        Some((newest, rows.filter_map(Result::ok).collect()))
    }
}
