//! Filters as they stand in addresses: links that keep what is said and change one thing.

use url::form_urlencoded::Serializer;

/// The fields as a query with one of them changed. Fields without a value are left out; the page is
/// left out as well, for another filter begins at the first.
pub(crate) fn with(fields: &[(&str, &str)], changed: &str, value: &str) -> String {
    let mut query = Serializer::new(String::new());
    for (name, own) in fields {
        let text = if *name == changed { value } else { own };
        if !text.is_empty() {
            query.append_pair(name, text);
        }
    }
    if changed == "page" && !["", "1"].contains(&value) {
        query.append_pair("page", value);
    }
    query.finish()
}

/// Which column a list is sorted by, and whether downwards: `size`, `-size`.
pub(crate) fn column(sort: &str) -> (&str, bool) {
    sort.strip_prefix('-').map_or((sort, false), |column| (column, true))
}

/// For `aria-sort`.
pub(crate) fn direction(sort: &str, wanted: &str) -> Option<&'static str> {
    let (column, downwards) = column(sort);
    (column == wanted).then_some(if downwards { "descending" } else { "ascending" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_what_is_said_and_nothing_else() {
        let fields = [("type", "file"), ("token", ""), ("state", "a b")];
        assert_eq!(with(&fields, "token", "t"), "type=file&token=t&state=a+b");
        assert_eq!(with(&fields, "page", "2"), "type=file&state=a+b&page=2");
        assert_eq!(with(&fields, "page", "1"), "type=file&state=a+b");
        assert_eq!(with(&fields, "type", ""), "state=a+b");
        assert_eq!(direction("-size", "size"), Some("descending"));
        assert_eq!(direction("size", "size"), Some("ascending"));
        assert_eq!(direction("size", "made"), None);
    }
}
