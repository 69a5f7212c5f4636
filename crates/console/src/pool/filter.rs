use keypool::KeyView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::key::{Standing, project_of, reason};

/// Rows of a page, if nothing is said.
const PAGE: usize = 50;

/// Which keys are wanted, in which order and how many; as it stands in addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
#[into_params(parameter_in = Query)]
#[schema(as = KeyFilter)]
pub(crate) struct Filter {
    /// `ready`, `cooling`, `exhausted`, `invalid` or `disabled`; without one all.
    pub(crate) status: String,
    /// Part of the mask, the name, the project or the id.
    pub(crate) q: String,
    /// A label that they carry.
    pub(crate) tag: String,
    /// `gemini` or `vertex`: which of Google's APIs they are for.
    pub(crate) platform: String,
    /// The project that they belong to.
    pub(crate) project: String,
    /// What Google said of those that are invalid.
    pub(crate) reason: String,
    /// `key`, `project`, `requests`, `success`, `used` or `weight`; with a `-` before it, downwards.
    pub(crate) sort: String,
    /// From 1.
    pub(crate) page: String,
    /// Keys of a page: 25, 50, 100 or 200.
    pub(crate) per: String,
}

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Key,
    Project,
    Requests,
    Success,
    LastUsed,
    Weight,
}

impl Sort {
    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "key" => Self::Key,
            "project" => Self::Project,
            "requests" => Self::Requests,
            "success" => Self::Success,
            "used" => Self::LastUsed,
            "weight" => Self::Weight,
            _ => return None,
        })
    }
}

impl Filter {
    pub(crate) fn per(&self) -> usize {
        match self.per.parse() {
            Ok(per @ (25 | 50 | 100 | 200)) => per,
            _ => PAGE,
        }
    }

    /// The same filter with one field changed, as a query; fields without a value are left out.
    pub(crate) fn with(&self, field: &str, value: &str) -> String {
        let page = if field == "page" { value } else { "" };
        let fields = [
            ("status", &*self.status),
            ("q", &self.q),
            ("tag", &self.tag),
            ("platform", &self.platform),
            ("project", &self.project),
            ("reason", &self.reason),
            ("sort", &self.sort),
            ("per", &self.per),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, own) in fields {
            let text = if name == field { value } else { own };
            if !text.is_empty() {
                query.append_pair(name, text);
            }
        }
        if !page.is_empty() && page != "1" {
            query.append_pair("page", page);
        }
        query.finish()
    }

    /// What to sort by next when a column's head is chosen: upwards, downwards.
    pub(crate) fn next_sort(&self, column: &str) -> String {
        if self.sort == column { format!("-{column}") } else { column.to_owned() }
    }

    /// For `aria-sort`.
    pub(crate) fn direction(&self, column: &str) -> Option<&'static str> {
        match self.sort.strip_prefix('-') {
            Some(name) if name == column => Some("descending"),
            None if self.sort == column => Some("ascending"),
            _ => None,
        }
    }

    /// What text is looked for, in small letters.
    pub(super) fn needle(&self) -> String {
        self.q.trim().to_lowercase()
    }

    pub(super) fn standing(&self) -> Option<Standing> {
        Standing::of_name(&self.status)
    }

    pub(super) fn sort(&self) -> Option<Sort> {
        Sort::of_name(self.sort.trim_start_matches('-'))
    }

    pub(super) fn is_downwards(&self) -> bool {
        self.sort.starts_with('-')
    }

    /// Whether a key is wanted, whatever its standing.
    pub(super) fn passes(&self, key: &KeyView<'_>, needle: &str) -> bool {
        let project = project_of(key.domain, key.is_guess);
        (needle.is_empty()
            || contains(key.mask, needle)
            || key.name.is_some_and(|name| contains(name, needle))
            || project.is_some_and(|project| contains(project, needle))
            || key.id.as_str() == needle)
            && (self.tag.is_empty() || key.tags.contains(&self.tag))
            && (self.platform.is_empty() || key.platform.as_str() == self.platform)
            && (self.project.is_empty() || project == Some(&*self.project))
            && (self.reason.is_empty() || reason(&key.state) == self.reason)
    }
}

/// Whether a text contains another, which is in small letters. Of tens of thousands of keys, so that
/// nothing is copied where it need not be.
fn contains(text: &str, needle: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(needle);
    }
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    text.windows(needle.len().max(1)).any(|part| part.eq_ignore_ascii_case(needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_what_is_said_and_nothing_else() {
        let filter = Filter { q: "a b".into(), page: "3".into(), ..Filter::default() };
        assert_eq!(filter.with("status", "cooling"), "status=cooling&q=a+b");
        assert_eq!(filter.with("page", "4"), "q=a+b&page=4");
        assert_eq!(filter.with("page", "1"), "q=a+b");
        assert_eq!(filter.with("q", ""), "");
    }

    #[test]
    fn texts_are_found_whatever_their_letters() {
        assert!(contains("AIzaSy…WXYZ", "wxyz") && contains("Käthe", "käth"));
        assert!(contains("GEN-lang-7", "n-la") && !contains("short", "shorter"));
    }

    #[test]
    fn a_column_sorts_upwards_and_then_downwards() {
        let mut filter = Filter::default();
        assert_eq!(filter.next_sort("key"), "key");
        filter.sort = "key".into();
        assert_eq!(
            (filter.next_sort("key"), filter.direction("key")),
            ("-key".into(), Some("ascending"))
        );
        filter.sort = "-key".into();
        assert_eq!(
            (filter.next_sort("key"), filter.direction("key")),
            ("key".into(), Some("descending"))
        );
        assert_eq!(filter.direction("project"), None);
    }
}
