//! Values made from a schema.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Map, Value, json};

use crate::{Document, strings};

/// Where choices come from: the same seed makes the same values.
pub(crate) type Chance = StdRng;

/// Deeper than this, only what must be there is.
const DEEP: usize = 7;

/// What a value may be made of at most, so that none grows without end.
const PIECES: usize = 400;

/// Makes values that a component of a document allows.
pub struct Generator<'d> {
    schemas: &'d Value,
    chance: Chance,
    /// What may still be added to the value.
    pieces: usize,
}

impl<'d> Generator<'d> {
    /// Makes the values of this seed.
    pub fn new(document: &'d Document, seed: u64) -> Self {
        let schemas = &document.root["components"]["schemas"];
        Self { schemas, chance: Chance::seed_from_u64(seed), pieces: 0 }
    }

    /// The next value.
    pub fn value(&mut self, component: &str) -> Value {
        self.pieces = PIECES;
        self.make("", &self.schemas[component], 0)
    }

    /// A value for the member `name`.
    fn make(&mut self, name: &str, schema: &'d Value, depth: usize) -> Value {
        self.pieces = self.pieces.saturating_sub(1);
        if let Some(target) = schema["$ref"].as_str() {
            let target = target.trim_start_matches("#/components/schemas/");
            return self.make(name, &self.schemas[target], depth);
        }
        if let Some(all) = schema["allOf"].as_array() {
            return self.all(name, schema, all, depth);
        }
        if let Some(alternatives) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            let chosen = self.choose(alternatives, depth);
            return self.make(name, chosen, depth + 1);
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(values) = schema["enum"].as_array() {
            return values.choose(&mut self.chance).cloned().unwrap_or_default();
        }
        let kinds = schema["type"].as_array();
        let kind = match kinds.and_then(|kinds| kinds.choose(&mut self.chance)) {
            Some(kind) => kind.as_str(),
            None => schema["type"].as_str(),
        };
        match kind {
            Some("null") => Value::Null,
            Some("boolean") => self.chance.random::<bool>().into(),
            Some("integer") => self.integer(schema).into(),
            Some("number") => (self.integer(schema) as f64 / 2.0).into(),
            Some("string") => strings::text(name, schema, &mut self.chance).into(),
            Some("array") => self.array(name, schema, depth),
            _ if schema.get("properties").is_none() && kind.is_none() => self.anything(),
            _ => self.object(schema, depth).into(),
        }
    }

    /// One that ends soon, once there is no room for more.
    fn choose(&mut self, alternatives: &'d [Value], depth: usize) -> &'d Value {
        let ends = |schema: &&Value| matches!(schema["type"].as_str(), Some("string" | "null"));
        let short = alternatives.iter().find(ends);
        match short.filter(|_| depth > DEEP || self.pieces == 0) {
            Some(short) => short,
            None => alternatives.choose(&mut self.chance).unwrap_or(&Value::Null),
        }
    }

    /// What all of them say together, and the schema itself beside them.
    fn all(&mut self, name: &str, schema: &'d Value, all: &'d [Value], depth: usize) -> Value {
        let mut made = json!({});
        for part in all {
            match (self.make(name, part, depth), &mut made) {
                (Value::Object(more), Value::Object(members)) => members.extend(more),
                (other, made) => *made = other,
            }
        }
        if let (Some(_), Value::Object(members)) = (schema.get("properties"), &mut made) {
            members.extend(self.object(schema, depth));
        }
        made
    }

    fn object(&mut self, schema: &'d Value, depth: usize) -> Map<String, Value> {
        let required = schema["required"].as_array();
        let is_required =
            |name: &str| required.is_some_and(|names| names.iter().any(|known| known == name));
        let mut made = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let room = depth <= DEEP && self.pieces > 0;
            if is_required(name) || (room && self.chance.random_bool(0.2)) {
                made.insert(name.clone(), self.make(name, property, depth + 1));
            }
        }
        if let Some(more) = schema.get("additionalProperties").filter(|more| **more != false) {
            for name in ["a", "type", "$ref"] {
                if self.pieces > 0 && self.chance.random_bool(0.1) {
                    made.insert(name.to_owned(), self.make(name, more, depth + 1));
                }
            }
        }
        made
    }

    fn array(&mut self, name: &str, schema: &'d Value, depth: usize) -> Value {
        let least = schema["minItems"].as_u64().unwrap_or(0) as usize;
        let most = schema["maxItems"].as_u64().unwrap_or(4).min(4) as usize;
        let room = if depth <= DEEP && self.pieces > 0 { most.max(least) } else { least };
        let length = self.chance.random_range(least..=room);
        (0..length).map(|_| self.make(name, &schema["items"], depth + 1)).collect()
    }

    fn integer(&mut self, schema: &Value) -> i64 {
        let bound = |name: &str| schema[name].as_f64().map(|bound| bound as i64);
        let least = bound("minimum").or(bound("exclusiveMinimum")).unwrap_or(-1);
        let most = bound("maximum").or(bound("exclusiveMaximum")).unwrap_or(4096).max(least);
        match self.chance.random_range(0..8) {
            0 => least,
            1 => most,
            _ => self.chance.random_range(least..=most),
        }
    }

    fn anything(&mut self) -> Value {
        let values = [json!(null), json!(true), json!(-1.5e9), json!("text"), json!([1, {}])];
        values.choose(&mut self.chance).cloned().unwrap_or_default()
    }
}
