//! JSON Schemas of clients, rewritten to the part of JSON Schema that Gemini reads.
//!
//! What can be said in other words is (`const` as `enum`, `definitions` as `$defs`, `nullable` as a
//! type); what cannot, and changes the meaning, is left out and reported.

mod keywords;
mod references;

use serde_json::{Map, Value};

use references::Reference;

/// More nodes (schemas, values, stretches of text) than this are refused: inlined references can
/// multiply.
const MAX_NODES: usize = 100_000;

/// Nesting beyond this is cut off: inlined references can nest without end.
const MAX_DEPTH: usize = 150;

/// A schema that Gemini accepts.
#[derive(Debug, PartialEq)]
pub(crate) struct Clean {
    pub(crate) schema: Value,
    /// Something that changes the meaning was left out.
    pub(crate) lossy: bool,
}

/// The schema grew beyond all bounds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// Cleans a schema.
pub(crate) fn clean(schema: &Value) -> Result<Clean, TooLarge> {
    let mut cleaner =
        Cleaner { root: schema, lossy: false, nodes: 0, depth: 0, inlining: Vec::new() };
    let schema = cleaner.root();
    if cleaner.nodes > MAX_NODES {
        return Err(TooLarge);
    }
    Ok(Clean { schema, lossy: cleaner.lossy })
}

/// Cleans the schema of a function's parameters; `None` if it says nothing.
pub(crate) fn clean_parameters(schema: &Value) -> Result<Option<Clean>, TooLarge> {
    let mut clean = clean(schema)?;
    let Value::Object(root) = &mut clean.schema else {
        return Ok(None);
    };
    if root.get("type") != Some(&Value::from("object")) {
        root.insert("type".into(), "object".into());
    }
    let says_something = root.iter().any(|(key, value)| match key.as_str() {
        "type" | "title" | "description" | "$defs" => false,
        "properties" | "required" => !is_hollow(value),
        "additionalProperties" => value.is_object(),
        _ => true,
    });
    Ok(says_something.then_some(clean))
}

fn is_hollow(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

struct Cleaner<'a> {
    root: &'a Value,
    lossy: bool,
    nodes: usize,
    depth: usize,
    /// Pointers of the references being inlined right now.
    inlining: Vec<String>,
}

impl<'a> Cleaner<'a> {
    /// The root may not be a reference: it is replaced by what it points at.
    fn root(&mut self) -> Value {
        let target = references::follow(self.root, self.root);
        let Some(root) = self.root.as_object().filter(|root| root.contains_key("$ref")) else {
            return self.schema(self.root);
        };
        let mut clean = self.schema(target);
        if let Value::Object(clean) = &mut clean {
            for (key, value) in root.iter().filter(|(key, _)| *key != "$ref") {
                self.keyword(key, value, clean);
            }
        }
        clean
    }

    /// One schema, wherever it stands.
    fn schema(&mut self, schema: &'a Value) -> Value {
        self.nodes += 1;
        let Value::Object(members) = schema else {
            return Value::Object(Map::new());
        };
        if self.nodes > MAX_NODES || self.depth > MAX_DEPTH {
            self.lossy = true;
            return Value::Object(Map::new());
        }
        self.depth += 1;
        let clean = match references::only_pointer(members) {
            Some(pointer) => self.reference(pointer, members),
            None => self.members(members),
        };
        self.depth -= 1;
        clean
    }

    fn members(&mut self, members: &'a Map<String, Value>) -> Value {
        let mut clean = Map::with_capacity(members.len());
        for (key, value) in members {
            self.keyword(key, value, &mut clean);
        }
        if let Some(Value::Array(all)) = members.get("allOf") {
            self.merge_all_of(all, &mut clean);
        }
        self.finish(members, &mut clean);
        Value::Object(clean)
    }

    fn reference(&mut self, pointer: &str, members: &Map<String, Value>) -> Value {
        let reference = match references::read(self.root, pointer) {
            Reference::Definition(pointer) => serde_json::json!({ "$ref": pointer }),
            Reference::Elsewhere(_) if self.inlining.iter().any(|open| open == pointer) => {
                self.lossy = true;
                serde_json::json!({ "type": "object" })
            }
            Reference::Elsewhere(target) => {
                self.inlining.push(pointer.to_owned());
                let clean = self.schema(target);
                self.inlining.pop();
                clean
            }
            Reference::Nowhere => {
                self.lossy = true;
                Value::Object(Map::new())
            }
        };
        if members.get("nullable") == Some(&Value::Bool(true)) {
            return serde_json::json!({ "anyOf": [reference, { "type": "null" }] });
        }
        reference
    }

    /// Takes over one keyword, in Gemini's words.
    fn keyword(&mut self, key: &str, value: &'a Value, clean: &mut Map<String, Value>) {
        let cleaned = match key {
            "properties" | "$defs" | "definitions" => Value::Object(self.named(value)),
            "items" if value.is_array() => {
                clean.insert("prefixItems".into(), self.list(value));
                return;
            }
            "items" => self.schema(value),
            "anyOf" | "oneOf" | "prefixItems" => self.list(value),
            "additionalProperties" if value.is_object() => self.schema(value),
            "type" => keywords::lower_type(value),
            "allOf" | "const" | "nullable" | "exclusiveMinimum" | "exclusiveMaximum" => return,
            _ if keywords::is_noise(key) => return,
            _ => {
                self.nodes += keywords::weight(value);
                value.clone()
            }
        };
        let key = if key == "definitions" { "$defs" } else { key };
        match (clean.get_mut(key), cleaned) {
            // Both spellings of the definitions, or a root that was inlined.
            (Some(Value::Object(there)), Value::Object(more)) => there.extend(more),
            (_, cleaned) => {
                clean.insert(key.to_owned(), cleaned);
            }
        }
    }

    fn named(&mut self, value: &'a Value) -> Map<String, Value> {
        let mut clean = Map::new();
        for (name, schema) in value.as_object().into_iter().flatten() {
            if schema == &Value::Bool(false) {
                self.lossy = true;
            } else {
                self.nodes += keywords::text_weight(name);
                clean.insert(name.clone(), self.schema(schema));
            }
        }
        clean
    }

    fn list(&mut self, value: &'a Value) -> Value {
        value.as_array().into_iter().flatten().map(|schema| self.schema(schema)).collect()
    }

    /// `allOf` becomes part of the schema itself where all of it are objects.
    fn merge_all_of(&mut self, all: &'a [Value], clean: &mut Map<String, Value>) {
        for (position, schema) in all.iter().enumerate() {
            let pointer = schema.get("$ref").and_then(Value::as_str).unwrap_or_default();
            let target = references::follow(self.root, schema);
            let cyclic = self.inlining.iter().any(|open| open == pointer);
            if cyclic || (position > 0 && !keywords::is_object_schema(target)) {
                self.lossy = true;
                continue;
            }
            if !pointer.is_empty() {
                self.inlining.push(pointer.to_owned());
            }
            let part = self.schema(target);
            if !pointer.is_empty() {
                self.inlining.pop();
            }
            keywords::merge(clean, part);
        }
    }

    /// What depends on several keywords together.
    fn finish(&mut self, members: &Map<String, Value>, clean: &mut Map<String, Value>) {
        if let Some(constant) = members.get("const") {
            clean.insert("enum".into(), Value::Array(vec![constant.clone()]));
        }
        self.lossy |= keywords::settle_enum(clean);
        keywords::settle_bounds(members, clean);
        if members.get("nullable") == Some(&Value::Bool(true)) {
            keywords::allow_null(clean);
        }
        keywords::settle_required(clean);
    }
}

#[cfg(test)]
mod tests;
