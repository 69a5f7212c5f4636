//! When the model calls functions, and how.

use serde_json::{Value, json};

use crate::answer::signature;
use crate::ask::Ask;
use crate::dictation::dictated;
use crate::schema;

/// Cities that a question about the weather may name.
const CITIES: &[&str] = &[
    "Amsterdam",
    "Athens",
    "Berlin",
    "Boston",
    "Cairo",
    "Chicago",
    "Delhi",
    "Lagos",
    "Lima",
    "London",
    "Madrid",
    "Melbourne",
    "Mumbai",
    "Nairobi",
    "New York",
    "Oslo",
    "Paris",
    "Prague",
    "Rome",
    "San Francisco",
    "Seoul",
    "Shanghai",
    "Singapore",
    "Stockholm",
    "Sydney",
    "Tokyo",
    "Toronto",
    "Vienna",
    "Warsaw",
    "Zurich",
];

/// The `functionCall` parts of the answer: what the user dictates, or one for each city of a
/// question about the weather; none where the model answers in words.
pub(crate) fn calls(ask: &Ask<'_>, serial: u64) -> Vec<Value> {
    let text = ask.last_user_text();
    let mut calls = dictated(ask, &text);
    if calls.is_empty() {
        calls = about_cities(ask, &text);
    }
    let part = |(index, mut call): (usize, Value)| {
        let mut part = json!({});
        if ask.model.is_third_or_later() {
            call["id"] = json!(format!("call-{serial}-{index}"));
            if index == 0 {
                part["thoughtSignature"] = json!(signature(serial));
            }
        }
        part["functionCall"] = call;
        part
    };
    calls.into_iter().enumerate().map(part).collect()
}

/// A call for each city that the user names.
fn about_cities(ask: &Ask<'_>, text: &str) -> Vec<Value> {
    let Some(function) = chosen(ask, text) else { return Vec::new() };
    let mut cities: Vec<&str> = CITIES.iter().copied().filter(|city| text.contains(city)).collect();
    cities.sort_by_key(|city| text.find(city));
    if cities.is_empty() {
        cities.push("Paris");
    }
    let call = |city| json!({"name": function["name"], "args": arguments(function, city)});
    cities.into_iter().map(call).collect()
}

/// The function to call: forced, or because the user speaks of the weather and was not answered.
fn chosen<'a>(ask: &Ask<'a>, text: &str) -> Option<&'a Value> {
    let speaks_of_weather = text.to_lowercase().contains("weather");
    let wants = match ask.mode() {
        "NONE" => false,
        "ANY" => true,
        _ => speaks_of_weather && !ask.has_results(),
    };
    if !wants {
        return None;
    }
    let allowed = ask.allowed_names();
    let may = |function: &&Value| {
        allowed.is_empty() || function["name"].as_str().is_some_and(|name| allowed.contains(&name))
    };
    let about_weather =
        |function: &&Value| function["name"].as_str().is_some_and(|name| name.contains("weather"));
    let functions: Vec<&Value> = ask.declarations().filter(may).collect();
    functions.iter().copied().find(about_weather).or(functions.first().copied())
}

/// Arguments that fit the declaration; the first text among them is the city.
fn arguments(function: &Value, city: &str) -> Value {
    let declared = match &function["parametersJsonSchema"] {
        Value::Null => &function["parameters"],
        schema => schema,
    };
    match schema::document(declared, city) {
        Value::Object(arguments) => Value::Object(arguments),
        _ => json!({}),
    }
}
