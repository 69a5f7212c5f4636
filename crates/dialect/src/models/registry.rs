//! The registry: facts about models, as data.

use std::sync::LazyLock;

use serde::Deserialize;

/// One model of the registry. A missing field means that it is not known.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Model {
    /// Name without `models/`.
    pub id: &'static str,
    /// `gemini-3`, `gemini-2.5`, `gemma`, or what the model is for: `image`, `tts`, `embedding`, …
    pub family: &'static str,
    /// Prose: `stable`, `preview`, `shut down`, …
    pub status: Option<&'static str>,
    /// Day of release, `YYYY-MM-DD`.
    pub released: Option<&'static str>,
    /// Day of shutdown, `YYYY-MM-DD`.
    pub shutdown: Option<&'static str>,
    /// What to use instead after the shutdown.
    pub replacement: Option<&'static str>,
    /// Modalities it reads: `text`, `image`, `video`, `audio`, `pdf`.
    #[serde(default)]
    pub input: Vec<&'static str>,
    /// Modalities it writes.
    #[serde(default)]
    pub output: Vec<&'static str>,
    /// Context window in tokens.
    pub context: Option<u64>,
    /// Most tokens that one answer may have.
    pub max_output: Option<u64>,
    /// Methods of the API, as in `generateContent`.
    #[serde(default)]
    pub methods: Vec<&'static str>,
    /// What a project of the free tier was seen to be allowed; nothing if nobody wrote it down.
    pub free_tier: Option<FreeTier>,
    pub(super) thinking: Option<ThinkingFacts>,
    pub(super) sampling_params: Option<&'static str>,
    pub(super) penalties: Option<bool>,
    pub(super) candidate_count: Option<bool>,
    pub(super) last_turn_model_allowed: Option<bool>,
    pub(super) system_instruction: Option<bool>,
    pub(super) streaming: Option<bool>,
}

/// What a project may use of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct FreeTier {
    /// Requests in a minute.
    pub rpm: u64,
    /// Input tokens in a minute.
    pub tpm: u64,
    /// Requests in a day.
    pub rpd: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ThinkingFacts {
    pub(super) control: &'static str,
    #[serde(default)]
    pub(super) levels: Vec<&'static str>,
    pub(super) min: Option<u32>,
    pub(super) max: Option<u32>,
    pub(super) can_disable: Option<bool>,
}

#[derive(Deserialize)]
struct Document {
    #[expect(dead_code, reason = "a field that borrows makes serde read the models as static")]
    as_of: &'static str,
    models: Vec<Model>,
}

static REGISTRY: LazyLock<Vec<Model>> = LazyLock::new(|| {
    // A broken file would fail the test below, not a request.
    serde_json::from_str::<Document>(include_str!("../../data/models.json"))
        .map(|document| document.models)
        .unwrap_or_default()
});

/// All models of the registry, newest first.
pub fn all() -> &'static [Model] {
    &REGISTRY
}

/// The model of that name (without `models/`).
pub fn find(id: &str) -> Option<&'static Model> {
    REGISTRY.iter().find(|model| model.id == id)
}

impl Model {
    /// Unix seconds of the day of release.
    pub fn released_at(&self) -> Option<i64> {
        let mut numbers = self.released?.split('-').map(str::parse::<i64>);
        let (year, month, day) =
            (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(days_since_epoch(year, month, day) * 86_400)
    }
}

/// Days from 1970-01-01 in the Gregorian calendar, counted in years that begin in March.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_registry_is_readable() {
        assert!(all().len() > 50, "{}", all().len());
        assert_eq!(find("gemini-3.8-flash").unwrap().max_output, Some(65_536));
        assert!(find("gpt-5").is_none());
    }

    #[test]
    fn days_of_release_are_utc_midnights() {
        assert_eq!(find("gemini-3.8-flash").unwrap().released_at(), Some(1_788_307_200));
        assert_eq!(days_since_epoch(1970, 1, 1), 0);
        assert_eq!(days_since_epoch(2000, 3, 1), 11_017);
        assert_eq!(days_since_epoch(2024, 2, 29), 19_782);
    }
}
