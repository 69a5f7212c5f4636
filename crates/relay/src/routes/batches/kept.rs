//! What is kept of batches and of their files, in the register: under names of our own, bound to the
//! key of what they belong to.

use std::time::Duration;

use dialect::openai::batches::{Endpoint, Mistake};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::Resource;

use super::object::Batch;
use crate::answer::Fault;
use crate::clock;
use crate::exchange::Exchange;
use crate::resources::{Known, Resources, name};

const HOUR: Duration = Duration::from_hours(1);

/// Something that is kept.
pub(crate) trait Keep: Serialize + DeserializeOwned {
    const KIND: &'static str;
    /// So long it can matter.
    const LASTS: Duration;
}

/// What was found in the lines of an input file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Input {
    /// The size of what the client has sent; what Google has is another.
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
    /// About so many are in all prompts.
    pub(crate) tokens: u64,
    pub(crate) model: String,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) contexts: Vec<String>,
    pub(crate) mistakes: Vec<Mistake>,
}

impl Keep for Input {
    const KIND: &'static str = name::BATCH_INPUTS;
    const LASTS: Duration = HOUR.saturating_mul(48);
}

/// Of which batch a file holds the answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Output {
    pub(crate) batch: String,
}

impl Keep for Output {
    const KIND: &'static str = name::BATCH_OUTPUTS;
    const LASTS: Duration = HOUR.saturating_mul(48);
}

/// A batch.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// As the client last saw it.
    pub(super) batch: Batch,
    /// Google's name of it; none if its lines have mistakes.
    pub(super) google: Option<String>,
    pub(super) contexts: Vec<String>,
}

impl Keep for Record {
    const KIND: &'static str = name::OPENAI_BATCHES;
    const LASTS: Duration = HOUR.saturating_mul(24 * 60);
}

/// What was found in the register.
pub(crate) struct Kept<T> {
    resource: Resource,
    pub(crate) what: T,
}

impl<T: Keep> Kept<T> {
    /// Reads what lists give.
    pub(super) fn of(resource: Resource) -> Result<Self, Fault> {
        let what = serde_json::from_str(&resource.body).map_err(|error| {
            tracing::error!(%error, name = resource.name, "what was kept cannot be read");
            let message = "The gateway failed on this request; the error is in its log.";
            Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
        })?;
        Ok(Self { resource, what })
    }

    pub(super) fn owner(&self) -> &str {
        &self.resource.token_id
    }

    /// The key that reaches what it belongs to.
    pub(super) fn known(&self) -> Known {
        Known::of(&self.resource)
    }
}

/// The name of what is kept under an id.
pub(super) fn name<T: Keep>(id: &str) -> String {
    format!("{}/{id}", T::KIND)
}

/// What is kept under this id, whoever's it is.
pub(crate) async fn find<T: Keep>(
    resources: &Resources,
    id: &str,
) -> Result<Option<Kept<T>>, Fault> {
    let found = resources.fetch(&name::<T>(id)).await?;
    let lives = |found: &Resource| found.expires_at.is_none_or(|end| clock::now() < end);
    found.filter(lives).map(Kept::of).transpose()
}

/// Keeps what belongs to something in the project that the exchange is bound to.
pub(super) async fn keep<T: Keep>(exchange: &Exchange, id: &str, what: &T) -> Result<(), Fault> {
    let Some(tie) = &exchange.tie else { return Ok(()) };
    let body = serde_json::to_string(what).map_err(|error| super::malformed(&error.to_string()))?;
    let now = clock::now();
    let resource = Resource {
        name: name::<T>(id),
        kind: T::KIND.to_owned(),
        key_id: tie.bond.key.to_string(),
        project: tie.bond.project.as_deref().map(str::to_owned),
        token_id: exchange.entry.token_id().to_string(),
        state: String::new(),
        display_name: None,
        mime: None,
        size: None,
        created_at: now,
        expires_at: Some(now + T::LASTS),
        body,
    };
    exchange.gateway.resources.keep(resource).await.map(drop)
}
