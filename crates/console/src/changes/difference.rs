//! What a change has changed, as it stands in the audit log.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A value before and after somebody changed it; neither of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Difference {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) before: Option<String>,
    #[serde(default)]
    pub(crate) after: Option<String>,
    /// Whether it is nothing that people may see.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) secret: bool,
}

impl Difference {
    /// Of one value.
    pub(crate) fn of(name: &str, before: Option<&str>, after: Option<&str>) -> Self {
        let [before, after] = [before, after].map(|text| text.map(str::to_owned));
        Self { name: name.to_owned(), before, after, secret: false }
    }

    /// Those between two objects, which have what people may see only.
    pub(crate) fn between(before: &Value, after: &Value) -> Vec<Self> {
        let nothing = serde_json::Map::new();
        let [before, after] = [before, after].map(|value| value.as_object().unwrap_or(&nothing));
        let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
        names
            .filter(|name| shown(before.get(*name)) != shown(after.get(*name)))
            .map(|name| {
                let [before, after] = [before, after].map(|object| shown(object.get(name)));
                Self { name: name.clone(), before, after, secret: false }
            })
            .collect()
    }
}

/// What the audit log says of changes, beside what they were made to.
pub(crate) fn detail(name: &str, changes: &[Difference]) -> String {
    let mut detail = json!({"changes": changes});
    if !name.is_empty() {
        detail["name"] = name.into();
    }
    detail.to_string()
}

/// A value as people read it; nothing of what is empty.
fn shown(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().filter_map(|item| shown(Some(item))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({"name": "a", "tags": [], "weight": 1, "note": null});
        let after = json!({"name": "b", "tags": ["x", "y"], "weight": 1, "note": "", "new": 2});
        let differences = Difference::between(&before, &after);
        let expected = [
            Difference::of("name", Some("a"), Some("b")),
            Difference::of("tags", None, Some("x, y")),
            Difference::of("new", None, Some("2")),
        ];
        assert_eq!(differences, expected);
        let told: Value = serde_json::from_str(&detail("laptop", &differences)).unwrap();
        assert_eq!((&told["name"], &told["changes"][0]["after"]), (&"laptop".into(), &"b".into()));
    }
}
