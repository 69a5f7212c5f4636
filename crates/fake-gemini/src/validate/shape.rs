//! Checks JSON against a message's fields, and brings the names into camel case.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value, map};

use super::fields::{Kind, Message};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// How many bytes this base64 text stands for; none where it is not base64.
pub(crate) fn decoded_len(text: &str) -> Option<usize> {
    let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
    decoded.ok().map(|bytes| bytes.len())
}

/// What is wrong: (field, description). Nulls are removed, single values of repeated fields
/// become lists, names become camel case.
pub(super) fn check(value: &mut Value, message: &'static Message) -> Vec<(String, String)> {
    let mut checker = Checker { problems: Vec::new() };
    checker.message(value, message, "");
    checker.problems
}

struct Checker {
    problems: Vec<(String, String)>,
}

impl Checker {
    fn message(&mut self, value: &mut Value, message: &'static Message, at: &str) {
        let Value::Object(object) = value else {
            return self.invalid(at, &type_name(message), value);
        };
        for (name, mut field) in std::mem::take(object) {
            let camel = to_camel(&name);
            let known = message.fields.iter().find(|(known, _)| *known == camel || *known == name);
            let Some((known, kind)) = known else {
                self.unknown(&name, at, "Cannot find field.");
                continue;
            };
            if field.is_null() && !matches!(kind, Kind::Any) {
                continue;
            }
            self.field(&mut field, kind, &name, at);
            match object.entry(*known) {
                map::Entry::Occupied(_) => self.twice(&name, at),
                map::Entry::Vacant(slot) => {
                    slot.insert(field);
                }
            }
        }
        self.one_of(object, message, at);
    }

    fn one_of(&mut self, object: &Map<String, Value>, message: &Message, at: &str) {
        let set = object.keys().filter(|key| message.one_of.contains(&key.as_str()));
        if let Some(second) = set.skip(1).last() {
            self.problem(
                at,
                format!(
                    "Invalid value at '{at}' (oneof), oneof field 'data' is already set. Cannot \
                     set '{second}'"
                ),
            );
        }
    }

    fn field(&mut self, value: &mut Value, kind: &'static Kind, name: &str, parent: &str) {
        let at = joined(parent, name);
        if let Kind::List(item) = kind {
            if !value.is_array() {
                *value = Value::Array(vec![value.take()]);
            }
            for (index, value) in value.as_array_mut().into_iter().flatten().enumerate() {
                self.value(value, item, &format!("{at}[{index}]"));
            }
            return;
        }
        if value.is_array() && !matches!(kind, Kind::Any) {
            return self.unknown(name, parent, "Proto field is not repeating, cannot start list.");
        }
        self.value(value, kind, &at);
    }

    fn value(&mut self, value: &mut Value, kind: &'static Kind, at: &str) {
        match kind {
            Kind::Any => {}
            Kind::Message(message) => self.message(value, message, at),
            Kind::Map(item) => match value {
                Value::Object(entries) => {
                    for (key, value) in entries.iter_mut() {
                        self.value(value, item, &format!("{at}.{key}"));
                    }
                }
                value => self.invalid(at, "Map", value),
            },
            Kind::List(_) => self.invalid(at, "List", value),
            Kind::Enum(names) => self.enumeration(value, names, at),
            Kind::Text => self.scalar(value, value.is_string(), "TYPE_STRING", at),
            Kind::Bool => self.scalar(value, value.is_boolean(), "TYPE_BOOL", at),
            Kind::Number => {
                let fits = value.is_number() || parses::<f64>(value);
                self.scalar(value, fits, "TYPE_FLOAT", at);
            }
            Kind::Integer => {
                let fits = value.as_f64().is_some_and(|number| number.fract() == 0.0);
                self.scalar(value, fits || parses::<i64>(value), "TYPE_INT32", at);
            }
            Kind::Struct => {
                let name = "type.googleapis.com/google.protobuf.Struct";
                self.scalar(value, value.is_object(), name, at);
            }
            Kind::Bytes => self.bytes(value, at),
        }
    }

    fn bytes(&mut self, value: &Value, at: &str) {
        let Value::String(text) = value else { return self.invalid(at, "TYPE_BYTES", value) };
        if decoded_len(text).is_none() {
            let shown: String = text.chars().take(40).collect();
            self.problem(
                at,
                format!(
                    "Invalid value at '{at}' (TYPE_BYTES), Base64 decoding failed for \"{shown}\""
                ),
            );
        }
    }

    fn enumeration(&mut self, value: &mut Value, names: &[&str], at: &str) {
        let known = value.as_str().and_then(|text| {
            names.iter().find(|name| name.eq_ignore_ascii_case(text)).map(ToString::to_string)
        });
        match known {
            Some(name) => *value = Value::String(name),
            None if value.is_u64() => {}
            None => self.invalid(
                at,
                "type.googleapis.com/google.ai.generativelanguage.v1beta.Enum",
                value,
            ),
        }
    }

    fn scalar(&mut self, value: &Value, fits: bool, kind: &str, at: &str) {
        if !fits {
            self.invalid(at, kind, value);
        }
    }

    fn invalid(&mut self, at: &str, kind: &str, value: &Value) {
        let at = if at.is_empty() { "root" } else { at };
        self.problem(at, format!("Invalid value at '{at}' ({kind}), {value}"));
    }

    fn unknown(&mut self, name: &str, at: &str, why: &str) {
        let place = if at.is_empty() { String::new() } else { format!(" at '{at}'") };
        let said = format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: {why}");
        self.problem(at, said);
    }

    fn twice(&mut self, name: &str, at: &str) {
        let place = joined(at, name);
        self.problem(
            at,
            format!("Invalid value at '{place}' (oneof), field '{place}' is already set."),
        );
    }

    fn problem(&mut self, field: &str, said: String) {
        self.problems.push((field.to_owned(), said));
    }
}

fn parses<T: std::str::FromStr>(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<T>().is_ok())
}

fn type_name(message: &Message) -> String {
    format!("type.googleapis.com/google.ai.generativelanguage.v1beta.{}", message.name)
}

fn joined(parent: &str, name: &str) -> String {
    let name = to_snake(name);
    if parent.is_empty() { name } else { format!("{parent}.{name}") }
}

fn to_camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        match letter {
            '_' if !out.is_empty() => upper = true,
            letter if upper => {
                out.push(letter.to_ascii_uppercase());
                upper = false;
            }
            letter => out.push(letter),
        }
    }
    out
}

fn to_snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}
