//! `citationMetadata`: what a text was recited from. In a stream every event tells further sources.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json;

/// The sources of all events so far, each once. Serialises to `citationMetadata`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recited {
    citation_sources: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(borrow, alias = "citations")]
    citation_sources: Option<Vec<&'a RawValue>>,
}

impl Recited {
    /// Takes in what an event tells. What cannot be read is left out.
    pub(crate) fn add(&mut self, metadata: Option<&RawValue>) {
        let told: Option<Told<'_>> = metadata.and_then(|raw| serde_json::from_str(raw.get()).ok());
        for source in told.and_then(|told| told.citation_sources).into_iter().flatten() {
            if self.citation_sources.iter().all(|known| known.get() != source.get()) {
                self.citation_sources.push(source.to_owned());
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.citation_sources.is_empty()
    }

    /// `citationMetadata` for the whole answer, if there were sources.
    pub(crate) fn whole(&self) -> Option<String> {
        let written = (!self.is_empty()).then(|| json::to_vec(self))?;
        String::from_utf8(written).ok()
    }
}
