//! What a batch of requests adds to the sums.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use keypool::Timestamp;
use sqlx::error::BoxDynError;

use super::{Histogram, RequestKind, Span, Subject, Tally};
use crate::bulk::{Labels, LogRow, Values};
use crate::tables::error_log::kinds::label_of;
use crate::text::INDEXED;
use crate::{ErrorRecord, RequestRecord};

/// Which sum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    subject: Subject,
    span: Span,
    begins: i64,
    label: Arc<str>,
}

/// A sum and what is added to it.
pub(crate) struct TrafficRow(Key, Tally);

/// So many answers more in a class of times.
pub(crate) struct LatencyRow {
    span: Span,
    begins: i64,
    /// The model; empty for all.
    model: Arc<str>,
    measure: Measure,
    class: u8,
    answers: i64,
}

/// Which time of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Measure {
    FirstByte,
    Duration,
}

impl Measure {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::FirstByte => "first_byte",
            Self::Duration => "duration",
        }
    }
}

/// The rows that a batch adds, in the order of their keys: so two processes that write at once do not
/// wait for each other in a circle.
pub(crate) fn rows(
    records: &[RequestRecord],
    errors: &[ErrorRecord],
) -> (Vec<TrafficRow>, Vec<LatencyRow>) {
    (sums(records, errors), times(records))
}

/// Minutes are summed first, and longer spans of those: most batches lie within one minute.
fn sums(records: &[RequestRecord], errors: &[ErrorRecord]) -> Vec<TrafficRow> {
    let mut minutes: HashMap<(Subject, i64, Cow<'_, str>), Tally> = HashMap::new();
    let mut kinds: HashMap<(i64, (&str, u16, &str)), Tally> = HashMap::new();
    for record in records {
        let tally = Tally::of(record);
        let minute = Span::Minute.begin(record.at).millis();
        let subjects = [
            Some((Subject::All, "")),
            record.model.as_deref().map(|model| (Subject::Model, model)),
            record.token_id.as_deref().map(|token| (Subject::Token, token)),
            record.key_id.as_ref().map(|key| (Subject::Key, key.as_str())),
        ];
        for (subject, label) in subjects.into_iter().flatten() {
            minutes.entry((subject, minute, label.into())).or_default().add(&tally);
        }
        let kind = (record.outcome, record.status, record.dialect);
        kinds.entry((minute, kind)).or_default().add(&tally);
    }
    for ((minute, (outcome, status, dialect)), tally) in kinds {
        let label = RequestKind::label_of(outcome, status, dialect);
        minutes.insert((Subject::Kind, minute, label.into()), tally);
    }
    for record in errors {
        let minute = Span::Minute.begin(record.at).millis();
        let label = label_of(record.outcome, record.status, record.model.as_deref());
        let tally = minutes.entry((Subject::Error, minute, label.into())).or_default();
        tally.add(&Tally::of_error());
    }
    let mut sums: BTreeMap<Key, Tally> = BTreeMap::new();
    for ((subject, minute, label), tally) in minutes {
        let label: Arc<str> = label.as_ref().into();
        for span in Span::ALL {
            if subject == Subject::Key && span != Span::Day {
                continue;
            }
            let begins = span.begin(Timestamp::from_millis(minute)).millis();
            let key = Key { subject, span, begins, label: Arc::clone(&label) };
            sums.entry(key).or_default().add(&tally);
        }
    }
    sums.into_iter().map(|(key, tally)| TrafficRow(key, tally)).collect()
}

/// How long the successful answers took, counted in the same way.
fn times(records: &[RequestRecord]) -> Vec<LatencyRow> {
    let mut minutes: HashMap<(i64, &str, Measure, u8), i64> = HashMap::new();
    for record in records.iter().filter(|record| record.status < 400) {
        let minute = Span::Minute.begin(record.at).millis();
        let model = record.model.as_deref().unwrap_or_default();
        let measures = [
            (Measure::FirstByte, record.first_byte_ms),
            (Measure::Duration, Some(record.duration_ms)),
        ];
        for (measure, millis) in measures {
            let Some(millis) = millis else { continue };
            let class = Histogram::class(millis);
            *minutes.entry((minute, model, measure, class)).or_default() += 1;
        }
    }
    let mut times: BTreeMap<(Span, i64, &str, Measure, u8), i64> = BTreeMap::new();
    for ((minute, model, measure, class), answers) in minutes {
        for span in Span::ALL {
            let begins = span.begin(Timestamp::from_millis(minute)).millis();
            *times.entry((span, begins, "", measure, class)).or_default() += answers;
            if !model.is_empty() {
                *times.entry((span, begins, model, measure, class)).or_default() += answers;
            }
        }
    }
    let rows = times.into_iter().map(|((span, begins, model, measure, class), answers)| {
        LatencyRow { span, begins, model: model.into(), measure, class, answers }
    });
    rows.collect()
}

impl LogRow for TrafficRow {
    const TABLE: &'static str = "traffic";
    const KEYS: &'static [&'static str] = &["subject", "span", "begins", "label"];
    const COLUMNS: &'static [&'static str] = &[
        "subject",
        "span",
        "begins",
        "label",
        "requests",
        "failed",
        "rescued",
        "prompt_tokens",
        "cached_tokens",
        "completion_tokens",
        "thought_tokens",
        "cost",
    ];

    fn size(&self) -> usize {
        size_of::<Self>() + self.0.label.len()
    }

    fn values(&self, labels: &mut Labels, row: &mut impl Values) -> Result<(), BoxDynError> {
        let Self(key, tally) = self;
        row.text(Some(labels.shared(key.subject.as_str())))?;
        row.integer(Some(key.span.millis()))?;
        row.integer(Some(key.begins))?;
        row.foreign(Some(&key.label), INDEXED)?;
        for number in [
            tally.requests,
            tally.failed,
            tally.rescued,
            tally.prompt,
            tally.cached,
            tally.completion,
            tally.thoughts,
            tally.cost.nanos(),
        ] {
            row.integer(Some(i64::try_from(number).unwrap_or(i64::MAX)))?;
        }
        Ok(())
    }
}

impl LogRow for LatencyRow {
    const TABLE: &'static str = "latency";
    const KEYS: &'static [&'static str] = &["span", "begins", "model", "measure", "class"];
    const COLUMNS: &'static [&'static str] =
        &["span", "begins", "model", "measure", "class", "answers"];

    fn size(&self) -> usize {
        size_of::<Self>() + self.model.len()
    }

    fn values(&self, labels: &mut Labels, row: &mut impl Values) -> Result<(), BoxDynError> {
        row.integer(Some(self.span.millis()))?;
        row.integer(Some(self.begins))?;
        row.foreign(Some(&self.model), INDEXED)?;
        row.text(Some(labels.shared(self.measure.as_str())))?;
        row.integer(Some(i64::from(self.class)))?;
        row.integer(Some(self.answers))
    }
}
