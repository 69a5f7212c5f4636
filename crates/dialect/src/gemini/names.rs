//! Names of functions: what Gemini allows, and the way back.

use std::{borrow::Cow, collections::HashMap};

use serde::{Deserialize, Serialize};

/// Gemini's limit of 2025; newer models take 128.
const MAX_NAME_BYTES: usize = 64;

/// Functions declared in a request, by the names that both sides use.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Name>", into = "Vec<Name>")]
pub(crate) struct Names {
    list: Vec<Name>,
    by_sent: HashMap<String, usize>,
    by_original: HashMap<String, usize>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Name {
    sent: String,
    original: String,
    custom: bool,
}

/// A function as the client named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Original<'a> {
    pub(crate) name: &'a str,
    /// A tool with free text instead of JSON arguments.
    pub(crate) custom: bool,
}

impl From<Vec<Name>> for Names {
    fn from(list: Vec<Name>) -> Self {
        let by = |name: fn(&Name) -> &String| {
            list.iter().enumerate().map(|(at, one)| (name(one).clone(), at)).collect()
        };
        Self { by_sent: by(|one| &one.sent), by_original: by(|one| &one.original), list }
    }
}

impl From<Names> for Vec<Name> {
    fn from(names: Names) -> Self {
        names.list
    }
}

impl Names {
    /// Takes in a declared function and gives the name to send, unique within the request.
    pub(crate) fn declare(&mut self, original: &str, custom: bool) -> &str {
        if let Some(known) = self.by_original.get(original) {
            return &self.list[*known].sent;
        }
        let mut sent = sanitise(original).into_owned();
        let wanted = sent.clone();
        let mut number = 2;
        while self.by_sent.contains_key(&sent) {
            let suffix = format!("_{number}");
            sent.clone_from(&wanted);
            sent.truncate(MAX_NAME_BYTES - suffix.len());
            sent.push_str(&suffix);
            number += 1;
        }
        let at = self.list.len();
        self.by_sent.insert(sent.clone(), at);
        self.by_original.insert(original.to_owned(), at);
        self.list.push(Name { sent, original: original.to_owned(), custom });
        &self.list[at].sent
    }

    /// The name to send for a call of the history, declared or not.
    pub(crate) fn sent<'a>(&self, original: &'a str) -> Cow<'a, str> {
        match self.by_original.get(original).map(|at| &self.list[*at]) {
            Some(name) if name.sent == original => Cow::Borrowed(original),
            Some(name) => Cow::Owned(name.sent.clone()),
            None => sanitise(original),
        }
    }

    /// The function that Gemini means; it sometimes puts its own namespace before the name.
    pub(crate) fn original<'a>(&'a self, sent: &'a str) -> Original<'a> {
        let bare = sent.strip_prefix("default_api.").or_else(|| sent.strip_prefix("default_api:"));
        let known = |wanted: &str| self.by_sent.get(wanted).map(|at| &self.list[*at]);
        match known(sent).or_else(|| known(bare?)) {
            Some(name) => Original { name: &name.original, custom: name.custom },
            None => Original { name: sent, custom: false },
        }
    }

    /// The client declared this function.
    pub(crate) fn has(&self, original: &str) -> bool {
        self.by_original.contains_key(original)
    }

    /// A name of the form `json`, `json_1`, … that no declared function has.
    pub(crate) fn unused(&self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 1;
        while self.by_sent.contains_key(&name) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        name
    }
}

fn sanitise(name: &str) -> Cow<'_, str> {
    let first_ok = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let rest_ok = |byte: u8| byte.is_ascii_alphanumeric() || b"_:.-".contains(&byte);
    let bytes = name.as_bytes();
    let clean = bytes.first().copied().is_some_and(first_ok)
        && bytes.iter().copied().all(rest_ok)
        && bytes.len() <= MAX_NAME_BYTES;
    if clean {
        return Cow::Borrowed(name);
    }
    let allowed = |character: char| u8::try_from(character).is_ok_and(rest_ok);
    let mut sent: String =
        name.chars().map(|character| if allowed(character) { character } else { '_' }).collect();
    if !sent.as_bytes().first().copied().is_some_and(first_ok) {
        sent.insert(0, '_');
    }
    sent.truncate(MAX_NAME_BYTES);
    Cow::Owned(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_gemini_refuses_find_their_way_back() {
        let mut names = Names::default();
        assert_eq!(names.declare("2fa-check", false), "_2fa-check");
        assert_eq!(names.declare("a b", true), "a_b");
        assert_eq!(names.declare("a_b", false), "a_b_2");
        let original = names.original("a_b");
        assert_eq!((original.name, original.custom), ("a b", true));
        assert_eq!(names.original("default_api:_2fa-check").name, "2fa-check");
        assert_eq!(names.original("default_api.unknown").name, "default_api.unknown");
        assert_eq!(names.sent("a b"), "a_b");
        assert_eq!(names.sent("1x"), "_1x");
    }

    #[test]
    fn long_names_are_cut_and_stay_distinct() {
        let mut names = Names::default();
        let long = "x".repeat(70);
        assert_eq!(names.declare(&long, false).len(), 64);
        let other = format!("{long}y");
        assert!(names.declare(&other, false).ends_with("x_2"));
        assert_eq!(names.unused("json"), "json");
    }
}
