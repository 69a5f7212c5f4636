//! Which Gemini model stands for a name of Claude.

use crate::models;

/// A table of patterns and Gemini models; the first pattern that fits counts.
///
/// `*` in a pattern stands for any characters, or none. The pattern is compared with the name as
/// the client wrote it and with the name without `-latest` or `@date`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aliases(Vec<Alias>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Alias {
    pattern: String,
    model: String,
}

const SMALL: &str = "gemini-3.5-flash-lite";
const MIDDLE: &str = "gemini-3.8-flash";

impl Default for Aliases {
    /// The table for pools of which nothing is known: no model in it needs a paid key.
    fn default() -> Self {
        Self::with_strongest(MIDDLE)
    }
}

impl Aliases {
    /// A table of `(pattern, model)`.
    pub fn new(entries: impl IntoIterator<Item = (String, String)>) -> Self {
        let alias = |(pattern, model)| Alias { pattern, model };
        Self(entries.into_iter().map(alias).collect())
    }

    /// The default table, with the strongest model that the pool can use for Claude's large ones.
    pub fn with_strongest(model: &str) -> Self {
        let entries = [
            ("claude-*haiku*", SMALL),
            ("claude-*opus*", model),
            ("claude-*fable*", model),
            ("claude-*mythos*", model),
            ("claude-*", MIDDLE),
        ];
        Self::new(entries.map(|(pattern, model)| (pattern.to_owned(), model.to_owned())))
    }

    /// Gemini's name for the name that a client asks for. Names that no pattern fits stay.
    pub fn resolve<'a>(&'a self, asked: &'a str) -> &'a str {
        let name = models::strip_prefix(asked);
        let name = name.strip_prefix("anthropic/").unwrap_or(name);
        // Claude Code asks for a longer context that way.
        let name = name.split_once('[').map_or(name, |(name, _)| name);
        if let Some(published) = published(name) {
            return published;
        }
        let bare = name.split_once('@').map_or(name, |(name, _)| name);
        let bare = bare.strip_suffix("-latest").unwrap_or(bare);
        let fits = |alias: &&Alias| matches(&alias.pattern, name) || matches(&alias.pattern, bare);
        self.0.iter().find(fits).map_or(name, |alias| &alias.model)
    }
}

/// The Gemini model of a name that the list of models made for it (see [`alias_of`]).
fn published(name: &str) -> Option<&str> {
    let model = name.strip_prefix("claude-")?;
    (model.starts_with("gemini-") || model.starts_with("gemma-")).then_some(model)
}

/// A name for a Gemini model under which Claude Code lists it.
pub(super) fn alias_of(model: &str) -> Option<String> {
    let alias = format!("claude-{model}");
    published(&alias).is_some().then_some(alias)
}

fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = name.find(piece) else { return false };
        name = &name[at + piece.len()..];
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_claude_become_models_of_gemini() {
        let aliases = Aliases::with_strongest("gemini-4-argon");
        let check = |asked: &str, model: &str| assert_eq!(aliases.resolve(asked), model, "{asked}");
        check("claude-haiku-5-5", "gemini-3.5-flash-lite");
        check("claude-3-5-haiku-20241022", "gemini-3.5-flash-lite");
        check("claude-3-5-haiku-latest", "gemini-3.5-flash-lite");
        check("claude-sonnet-5-5", "gemini-3.8-flash");
        check("anthropic/claude-sonnet-5[1m]", "gemini-3.8-flash");
        check("claude-opus-5-5@20261001", "gemini-4-argon");
        check("claude-fable-5-2", "gemini-4-argon");
        check("claude-mythos-5-2", "gemini-4-argon");
        check("claude-2.1", "gemini-3.8-flash");
        check("gemini-2.5-pro", "gemini-2.5-pro");
        check("models/gemini-flash-latest", "gemini-flash-latest");
        check("gemini-3.8-flash[1m]", "gemini-3.8-flash");
        check("claude-gemini-3.8-flash", "gemini-3.8-flash");
        check("gpt-5", "gpt-5");
        assert_eq!(Aliases::default().resolve("claude-opus-5-5"), "gemini-3.8-flash");
    }

    #[test]
    fn patterns_of_operators() {
        let table = [("fast", "a"), ("*-x-*-y", "b"), ("gemini-2.5-*", "c")];
        let aliases = Aliases::new(table.map(|(from, to)| (from.to_owned(), to.to_owned())));
        assert_eq!(aliases.resolve("fast"), "a");
        assert_eq!(aliases.resolve("faster"), "faster");
        assert_eq!(aliases.resolve("1-x-2-y"), "b");
        assert_eq!(aliases.resolve("1-x-y"), "1-x-y");
        assert_eq!(aliases.resolve("gemini-2.5-pro"), "c");
    }

    #[test]
    fn published_names_lead_back() {
        let alias = alias_of("gemini-4-argon").unwrap();
        assert_eq!(Aliases::default().resolve(&alias), "gemini-4-argon");
        assert_eq!(alias_of("imagen-4.0"), None);
    }
}
