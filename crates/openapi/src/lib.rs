//! The documents in which OpenAI and Anthropic describe their APIs: answers are held against them,
//! requests are made from them.
//!
//! For tests only. The documents belong to others and are read where they lie, beside the
//! repository; where they are missing, [`Document::openai`] and [`Document::anthropic`] say that
//! the test is skipped.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::print_stdout,
    reason = "a test that cannot read its documents has failed"
)]

mod amendments;
mod generator;
mod plain;
mod strings;
mod unions;

use std::path::Path;

use serde_json::{Value, json};

pub use generator::Generator;

/// A document, with what is wrong in it put right.
pub struct Document {
    /// `{"components": {"schemas": …}}`, in JSON Schema 2020-12.
    root: Value,
}

impl Document {
    /// OpenAI's; none, with a message, where it is not there.
    pub fn openai() -> Option<Self> {
        Self::read("openai/openapi.json", amendments::OPENAI)
    }

    /// Anthropic's; none, with a message, where it is not there.
    pub fn anthropic() -> Option<Self> {
        Self::read("anthropic/anthropic-openapi-202512.json", amendments::ANTHROPIC)
    }

    fn read(name: &str, amendments: &[amendments::Amendment]) -> Option<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
        let Ok(text) = std::fs::read(&path) else {
            println!("skipped: no {}", path.display());
            return None;
        };
        let mut document: Value = serde_json::from_slice(&text).unwrap();
        let mut root = json!({"components": {"schemas": document["components"]["schemas"].take()}});
        amendments::apply(&mut root, amendments);
        plain::make(&mut root);
        Some(Self { root })
    }

    /// What holds values against a component.
    pub fn validator(&self, component: &str) -> Validator {
        let mut schema = self.root.clone();
        unions::tell_apart(&mut schema);
        assert!(schema["components"]["schemas"].get(component).is_some(), "no {component}");
        schema["$ref"] = format!("#/components/schemas/{component}").into();
        let schema = jsonschema::draft202012::new(&schema);
        Validator(schema.unwrap_or_else(|error| panic!("{component}: {error}")))
    }
}

/// Holds values against one component of a document.
pub struct Validator(jsonschema::Validator);

impl Validator {
    /// Panics with every fault of the value; `what` names it.
    #[track_caller]
    pub fn check(&self, what: &str, value: &Value) {
        let faults: Vec<String> = self
            .0
            .iter_errors(value)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{what}:\n{}\n{value:#}", faults.join("\n"));
    }
}
