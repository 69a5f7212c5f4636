//! The same request for a terminal, for Python, for JavaScript and for Claude Code, with a place for the token.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::composed::{Composed, Content, Field, FieldValue, Spoken, pretty, shortened};

/// Stands where the client's token goes.
const TOKEN: &str = "YOUR_CLIENT_TOKEN";

/// A request as others would write it. What was inlined is shortened and must be put in again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaySnippets)]
pub(crate) struct Snippets {
    pub(crate) curl: String,
    pub(crate) python: String,
    pub(crate) javascript: String,
    /// What lets Claude Code ask the same; nothing of what is no conversation.
    pub(crate) claude_code: Option<String>,
}

impl Snippets {
    /// For a gateway that is reached at `base`.
    pub(crate) fn of(composed: &Composed, base: &str) -> Self {
        let url = format!("{base}{}", composed.path);
        let headers = headers(composed);
        let claude_code = composed.spoken.as_ref().map(|spoken| claude_code(base, spoken));
        match &composed.content {
            Content::Json(body) => {
                let body = shortened(body);
                Self {
                    claude_code,
                    curl: curl(&url, &headers, &[format!("-d {}", shell(&pretty(&body)))]),
                    python: python(&url, &headers, &format!("json={}", of_python(&body, 1))),
                    javascript: javascript(
                        &url,
                        &headers,
                        "",
                        &format!("JSON.stringify({})", pretty(&body)),
                    ),
                }
            }
            Content::Form(fields) => {
                let each: Vec<String> = fields.iter().map(of_curl).collect();
                Self {
                    claude_code,
                    curl: curl(&url, &headers, &each),
                    python: python(&url, &headers, &python_form(fields)),
                    javascript: javascript(&url, &headers, &javascript_form(fields), "form"),
                }
            }
        }
    }
}

fn headers(composed: &Composed) -> Vec<(&'static str, String)> {
    let (name, before) = composed.credential;
    let mut headers = vec![(name, format!("{before}{TOKEN}"))];
    headers.extend(composed.headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
    if matches!(composed.content, Content::Json(_)) {
        headers.push(("content-type", "application/json".to_owned()));
    }
    headers
}

/// A text in single quotes, for a POSIX shell.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The environment and the command that put what was said last to Claude Code.
fn claude_code(base: &str, spoken: &Spoken) -> String {
    let mut lines = vec![
        format!("export ANTHROPIC_BASE_URL={}", shell(base)),
        format!("export ANTHROPIC_AUTH_TOKEN={TOKEN}"),
        format!("export ANTHROPIC_MODEL={}", shell(&spoken.model)),
    ];
    let mut command = "claude".to_owned();
    if !spoken.system.trim().is_empty() {
        command = format!("{command} --append-system-prompt {}", shell(&spoken.system));
    }
    if !spoken.text.trim().is_empty() {
        command = format!("{command} -p {}", shell(&spoken.text));
    }
    lines.push(command);
    lines.join("\n")
}

fn curl(url: &str, headers: &[(&str, String)], rest: &[String]) -> String {
    let headers =
        headers.iter().map(|(name, value)| format!("-H {}", shell(&format!("{name}: {value}"))));
    let parts = std::iter::once(format!("curl -N {}", shell(url))).chain(headers);
    parts.chain(rest.iter().cloned()).collect::<Vec<_>>().join(" \\\n  ")
}

fn of_curl(field: &Field) -> String {
    match &field.value {
        FieldValue::Text(text) => {
            format!("--form-string {}", shell(&format!("{}={text}", field.name)))
        }
        FieldValue::File { name, mime, .. } => {
            format!("-F {}", shell(&format!("{}=@{name};type={mime}", field.name)))
        }
    }
}

/// A text as Python and JavaScript both read it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn python(url: &str, headers: &[(&str, String)], content: &str) -> String {
    let headers: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("        {}: {},", quoted(name), quoted(value)))
        .collect();
    format!(
        "import requests\n\nanswer = requests.post(\n    {},\n    headers={{\n{}\n    }},\n    {content},\n    stream=True,\n)\nfor line in answer.iter_lines(decode_unicode=True):\n    print(line)\n",
        quoted(url),
        headers.join("\n"),
    )
}

