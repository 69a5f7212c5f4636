//! The recorded error bodies of `data/errors.json`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// A recorded answer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) id: String,
    pub(crate) http: u16,
    /// JSON, or text for the HTML ones.
    pub(crate) body: Value,
}

#[derive(Default, Deserialize)]
struct File {
    errors: Vec<Recorded>,
}

/// A constant table, parsed once.
static CATALOGUE: LazyLock<HashMap<String, Recorded>> = LazyLock::new(|| {
    let file: File = serde_json::from_str(include_str!("../data/errors.json")).unwrap_or_default();
    file.errors.into_iter().map(|recorded| (recorded.id.clone(), recorded)).collect()
});

/// The entry of this id.
pub(crate) fn recorded(id: &str) -> Option<&'static Recorded> {
    CATALOGUE.get(id)
}

#[cfg(test)]
pub(crate) fn ids() -> Vec<String> {
    CATALOGUE.keys().cloned().collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_whole_table_is_read() {
        assert_eq!(super::ids().len(), 42);
        assert_eq!(super::recorded("overloaded_503").unwrap().http, 503);
    }
}
