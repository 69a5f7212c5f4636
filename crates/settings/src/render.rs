//! The documentation that follows from the table: `docs/settings.md` and `.env.example`.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use crate::definition::{Definition, Group, Scope};
use crate::groups::definitions;
use crate::kind::Kind;

const MARKDOWN_INTRO: &str = "\
# Settings

<!-- Generated from crates/settings. Rewrite with: UPDATE_DOCS=1 cargo test -p settings -->

Every setting is an environment variable. They may also stand in a file `.env` in the working
directory; the real environment goes before the file. An empty variable counts as not set.

A setting's value is the built-in default, overridden by the environment, overridden by what an
administrator saved. `gemini-balance config list` shows every value and where it comes from,
`config set NAME VALUE` saves one, `config unset NAME` goes back. With `SETTINGS_READONLY=true` the
environment is final. A wrong value in the environment stops the start with one line that names the
variable; a wrong saved value is reported and passed over.

Forms of values:

* **Lists**: a JSON list (`[\"a\", \"b\"]`), or entries separated by commas or whitespace.
* **Switches**: `true`, `1`, `yes`, `on`; `false`, `0`, `no`, `off`.
* **Times**: seconds (`300`), or with a unit: `500ms`, `5s`, `5m`, `1h`.
* **Sizes**: bytes, or with a unit: `64KB`, `100MB`, `1GB`. A KB is 1024 bytes.
* **Maps**: a JSON object; single quotes are understood too.

What the last column may add: *environment* means that the setting is read from the environment
only; *restart* that a saved change takes effect at the next start; *no effect yet* that the name is
understood and checked, but this version does nothing with it.
";

const ENV_INTRO: &str = "\
# Settings of gemini-balance. Copy this file to .env and remove the # before what you change.
# All have a default; to begin with, set API_KEYS, ALLOWED_TOKENS and AUTH_TOKEN.
# Generated from crates/settings; docs/settings.md says more about the forms of values.
";

/// Text of `docs/settings.md`.
pub fn markdown() -> String {
    let mut text = MARKDOWN_INTRO.to_owned();
    for group in Group::ALL {
        let _ = write!(text, "\n## {}\n\n", group.title());
        text.push_str("| name | default | accepts | meaning |\n| --- | --- | --- | --- |\n");
        for definition in definitions().filter(|definition| definition.group == group) {
            text.push_str(&markdown_row(definition));
        }
    }
    text
}

/// Text of `.env.example`: every variable, commented out, with its default.
pub fn env_example() -> String {
    let mut text = ENV_INTRO.to_owned();
    for group in Group::ALL {
        let mut effective = definitions()
            .filter(|definition| definition.group == group && definition.effective)
            .peekable();
        if effective.peek().is_some() {
            let _ = write!(text, "\n# ---- {} ----\n", group.title());
        }
        effective.for_each(|definition| text.push_str(&env_entry(definition)));
    }
    text.push_str("\n# ---- Understood, but without an effect in this version ----\n");
    definitions()
        .filter(|definition| !definition.effective)
        .for_each(|definition| text.push_str(&env_entry(definition)));
    text
}

fn markdown_row(definition: Definition) -> String {
    let default = match definition.default {
        "" => "–".to_owned(),
        // Space for the browser to break a long list.
        long if long.len() > 40 => format!("`{}`", long.replace(',', ", ")),
        short => format!("`{short}`"),
    };
    let accepts = accepts(definition.kind);
    let meaning = meaning(definition);
    format!("| `{}` | {default} | {} | {} |\n", definition.name, cell(&accepts), cell(&meaning))
}

fn accepts(kind: Kind) -> String {
    match kind {
        Kind::Choice(words) if words.len() > 8 => {
            let first: Vec<_> = words.iter().take(3).copied().collect();
            format!("one of {} names: {}, …", words.len(), first.join(", "))
        }
        _ => kind.accepts(),
    }
}

fn meaning(definition: Definition) -> String {
    let mut text = definition.help.to_owned();
    for alias in definition.aliases {
        let _ = write!(text, " `{alias}` is understood too.");
    }
    let mut notes = Vec::new();
    match definition.scope {
        Scope::Anyone => {}
        Scope::Environment => notes.push("environment"),
        Scope::Imported(_) => notes.push("environment, at start"),
    }
    if definition.restart && definition.storable() {
        notes.push("restart");
    }
    if !definition.effective {
        notes.push("no effect yet");
    }
    if !notes.is_empty() {
        let _ = write!(text, " *({})*", notes.join("; "));
    }
    text
}

/// A text inside a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn env_entry(definition: Definition) -> String {
    let mut text = String::from("\n");
    let accepts = match definition.kind {
        Kind::Text | Kind::Secret | Kind::LongSecret { .. } => String::new(),
        kind => format!(" Accepts {}.", accepts(kind)),
    };
    for line in wrapped(&format!("{}{accepts}", definition.help)) {
        let _ = writeln!(text, "# {line}");
    }
    let value = definition.default;
    let quote = if value.contains(['"', ' ', '#']) { "'" } else { "" };
    let _ = writeln!(text, "#{}={quote}{value}{quote}", definition.name);
    text
}

fn wrapped(text: &str) -> Vec<String> {
    const WIDTH: usize = 96;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
