//! Pictures in an answer, taken out and replaced by links.

use serde_json::{Value, json};

use super::answer::{Answer, Candidate};

/// The pictures of a whole answer: media type and base64 of each. Drafts, which come as thoughts, are
/// none.
pub fn pictures(answer: &[u8]) -> Vec<(String, String)> {
    let Ok(answer) = Answer::read(answer) else { return Vec::new() };
    let parts = answer.candidates().iter().flat_map(Candidate::parts);
    let inline = parts.filter(|part| !part.is_thought()).filter_map(|part| {
        let inline = part.inline_data.as_ref()?;
        let mime = inline.mime_type.as_ref()?.decode();
        let data = inline.data.as_ref()?.decode();
        mime.starts_with("image/").then(|| (mime.into_owned(), data.into_owned()))
    });
    inline.collect()
}

/// The answer with Markdown in place of its pictures, in the order of [`pictures`]; one without an
/// address stays. `None` if the answer is none.
pub fn with_links(answer: &[u8], addresses: &[Option<String>]) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(answer).ok()?;
    let mut addresses = addresses.iter();
    for candidate in answer.get_mut("candidates")?.as_array_mut()? {
        let parts = candidate.pointer_mut("/content/parts").and_then(Value::as_array_mut);
        for part in parts.into_iter().flatten().filter(|part| is_picture(part)) {
            if let Some(address) = addresses.next()? {
                *part = json!({"text": format!("![image]({address})")});
            }
        }
    }
    Some(crate::json::to_vec(&answer))
}

fn is_picture(part: &Value) -> bool {
    let inline = &part["inlineData"];
    let mime = inline["mimeType"].as_str().unwrap_or_default();
    part["thought"] != true && mime.starts_with("image/") && inline["data"].is_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stand_where_pictures_were() {
        let answer = br#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"d"},"thought":true},{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"x"},"thoughtSignature":"s"},{"inlineData":{"mimeType":"audio/wav","data":"z"}},{"inlineData":{"mimeType":"image/jpeg","data":"y"}}]},"finishReason":"STOP"}]}"#;
        let found = pictures(answer);
        assert_eq!(found, [("image/png".into(), "x".into()), ("image/jpeg".into(), "y".into())]);
        let linked = with_links(answer, &[Some("https://h/1.png".into()), None]).unwrap();
        insta::assert_snapshot!(String::from_utf8(linked).unwrap(), @r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"d"},"thought":true},{"text":"a"},{"text":"![image](https://h/1.png)"},{"inlineData":{"mimeType":"audio/wav","data":"z"}},{"inlineData":{"mimeType":"image/jpeg","data":"y"}}]},"finishReason":"STOP"}]}"#);
        assert!(pictures(b"<html>").is_empty() && with_links(b"{}", &[]).is_none());
    }
}
