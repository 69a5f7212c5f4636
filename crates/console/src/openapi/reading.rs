//! The document as people read it: chapters of endpoints, and the schemas that they name.

use serde_json::Value;

/// Everything that a page shows of the document.
pub(crate) struct Described {
    pub(crate) chapters: Vec<Chapter>,
    pub(crate) components: Vec<Component>,
}

/// Endpoints about one thing.
pub(crate) struct Chapter {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) endpoints: Vec<Endpoint>,
}

/// Something that can be asked for.
pub(crate) struct Endpoint {
    /// Its name in the document, and in the page's address.
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    /// What is sent is a file.
    pub(crate) is_file: bool,
    pub(crate) answers: Vec<Answer>,
}

/// What an address may hold.
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// `path` or `query`.
    pub(crate) place: String,
    pub(crate) is_required: bool,
    pub(crate) kind: String,
    pub(crate) about: String,
}

/// What is sent.
pub(crate) struct Body {
    pub(crate) kind: String,
    /// A schema's name, if it is one.
    pub(crate) component: Option<String>,
    pub(crate) example: String,
}

/// What comes back.
pub(crate) struct Answer {
    pub(crate) status: String,
    pub(crate) about: String,
    pub(crate) kind: String,
    pub(crate) component: Option<String>,
    pub(crate) example: String,
}

/// A schema with a name.
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) about: String,
    /// What it is, if it is no object.
    pub(crate) kind: String,
    pub(crate) fields: Vec<Field>,
}

/// A field of an object.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) component: Option<String>,
    pub(crate) is_required: bool,
    pub(crate) about: String,
}

/// Reads a document.
pub(crate) fn read(document: &Value) -> Described {
    let endpoints = || {
        entries(&document["paths"]).flat_map(|(path, item)| {
            entries(item).map(move |(method, operation)| (path, method, operation))
        })
    };
    let chapter = |tag: &Value| Chapter {
        name: text(&tag["name"]),
        about: text(&tag["description"]),
        endpoints: endpoints()
            .filter(|(.., operation)| operation["tags"][0] == tag["name"])
            .map(|(path, method, operation)| Endpoint::read(path, method, operation))
            .collect(),
    };
    Described {
        chapters: items(&document["tags"]).map(chapter).collect(),
        components: entries(&document["components"]["schemas"])
            .map(|(name, schema)| Component::read(name, schema))
            .collect(),
    }
}

/// Where the description of a body that is a file stands.
const FILE: &str = "/content/application~1octet-stream";

impl Endpoint {
    fn read(path: &str, method: &str, operation: &Value) -> Self {
        let parameter = |parameter: &Value| Parameter {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            is_required: parameter["required"] == true,
            kind: kind(&parameter["schema"]),
            about: text(&parameter["description"]),
        };
        let answer = |(status, answer): (&str, &Value)| {
            let (kind, component, example) = content(answer).unwrap_or_default();
            let about = text(&answer["description"]);
            Answer { status: status.to_owned(), about, kind, component, example }
        };
        let body = content(&operation["requestBody"]);
        let is_file = operation["requestBody"].pointer(FILE).is_some();
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            parameters: items(&operation["parameters"]).map(parameter).collect(),
            body: body.map(|(kind, component, example)| Body { kind, component, example }),
            is_file,
            answers: entries(&operation["responses"]).map(answer).collect(),
        }
    }

    /// How it is asked for in a shell, at this address.
    pub(crate) fn curl(&self, base: &str) -> String {
        let method = match self.method.as_str() {
            "GET" => String::new(),
            method => format!(" -X {method}"),
        };
        let path = self.path.replace('{', "").replace("id}", "ID");
        let head = format!("curl{method} -H \"Authorization: Bearer $AUTH_TOKEN\"");
        match &self.body {
            None if self.is_file => {
                format!("{head} \\\n  --data-binary @FILE {base}{path}")
            }
            None => format!("{head} {base}{path}"),
            Some(body) => {
                let compact = serde_json::from_str::<Value>(&body.example);
                let compact = compact.map(|example| example.to_string()).unwrap_or_default();
                let data = compact.replace('\'', "'\\''");
                format!(
                    "{head} \\\n  -H 'Content-Type: application/json' \\\n  -d '{data}' {base}{path}"
                )
            }
        }
    }
}

