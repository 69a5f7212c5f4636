//! Texts as they stand in requests.

use rand::{RngExt as _, seq::IndexedRandom as _};
use serde_json::Value;

use crate::generator::Chance;

const TEXTS: [&str; 12] = [
    "",
    " ",
    "hello",
    "What is the weather in Paris?",
    "Zürich 東京 👩‍👩‍👧",
    "line\nbreak\ttab",
    "\"quoted\" \\ back",
    "{\"a\":1}",
    "</s><|im_end|>",
    "\u{0}\u{7f}\u{feff}\u{202e}",
    "a_b-c.d",
    "0",
];

const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB";

/// A text that a member of this name could have.
pub(crate) fn text(name: &str, schema: &Value, chance: &mut Chance) -> String {
    let length = |bound: &str| schema[bound].as_u64().map(|length| length as usize);
    let mut text = named(name, chance).to_owned();
    if name.ends_with("id") {
        // Few of them, so that some refer to each other.
        text = format!("call_{}", chance.random_range(0..4));
    }
    let shortest = length("minLength").unwrap_or(0);
    while text.chars().count() < shortest {
        text.push('a');
    }
    text.chars().take(length("maxLength").unwrap_or(usize::MAX)).collect()
}

fn named(name: &str, chance: &mut Chance) -> &'static str {
    let of_name: &[&'static str] = match name {
        "url" | "image_url" | "file_url" => &[
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB",
            "data:text/plain,hello",
            "data:image/png;base64,****",
            "https://www.youtube.com/watch?v=abcdefghijk",
            "https://generativelanguage.googleapis.com/v1beta/files/abc",
            "http://127.0.0.1:1/picture.png",
        ],
        "data" | "file_data" => &[PICTURE, "data:application/pdf;base64,JVBERi0xLjQK", ""],
        "arguments" => &["{}", "{\"a\":1}", "[1]", "{\"a\":", "", "null"],
        "name" => &["f", "get_weather", "mcp__server__tool", "with space", "1"],
        _ => return TEXTS.choose(chance).copied().unwrap_or_default(),
    };
    of_name.choose(chance).copied().unwrap_or_default()
}
