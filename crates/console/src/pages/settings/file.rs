//! Saved settings as TOML: one a line, values as texts, secrets left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use settings::Row;

use crate::error::Error;

/// The settings that were saved, as a file that [`read`] reads.
pub(super) fn write(rows: &[Row]) -> String {
    let mut file =
        String::from("# Settings saved in gemini-balance. Secrets are not in this file.\n");
    for row in rows.iter().filter(|row| row.source.is_saved() && !row.secret) {
        if let Some(value) = &row.value {
            // What JSON writes as a text, TOML reads as the same one.
            let value = serde_json::Value::from(value.as_str());
            // Writing into a text does not fail.
            let _ = writeln!(file, "{} = {value}", row.name);
        }
    }
    file
}

/// The values of a file: `NAME = "text"`, with the quotation marks left out where a value is a number
/// or a word.
pub(super) fn read(text: &str) -> Result<BTreeMap<String, Option<String>>, Error> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(number, line)| {
            let wrong = || Error::invalid("text", format!("line {number} is not NAME = \"value\""));
            let (name, value) = line.split_once('=').ok_or_else(wrong)?;
            let value = value.trim();
            let value = match value.strip_prefix('"') {
                Some(_) => serde_json::from_str(value).map_err(|_| wrong())?,
                None => value.to_owned(),
            };
            Ok((name.trim().to_owned(), Some(value)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use settings::Resolved;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let aliases = r#"{"gpt-4o":"gemini-2.5-pro"}"#;
        let saved = BTreeMap::from([
            ("MAX_RETRIES".to_owned(), "7".to_owned()),
            ("MODEL_ALIASES".to_owned(), aliases.to_owned()),
            ("METRICS_TOKEN".to_owned(), "a secret".to_owned()),
        ]);
        let nothing = BTreeMap::<String, String>::new();
        let rows = Resolved::new(&nothing, &saved).unwrap().rows();
        let file = write(&rows);
        assert!(!file.contains("a secret") && file.contains("MAX_RETRIES = \"7\""), "{file}");
        let read = read(&file).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read["MODEL_ALIASES"].as_deref(), Some(aliases));
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let read = |text: &str| read(text).map_err(|error| error.to_string());
        assert_eq!(
            read("\n# nothing\nMAX_RETRIES = 5").unwrap()["MAX_RETRIES"].as_deref(),
            Some("5")
        );
        assert!(read("# one\nMAX_RETRIES").unwrap_err().contains("line 2"));
        assert!(read("MAX_RETRIES = \"5").unwrap_err().contains("line 1"));
    }
}
