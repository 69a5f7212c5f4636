//! What one call asks for.

use dialect::gemini::continuation;
use http::{HeaderMap, Method};
use upstream::Payload;

use crate::attempts::{Plan, Repair};
use crate::estimate;
use crate::fingerprint;

/// What one call asks for; it can be made as often as it takes.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Below the base address, with the version.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Payload,
    pub(crate) model: String,
    /// Answers may go on in another call.
    pub(crate) is_long: bool,
    /// What may be changed if Google does not take it.
    pub(crate) repair: Repair<'static>,
}

impl Asked {
    /// Google answers with events.
    pub(crate) fn is_streamed(&self) -> bool {
        self.target.contains(":streamGenerateContent")
    }

    /// Stands for the call and those that follow on it: they go to one project where that is
    /// possible, which has the beginning cached.
    pub(crate) fn kin(&self, request_id: &str) -> Option<u64> {
        let unlike_any = || fingerprint::of(1, request_id.as_bytes());
        self.is_long.then(|| estimate::prefix(&self.body).unwrap_or_else(unlike_any))
    }

    pub(crate) fn plan(&self, kin: Option<u64>) -> Plan<'_> {
        Plan {
            method: &Method::POST,
            path_and_query: &self.target,
            headers: self.headers.clone(),
            body: self.body.clone(),
            model: Some(&self.model),
            repeatable: true,
            kin,
            repair: self.repair,
        }
    }

    /// The call that goes on where an answer to this one has stopped.
    pub(crate) fn follow_up(&self, token: &str) -> Option<Self> {
        let body = continuation::follow_up(&self.body.whole(), token)?;
        Some(Self { body: body.into(), ..self.clone() })
    }
}
