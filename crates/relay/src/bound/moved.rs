//! The names in a body of what is elsewhere now.

use bytes::Bytes;
use serde_json::Value;

use super::copying::Moved;

/// The body with the new names. A text for the model stays as it is, even if it is a name.
pub(super) fn renamed(body: &Bytes, moved: &[Moved]) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    rename(&mut value, moved);
    value.to_string().into()
}

fn rename(value: &mut Value, moved: &[Moved]) {
    match value {
        Value::String(text) => {
            if let Some(renamed) = moved.iter().find_map(|moved| new_text(text, moved)) {
                *text = renamed;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, moved)),
        Value::Object(fields) => {
            let meant = fields.iter_mut().filter(|(field, _)| *field != "text");
            meant.for_each(|(_, value)| rename(value, moved));
        }
        _ => {}
    }
}

/// A text that is the name, or an address that ends with it.
fn new_text(text: &str, moved: &Moved) -> Option<String> {
    let before = text.strip_suffix(moved.from.as_str())?;
    let is_address = before.starts_with("http") && before.ends_with('/');
    (before.is_empty() || is_address).then(|| format!("{before}{}", moved.to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_changed_and_texts_are_not() {
        let moved = Moved { from: "files/a".to_owned(), to: "files/b".to_owned() };
        let body = Bytes::from_static(
            br#"{"x":1.5,"parts":[{"text":"files/a"},{"fileUri":"https://g/v1beta/files/a"},"files/a","xfiles/a"]}"#,
        );
        let renamed = renamed(&body, &[moved]);
        assert_eq!(
            renamed,
            r#"{"x":1.5,"parts":[{"text":"files/a"},{"fileUri":"https://g/v1beta/files/b"},"files/b","xfiles/a"]}"#
        );
    }
}
