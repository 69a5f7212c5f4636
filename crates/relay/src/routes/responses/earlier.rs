//! Earlier responses that a request goes on from.

use bytes::Bytes;
use dialect::DialectError;
use dialect::openai::responses::{self, Earlier, References, StoredResponse};

use crate::answer::Fault;
use crate::exchange::Exchange;

/// The most responses that one request may go on from, and the most that it may name items of.
const MAX_EARLIER: usize = 200;

/// Earlier responses, as far as they are there and the client's own.
#[derive(Default)]
pub(super) struct Loaded {
    chain: Vec<StoredResponse>,
    pub(super) referenced: Vec<StoredResponse>,
}

impl Loaded {
    /// Loads what the request in `body` refers to.
    pub(super) async fn load(exchange: &Exchange, body: &Bytes) -> Result<Self, Fault> {
        let References { previous_response_id, item_owners } = responses::read(body)?.references();
        let chain = match previous_response_id {
            Some(id) => chain(exchange, id).await?,
            None => Vec::new(),
        };
        if item_owners.len() > MAX_EARLIER {
            let message = format!("Items of more than {MAX_EARLIER} responses are named.");
            return Err(DialectError::invalid("input", message).into());
        }
        let mut referenced = Vec::with_capacity(item_owners.len());
        for id in &item_owners {
            referenced.extend(find(exchange, id).await?);
        }
        Ok(Self { chain, referenced })
    }

    pub(super) fn earlier(&self) -> Earlier<'_> {
        Earlier { chain: &self.chain, referenced: &self.referenced }
    }
}

/// The chain that ends with `last`, oldest first; empty if that is not there.
async fn chain(exchange: &Exchange, last: String) -> Result<Vec<StoredResponse>, Fault> {
    let mut chain = Vec::new();
    let mut next = Some(last);
    while let Some(id) = next {
        if chain.len() == MAX_EARLIER {
            let message = format!("More than {MAX_EARLIER} responses come before this one.");
            return Err(DialectError::invalid("previous_response_id", message).into());
        }
        match find(exchange, &id).await? {
            Some(response) if response.is_running() => return Err(unfinished(&id)),
            Some(response) => {
                next = response.previous_response_id();
                chain.push(response);
            }
            // The translation tells it.
            None if chain.is_empty() => return Ok(chain),
            None => return Err(forgotten(&id)),
        }
    }
    chain.reverse();
    Ok(chain)
}

/// To go on without the beginning would answer another conversation than the client's.
fn forgotten(id: &str) -> Fault {
    let message = format!("The conversation's earlier response '{id}' is no longer kept.");
    let error = DialectError::invalid("previous_response_id", message);
    DialectError { code: Some("previous_response_not_found"), ..error }.into()
}

fn unfinished(id: &str) -> Fault {
    let message = format!("The response '{id}' is not complete yet.");
    DialectError::invalid("previous_response_id", message).into()
}

async fn find(exchange: &Exchange, id: &str) -> Result<Option<StoredResponse>, Fault> {
    exchange.gateway.archive.find(&exchange.entry.token_id(), id).await
}
