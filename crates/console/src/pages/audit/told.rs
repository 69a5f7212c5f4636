//! An entry of the audit log as people read it: what was changed from what to what, and what else is
//! known of it.

use keypool::Timestamp;
use serde_json::Value;
use store::AuditEntry;

use crate::changes::Difference;

/// The longest text that is shown without being asked for, in characters.
const SHORT: usize = 120;

/// An entry.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) at: Timestamp,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) object: String,
    /// Where what it was done to is shown, if it has a page.
    pub(super) address: Option<String>,
    /// In short.
    pub(super) says: String,
    pub(super) changes: Vec<Difference>,
    /// What else is known, as names and values.
    pub(super) facts: Vec<(String, String)>,
}

impl Told {
    /// Whether there is more than what it says in short.
    pub(super) fn opens(&self) -> bool {
        !self.changes.is_empty() || !self.facts.is_empty()
    }

    /// The page of a job that is named.
    pub(super) fn job(name: &str, value: &str) -> Option<String> {
        (name == "job").then(|| format!("/admin/jobs/{value}"))
    }
}

impl From<AuditEntry> for Told {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { at, actor, action, object, detail, .. } = entry;
        let address = address(&action, &object);
        let (changes, facts) = read(&detail);
        let says = if changes.is_empty() && facts.is_empty() {
            detail
        } else {
            let names = changes.iter().map(|change| change.name.clone());
            let told = facts.iter().map(|(name, value)| format!("{name} {value}"));
            shortened(&names.chain(told).collect::<Vec<_>>().join(", "))
        };
        Self { at, actor, action, object, address, says, changes, facts }
    }
}

/// The changes that a detail tells of, and what else is in it.
fn read(detail: &str) -> (Vec<Difference>, Vec<(String, String)>) {
    match serde_json::from_str(detail) {
        Ok(list @ Value::Array(_)) => {
            (serde_json::from_value(list).unwrap_or_default(), Vec::new())
        }
        Ok(Value::Object(mut object)) => {
            let changes = object.remove("changes").map(serde_json::from_value);
            let changes = changes.and_then(Result::ok).unwrap_or_default();
            let facts = object.into_iter().map(|(name, value)| match value {
                Value::String(text) => (name, text),
                other => (name, other.to_string()),
            });
            (changes, facts.collect())
        }
        _ => (Vec::new(), Vec::new()),
    }
}

fn address(action: &str, object: &str) -> Option<String> {
    let escaped = || url::form_urlencoded::byte_serialize(object.as_bytes()).collect::<String>();
    let (subject, verb) = action.split_once('.')?;
    match subject {
        _ if object.is_empty() => None,
        "keys" if verb != "remove" => Some(format!("/admin/keys/{}", escaped())),
        "tokens" => Some(format!("/admin/tokens/{}", escaped())),
        "errors" => Some(format!("/admin/errors?range=30d&group={}", escaped())),
        _ => None,
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHORT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(action: &str, object: &str, detail: &str) -> Told {
        let [action, object, detail] = [action, object, detail].map(str::to_owned);
        let at = Timestamp::from_millis(0);
        let (id, actor) = (String::new(), "ann".to_owned());
        Told::from(AuditEntry { id, at, actor, action, object, detail })
    }

    #[test]
    fn changes_are_found_however_they_were_written_down() {
        let saved = r#"[{"name":"MAX_RETRIES","before":"3","after":"5","secret":false,"stored":null},
            {"name":"PICGO_API_KEY","before":null,"after":null,"secret":true,"stored":null}]"#;
        let saved = told("settings.save", "MAX_RETRIES, PICGO_API_KEY", saved);
        assert_eq!(saved.changes[0], Difference::of("MAX_RETRIES", Some("3"), Some("5")));
        assert!(saved.changes[1].secret && saved.address.is_none());
        let edited =
            r#"{"name":"laptop","changes":[{"name":"tags","before":null,"after":"free"}]}"#;
        let edited = told("tokens.edit", "some-id", edited);
        assert_eq!(edited.changes[0].after.as_deref(), Some("free"));
        assert_eq!(edited.facts, [("name".to_owned(), "laptop".to_owned())]);
        assert_eq!(edited.says, "tags, name laptop");
        assert_eq!(edited.address.as_deref(), Some("/admin/tokens/some-id"));
    }

    #[test]
    fn words_stay_words_and_facts_are_told() {
        let words = told("tokens.create", "some-id", "laptop");
        assert!(words.says == "laptop" && !words.opens());
        let begun = told("keys.verify", "", r#"{"count":12,"job":"some-job"}"#);
        assert_eq!(begun.says, "count 12, job some-job");
        assert_eq!(Told::job("job", "some-job").as_deref(), Some("/admin/jobs/some-job"));
        assert!(told("people.add", "bob", "").says.is_empty());
        let long = format!(r#"{{"keys":"{}"}}"#, "k".repeat(200));
        assert_eq!(told("import", "", &long).says.chars().count(), SHORT + 1);
    }
}