impl Component {
    fn read(name: &str, schema: &Value) -> Self {
        let parts: Vec<&Value> = match schema.get("allOf") {
            Some(parts) => items(parts).collect(),
            None => vec![schema],
        };
        let fields: Vec<Field> = parts.iter().flat_map(|part| fields(part)).collect();
        let others = parts.iter().filter(|part| part.get("properties").is_none());
        let others: Vec<String> = others.map(|part| kind(part)).collect();
        Self {
            name: name.to_owned(),
            about: text(&schema["description"]),
            kind: others.join(" and "),
            fields,
        }
    }
}

fn fields(schema: &Value) -> impl Iterator<Item = Field> {
    entries(&schema["properties"]).map(|(name, property)| Field {
        name: name.to_owned(),
        kind: kind(property),
        component: component(property),
        is_required: items(&schema["required"]).any(|required| required == name),
        about: text(&property["description"]),
    })
}

/// What a body holds: its kind, its schema's name, an example in several lines.
fn content(body: &Value) -> Option<(String, Option<String>, String)> {
    let content = body.pointer("/content/application~1json")?;
    let schema = &content["schema"];
    let example = content.get("example").map(|example| format!("{example:#}"));
    Some((kind(schema), component(schema), example.unwrap_or_default()))
}

/// A schema in few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return name.to_owned();
    }
    if let Some(values) = schema.get("enum") {
        return items(values).map(text).collect::<Vec<_>>().join(" | ");
    }
    for (word, joint) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        if let Some(parts) = schema.get(word) {
            return items(parts).map(kind).collect::<Vec<_>>().join(joint);
        }
    }
    match &schema["type"] {
        Value::String(one) if one == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(one) if one == "object" && schema.get("additionalProperties").is_some() => {
            format!("map to {}", kind(&schema["additionalProperties"]))
        }
        Value::String(one) if one == "object" && schema.get("properties").is_some() => {
            let names = entries(&schema["properties"]).map(|(name, _)| name);
            format!("{{{}}}", names.collect::<Vec<_>>().join(", "))
        }
        Value::String(one) => one.clone(),
        several @ Value::Array(_) => items(several).map(text).collect::<Vec<_>>().join(" | "),
        _ => "anything".to_owned(),
    }
}

/// The one schema with a name that this is, or is a list of, or may be.
fn component(schema: &Value) -> Option<String> {
    if let Some(name) = reference(schema) {
        return Some(name.to_owned());
    }
    let parts = schema.get("oneOf").into_iter().flat_map(items);
    parts.chain(schema.get("items")).find_map(component)
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_the_document_is_shown() {
        let document = serde_json::to_value(crate::openapi_document()).unwrap();
        let described = read(&document);
        let shown: usize = described.chapters.iter().map(|chapter| chapter.endpoints.len()).sum();
        let there: usize = entries(&document["paths"]).map(|(_, item)| entries(item).count()).sum();
        assert_eq!(shown, there);
        assert!(described.chapters.iter().all(|chapter| !chapter.endpoints.is_empty()));
        for component in &described.components {
            let says = !component.fields.is_empty() || !component.kind.is_empty();
            assert!(says, "{} shows nothing", component.name);
        }
    }

    #[test]
    fn an_endpoint_can_be_asked_for_in_a_shell() {
        let document = serde_json::to_value(crate::openapi_document()).unwrap();
        let chapters = read(&document).chapters;
        let mut endpoints = chapters.iter().flat_map(|chapter| &chapter.endpoints);
        let change = endpoints.find(|endpoint| endpoint.id == "changeKey").unwrap();
        assert_eq!(
            change.curl("http://host"),
            "curl -X PATCH -H \"Authorization: Bearer $AUTH_TOKEN\" \\\n  -H 'Content-Type: \
             application/json' \\\n  -d '{\"project\":\"gen-lang-1\",\"enabled\":true}' \
             http://host/api/admin/keys/ID"
        );
    }
}
