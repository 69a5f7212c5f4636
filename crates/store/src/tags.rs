//! Labels of keys, and of the client tokens that are restricted to such keys.

use crate::StoreError;

/// The most tags of a key or client token.
const MOST: usize = 32;

/// The longest tag, in characters.
const LONGEST: usize = 64;

/// The text that is stored for tags: a JSON list, each once.
pub(crate) fn tags_text(tags: &[String]) -> Result<String, StoreError> {
    let mut kept: Vec<&str> = Vec::with_capacity(tags.len());
    for tag in tags {
        let tag = checked(tag)?;
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    if kept.len() > MOST {
        return Err(StoreError::Tag(format!("there are {} tags, more than {MOST}", kept.len())));
    }
    Ok(serde_json::json!(kept).to_string())
}

/// Reads what [`tags_text`] wrote.
pub(crate) fn read_tags(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

fn checked(tag: &str) -> Result<&str, StoreError> {
    let tag = tag.trim();
    let fits = |letter: char| letter.is_alphanumeric() || "-_.:/@".contains(letter);
    if tag.is_empty() || !tag.chars().all(fits) {
        let accepted = "accepted are letters, digits and - _ . : / @";
        return Err(StoreError::Tag(format!("the tag {tag:?} is no tag; {accepted}")));
    }
    if tag.chars().count() > LONGEST {
        return Err(StoreError::Tag(format!(
            "the tag {tag:?} is longer than {LONGEST} characters"
        )));
    }
    Ok(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tags: &[&str]) -> Result<String, String> {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        tags_text(&tags).map_err(|error| error.to_string())
    }

    #[test]
    fn tags_are_kept_once_and_read_back() {
        let stored = text(&["paid", " eu:größe ", "paid"]).unwrap();
        assert_eq!(stored, r#"["paid","eu:größe"]"#);
        assert_eq!(read_tags(&stored), ["paid", "eu:größe"]);
        assert!(read_tags(&text(&[]).unwrap()).is_empty());
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for wrong in ["", "two words", "a,b", "\"", "line\n2"] {
            assert!(text(&[wrong]).unwrap_err().contains("accepted are letters"), "{wrong:?}");
        }
        assert!(text(&["x".repeat(65).as_str()]).unwrap_err().contains("longer than 64"));
        let many: Vec<String> = (0..33).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(text(&many).unwrap_err().contains("more than 32"));
    }
}