/// A value as Python writes it.
fn of_python(value: &Value, depth: usize) -> String {
    let (inner, outer) = ("    ".repeat(depth + 1), "    ".repeat(depth));
    let list = |open, items: Vec<String>, close| {
        let items: Vec<String> = items.iter().map(|item| format!("{inner}{item},\n")).collect();
        if items.is_empty() {
            return format!("{open}{close}");
        }
        format!("{open}\n{}{outer}{close}", items.concat())
    };
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) => {
            list('[', items.iter().map(|item| of_python(item, depth + 1)).collect(), ']')
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                format!("{}: {}", quoted(name), of_python(value, depth + 1))
            };
            list('{', members.iter().map(member).collect(), '}')
        }
        other => other.to_string(),
    }
}

fn python_form(fields: &[Field]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|Field { name, value }| match value {
            FieldValue::Text(text) => {
                format!("        ({}, (None, {})),", quoted(name), quoted(text))
            }
            FieldValue::File { name: file, mime, .. } => format!(
                "        ({}, ({}, open({}, \"rb\"), {})),",
                quoted(name),
                quoted(file),
                quoted(file),
                quoted(mime)
            ),
        })
        .collect();
    format!("files=[\n{}\n    ]", fields.join("\n"))
}

fn javascript(url: &str, headers: &[(&str, String)], before: &str, body: &str) -> String {
    let headers: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("    {}: {},", quoted(name), quoted(value)))
        .collect();
    format!(
        "{before}const answer = await fetch({}, {{\n  method: \"POST\",\n  headers: {{\n{}\n  }},\n  body: {body},\n}});\nfor await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {{\n  console.log(piece);\n}}\n",
        quoted(url),
        headers.join("\n"),
    )
}

fn javascript_form(fields: &[Field]) -> String {
    let fields = fields.iter().map(|Field { name, value }| match value {
        FieldValue::Text(text) => format!("form.append({}, {});\n", quoted(name), quoted(text)),
        FieldValue::File { name: file, mime, .. } => format!(
            "form.append({}, new Blob([await readFile({})], {{ type: {} }}), {});\n",
            quoted(name),
            quoted(file),
            quoted(mime),
            quoted(file)
        ),
    });
    let fields: String = fields.collect();
    format!(
        "import {{ readFile }} from \"node:fs/promises\";\n\nconst form = new FormData();\n{fields}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::wanted::Play;
    use super::*;

    fn snippets(play: Value) -> Snippets {
        let play: Play = serde_json::from_value(play).unwrap();
        Snippets::of(&Composed::of(&play.wanted).unwrap(), "http://localhost:8000")
    }

    #[test]
    fn a_question_is_asked_in_three_languages() {
        let play = json!({"kind": "chat", "dialect": "chat", "model": "gemini-2.5-flash",
            "turns": [{"role": "user", "text": "What's \"up\"?"}], "stream": true});
        let Snippets { curl, python, javascript, .. } = snippets(play);
        insta::assert_snapshot!(format!("{curl}\n---\n{python}---\n{javascript}"));
    }

    #[test]
    fn claude_code_is_asked_what_was_said_last() {
        let play = json!({"kind": "chat", "dialect": "gemini", "model": "gemini-2.5-flash",
            "system": "Be brief.", "turns": [{"role": "user", "text": "one"},
            {"role": "assistant", "text": "two"}, {"role": "user", "text": "What's up?"}]});
        let asked = snippets(play).claude_code.unwrap();
        let wanted = r"export ANTHROPIC_BASE_URL='http://localhost:8000'
export ANTHROPIC_AUTH_TOKEN=YOUR_CLIENT_TOKEN
export ANTHROPIC_MODEL='gemini-2.5-flash'
claude --append-system-prompt 'Be brief.' -p 'What'\''s up?'";
        assert_eq!(asked, wanted);
        let picture = json!({"kind": "image", "model": "m", "prompt": "a cat"});
        assert_eq!(snippets(picture).claude_code, None);
    }

    #[test]
    fn a_form_is_sent_in_three_languages() {
        let play = json!({"kind": "image", "model": "gemini-2.5-flash-image", "prompt": "=@/etc/passwd",
            "files": [{"name": "cat.png", "mime": "image/png", "data": "iVBO"}]});
        let Snippets { curl, python, javascript, .. } = snippets(play);
        insta::assert_snapshot!(format!("{curl}\n---\n{python}---\n{javascript}"));
    }
}
