//! Gemini's safety settings.

use super::{Problem, collection, quoted};
use crate::value::SafetySetting;

const THRESHOLDS: [&str; 6] = [
    "BLOCK_NONE",
    "BLOCK_LOW_AND_ABOVE",
    "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_ONLY_HIGH",
    "OFF",
    "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
];

/// A JSON list of category and threshold, also with single quotes.
pub(super) fn list(text: &str) -> Result<Vec<SafetySetting>, Problem> {
    let settings: Vec<SafetySetting> = serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&collection::with_double_quotes(text)))
        .map_err(|error| quoted(text, &format!("is no such list ({error})")))?;
    check(&settings)?;
    Ok(settings)
}

/// Whether all of them are settings that Google knows.
pub(super) fn check(settings: &[SafetySetting]) -> Result<(), Problem> {
    for setting in settings {
        if !setting.category.starts_with("HARM_CATEGORY_") {
            return Err(quoted(&setting.category, "is no category (HARM_CATEGORY_…)"));
        }
        if !THRESHOLDS.contains(&setting.threshold.as_str()) {
            let known = THRESHOLDS.join(", ");
            return Err(quoted(&setting.threshold, &format!("is no threshold ({known})")));
        }
    }
    Ok(())
}
