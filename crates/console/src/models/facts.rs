//! What is known of a model besides what was asked of it: from Google's list, and from the registry.

use std::collections::BTreeMap;

use dialect::models::{FreeTier, find};
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::{ListedModel, Span, Store, StoreError};
use utoipa::ToSchema;

/// Every model that Google has listed.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    listed: BTreeMap<String, ListedModel>,
    first_look: Option<Timestamp>,
    pub(crate) last_look: Option<Timestamp>,
}

/// What is known of one model; what is missing nobody has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ModelFacts)]
pub(crate) struct Facts {
    /// Models that belong together, as in `gemini-2.5` or `image`.
    pub(crate) family: String,
    /// Whether Google listed it when its list was looked at last.
    pub(crate) listed: bool,
    /// When it stood in Google's list for the first time that anybody looked.
    pub(crate) first_seen: Option<Timestamp>,
    /// Whether that was within the last day, and earlier looks did not find it.
    pub(crate) new: bool,
    /// The day on which it is shut down, as in `2027-05-07`.
    pub(crate) retires_on: Option<String>,
    /// Whether that day has come.
    pub(crate) retired: bool,
    /// What to use instead.
    pub(crate) replacement: Option<String>,
    /// Tokens that it can read.
    pub(crate) context: Option<u64>,
    /// Tokens that one answer can have.
    pub(crate) max_output: Option<u64>,
    /// Methods of Google's API, as in `generateContent`.
    pub(crate) methods: Vec<String>,
    /// What it writes, as in `text`.
    #[serde(skip)]
    pub(crate) writes: Vec<&'static str>,
    #[serde(skip)]
    pub(crate) free_tier: Option<FreeTier>,
}

/// A model as Google's list has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Listing {
    input_token_limit: Option<u64>,
    output_token_limit: Option<u64>,
    supported_generation_methods: Vec<String>,
    model_status: Option<Status>,
}

/// What Google says of a model's end, where it does.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    retirement_time: Option<String>,
}

impl Catalogue {
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        Ok(Self::of(store.listed_models().await?))
    }

    fn of(listed: Vec<ListedModel>) -> Self {
        Self {
            first_look: listed.iter().map(|model| model.first_seen).min(),
            last_look: listed.iter().map(|model| model.last_seen).max(),
            listed: listed.into_iter().map(|model| (model.name.clone(), model)).collect(),
        }
    }

    /// The models that stood in the list when it was looked at last.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let is_there = |model: &&ListedModel| Some(model.last_seen) == self.last_look;
        self.listed.values().filter(is_there).map(|model| model.name.as_str())
    }

    /// What is known of a model.
    pub(crate) fn facts(&self, name: &str, now: Timestamp) -> Facts {
        let (listed, known) = (self.listed.get(name), find(name));
        let listing: Listing =
            listed.and_then(|model| serde_json::from_str(&model.listing).ok()).unwrap_or_default();
        let first_seen = listed.map(|model| model.first_seen);
        let is_later = |at: Timestamp| Some(at) > self.first_look;
        let is_of_late = |at: Timestamp| now.millis() - at.millis() < Span::Day.millis();
        let told = listing.model_status.and_then(|status| status.retirement_time);
        let told = told.and_then(|at| at.get(..10).map(str::to_owned));
        let retires_on = told.or_else(|| Some(known?.shutdown?.to_owned()));
        let today = crate::format::absolute(now);
        let mut methods = listing.supported_generation_methods;
        if methods.is_empty() {
            let known = known.map(|model| model.methods.as_slice()).unwrap_or_default();
            methods = known.iter().map(|method| (*method).to_owned()).collect();
        }
        Facts {
            family: known.map_or_else(|| family(name), |model| model.family.to_owned()),
            listed: listed.is_some_and(|model| Some(model.last_seen) == self.last_look),
            first_seen,
            new: first_seen.is_some_and(|at| is_later(at) && is_of_late(at)),
            retired: retires_on.as_deref().is_some_and(|day| Some(day) <= today.get(..10)),
            retires_on,
            replacement: known.and_then(|model| model.replacement).map(str::to_owned),
            context: listing.input_token_limit.or_else(|| known?.context),
            max_output: listing.output_token_limit.or_else(|| known?.max_output),
            methods,
            writes: known.map(|model| model.output.clone()).unwrap_or_default(),
            free_tier: known.and_then(|model| model.free_tier),
        }
    }
}

/// The family of a model that nobody has described: `gemini-9` of `gemini-9-flash`.
fn family(name: &str) -> String {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default();
    let is_number = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
    match parts.next().filter(is_number) {
        Some(number) => format!("{first}-{number}"),
        None => first.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn listed(name: &str, first: i64, last: i64, listing: &str) -> ListedModel {
        let (first_seen, last_seen) =
            (Timestamp::from_millis(first * HOUR), Timestamp::from_millis(last * HOUR));
        ListedModel { name: name.to_owned(), first_seen, last_seen, listing: listing.to_owned() }
    }

    #[test]
    fn what_came_after_the_first_look_is_new_for_a_day() {
        let catalogue = Catalogue::of(vec![
            listed("old", 0, 30, "{}"),
            listed("late", 25, 30, "{}"),
            listed("gone", 0, 25, "{}"),
        ]);
        let facts = |name, hour| catalogue.facts(name, Timestamp::from_millis(hour * HOUR));
        assert!(!facts("old", 1).new, "everything is new at the first look");
        assert!(facts("late", 30).new && !facts("late", 50).new);
        assert!(facts("old", 30).listed && !facts("gone", 30).listed);
        assert_eq!(catalogue.names().collect::<Vec<_>>(), ["late", "old"]);
        assert!(!facts("never heard of", 30).listed);
    }

    #[test]
    fn googles_word_goes_before_what_is_written_down() {
        let said =
            r#"{"inputTokenLimit": 7, "modelStatus": {"retirementTime": "2030-01-02T00:00:00Z"}}"#;
        let catalogue = Catalogue::of(vec![listed("gemini-3.1-flash-lite", 0, 0, said)]);
        let now = Timestamp::from_millis(0);
        let facts = catalogue.facts("gemini-3.1-flash-lite", now);
        assert_eq!((facts.context, facts.max_output), (Some(7), Some(65_536)));
        assert_eq!((facts.retires_on.as_deref(), facts.retired), (Some("2030-01-02"), false));
        let facts = Catalogue::default().facts("gemini-3.1-flash-lite", now);
        assert_eq!(facts.retires_on.as_deref(), Some("2027-05-07"));
        let unknown = Catalogue::default().facts("gemini-9-flash", now);
        assert_eq!((unknown.family.as_str(), unknown.retires_on), ("gemini-9", None));
        assert_eq!(
            (family("veo-big"), family("gemini-2.5-pro")),
            ("veo".into(), "gemini-2.5".into())
        );
    }
}
