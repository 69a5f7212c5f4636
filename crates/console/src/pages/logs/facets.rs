//! What requests were, with how many there are: each a link that adds a filter or takes it away.

use store::StoredToken;

use super::LogFilter;
use crate::traffic::{Share, Summary};
use crate::words::Language;
use crate::words::logs::LogsWords;
use crate::words::outcomes::OutcomesWords;
use crate::words::shell::ShellWords;

/// Something that requests differ in.
#[derive(Debug)]
pub(super) struct Facet {
    pub(super) title: &'static str,
    pub(super) values: Vec<Value>,
}

/// What some of them have.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) label: String,
    pub(super) requests: u64,
    /// Whether the filter asks for it.
    pub(super) is_on: bool,
    /// The filter with it, or without it where it is on, as it stands in addresses.
    pub(super) query: String,
}

/// The facets of what a filter finds; those without a value are left out.
pub(super) fn facets(
    summary: &Summary,
    filter: &LogFilter,
    tokens: &[StoredToken],
    language: Language,
) -> Vec<Facet> {
    let (w, shell) = (LogsWords::of(language), ShellWords::of(language));
    let outcomes = OutcomesWords::of(language);
    let client = |id: &str| {
        let token = tokens.iter().find(|token| token.id == id);
        token.map_or_else(|| id.to_owned(), |token| token.name.clone())
    };
    let outcome = |label: &str| outcomes.says(label).to_owned();
    let same = str::to_owned;
    let facet = |title, field, shares: &[Share], says: &dyn Fn(&str) -> String| {
        let values = shares.iter().map(|share| value(filter, field, share, says));
        Facet { title, values: values.collect() }
    };
    let facets = [
        facet(w.outcome, "outcome", &summary.outcomes, &outcome),
        facet(w.status, "code", &summary.statuses, &same),
        facet(w.model, "model", &summary.models, &same),
        facet(shell.client, "token", &summary.tokens, &client),
        facet(shell.dialect, "dialect", &summary.dialects, &same),
    ];
    facets.into_iter().filter(|facet| !facet.values.is_empty()).collect()
}

fn value(filter: &LogFilter, field: &str, share: &Share, says: &dyn Fn(&str) -> String) -> Value {
    let is_on = filter.asks_for(field) == share.value;
    let query = filter.with(field, if is_on { "" } else { &share.value });
    Value { label: says(&share.value), requests: share.requests, is_on, query }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_adds_a_filter_or_takes_it_away() {
        let share = |value: &str| Share { value: value.to_owned(), requests: 3 };
        let summary = Summary {
            outcomes: vec![share("served")],
            statuses: vec![share("200"), share("429")],
            ..Summary::default()
        };
        let filter = LogFilter::read("code=429&range=1h").unwrap();
        let facets = facets(&summary, &filter, &[], Language::English);
        assert_eq!(facets.len(), 2);
        assert_eq!(facets[0].values[0].label, "Served");
        assert_eq!(facets[0].values[0].query, "code=429&outcome=served&range=1h");
        let [ok, limited] = &facets[1].values[..] else { panic!("{facets:?}") };
        assert_eq!((ok.is_on, &*ok.query), (false, "code=200&range=1h"));
        assert_eq!((limited.is_on, &*limited.query), (true, "range=1h"));
    }
}
