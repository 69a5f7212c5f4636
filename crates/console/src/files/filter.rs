use serde::{Deserialize, Serialize};
use store::{ResourceColumn, ResourceOrder};
use utoipa::{IntoParams, ToSchema};

use crate::query;

/// Rows of a page, if nothing is said.
const PAGE: u64 = 50;

/// Which resources are wanted, in which order and how many; as it stands in addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
#[into_params(parameter_in = Query)]
#[schema(as = FileFilter)]
pub(crate) struct Filter {
    /// `file`, `cache`, `batch`, `operation`, `store`, `interaction`, `upload` …; without one all.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The id of the client token that they belong to.
    pub(crate) token: String,
    /// The name of the project that they are in.
    pub(crate) project: String,
    /// The id of the key that they were made with.
    pub(crate) key: String,
    /// `live`, `expired`, or `unreachable` for those that live and no key reaches.
    pub(crate) state: String,
    /// `made`, `expires` or `size`; with a `-` before it, downwards. Without one, the newest first.
    pub(crate) sort: String,
    /// From 1.
    pub(crate) page: String,
    /// Rows of a page: 25, 50, 100 or 200.
    pub(crate) per: String,
}

/// How a resource stands, as far as filters know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It has not expired.
    Live,
    /// It lives, and no key reaches it.
    Unreachable,
    /// Google has deleted it by now.
    Expired,
}

impl State {
    pub(crate) const ALL: [Self; 3] = [Self::Live, Self::Unreachable, Self::Expired];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Unreachable => "unreachable",
            Self::Expired => "expired",
        }
    }
}

impl Filter {
    pub(crate) fn state(&self) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == self.state)
    }

    pub(crate) fn per(&self) -> u64 {
        match self.per.parse() {
            Ok(per @ (25 | 50 | 100 | 200)) => per,
            _ => PAGE,
        }
    }

    pub(crate) fn order(&self) -> ResourceOrder {
        let (column, downwards) = query::column(&self.sort);
        let by = match column {
            "expires" => ResourceColumn::Expires,
            "size" => ResourceColumn::Size,
            "made" => ResourceColumn::Made,
            _ => return ResourceOrder { by: ResourceColumn::Made, downwards: true },
        };
        ResourceOrder { by, downwards }
    }

    /// The same filter with one field changed, as a query.
    pub(crate) fn with(&self, field: &str, value: &str) -> String {
        let fields = [
            ("type", self.kind.as_str()),
            ("token", &self.token),
            ("project", &self.project),
            ("key", &self.key),
            ("state", &self.state),
            ("sort", &self.sort),
            ("per", &self.per),
        ];
        query::with(&fields, field, value)
    }

    /// What to sort by next when a column's head is chosen.
    pub(crate) fn next_sort(&self, column: &str) -> String {
        if self.sort == format!("-{column}") { column.to_owned() } else { format!("-{column}") }
    }

    /// For `aria-sort`.
    pub(crate) fn direction(&self, column: &str) -> Option<&'static str> {
        query::direction(&self.sort, column)
    }
}
