//! Keys found in whatever was pasted: lists, tables, `.env` files, JSON, prose.

use std::collections::HashSet;
use std::sync::Arc;

use keypool::Platform;
use secret::PoolKey;
use store::NewKey;

/// What a pasted text holds.
#[derive(Debug, Default)]
pub(crate) struct Pasted {
    pub(crate) keys: Vec<NewKey>,
    /// Keys that stand there more than once.
    pub(crate) duplicates: usize,
    /// What begins like a key and cannot be one.
    pub(crate) malformed: usize,
}

/// Both shapes of Google's keys: `AIza…` with 39 characters, and the newer `AQ.…`.
const BEGINNINGS: [&str; 2] = ["AIza", "AQ."];

const SHORTEST: usize = 30;

/// Finds them. A line of the form `key,name,project,tag` gives a key its name, project and label;
/// `platform` and `tags` are for all.
pub(crate) fn find(text: &str, platform: Platform, tags: &[String]) -> Pasted {
    let mut pasted = Pasted::default();
    let mut seen = HashSet::new();
    for line in text.lines() {
        let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let candidates: Vec<&str> = line
            .split(|c| !is_of_key(c))
            .filter(|word| BEGINNINGS.iter().any(|beginning| word.starts_with(beginning)))
            .collect();
        let described = if let [one] = candidates.as_slice() { columns(line, one) } else { None };
        for word in candidates {
            let word = word.trim_end_matches('.');
            let Some(secret) = Some(word)
                .filter(|word| word.len() >= SHORTEST)
                .and_then(|word| PoolKey::parse(word).ok())
            else {
                pasted.malformed += 1;
                continue;
            };
            if !seen.insert(word.to_owned()) {
                pasted.duplicates += 1;
                continue;
            }
            let mut key = NewKey::new(Arc::new(secret)).of(platform);
            key.tags = tags.to_vec();
            if let Some([name, project, tag]) = &described {
                key.name = some(name);
                key.project = some(project);
                key.tags.extend(some(tag).filter(|tag| !tags.contains(tag)));
            }
            pasted.keys.push(key);
        }
    }
    pasted
}

/// What stands after the key on its line.
fn columns(line: &str, key: &str) -> Option<[String; 3]> {
    let mut cells = line.split([',', '\t', ';']).map(str::trim);
    if cells.next()?.trim_matches('"') != key {
        return None;
    }
    let mut next = || cells.next().unwrap_or_default().trim_matches('"').to_owned();
    Some([next(), next(), next()])
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "AIzaSyA1234567890abcdefghijklmnopqrstuv";
    const TWO: &str = "AQ.Ab1234567890abcdefghijklmnopqrstuvwxyz";

    #[test]
    fn keys_are_found_in_anything() {
        let texts = [
            format!("{ONE}\n{TWO}\n{ONE}"),
            format!("API_KEYS=[\"{ONE}\", \"{TWO}\"] # {ONE}"),
            format!("use {ONE}, or {TWO}. Not {ONE}!"),
        ];
        for text in texts {
            let pasted = find(&text, Platform::Gemini, &[]);
            let found: Vec<_> = pasted.keys.iter().map(|key| key.secret.expose()).collect();
            assert_eq!((found, pasted.duplicates), (vec![ONE, TWO], 1), "{text}");
        }
        assert_eq!(find("AIzaShort and AIza", Platform::Gemini, &[]).malformed, 2);
    }

    #[test]
    fn a_line_may_describe_its_key() {
        let text = format!("{ONE},mine,gen-lang-1,paid\n{TWO}");
        let pasted = find(&text, Platform::Vertex, &["batch".to_owned()]);
        let [one, two] = pasted.keys.as_slice() else { panic!("two keys") };
        assert!(pasted.keys.iter().all(|key| key.platform == Platform::Vertex));
        assert_eq!(one.name.as_deref(), Some("mine"));
        assert_eq!(one.project.as_deref(), Some("gen-lang-1"));
        assert_eq!(one.tags, ["batch", "paid"]);
        assert_eq!(
            (two.name.as_deref(), two.tags.as_slice()),
            (None, ["batch".to_owned()].as_slice())
        );
    }
}
