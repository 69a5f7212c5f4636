//! Responses that are being worked on: kept from the beginning, so that every process finds them.

use std::sync::Arc;
use std::time::Duration;

use dialect::openai::responses::StoredResponse;
use keypool::Timestamp;

use super::{Archive, failed};
use crate::answer::Fault;
use crate::clock;

/// Who has not said for so long that the work goes on has been stopped.
const SILENCE: Duration = Duration::from_secs(15);

const LOST: &str = "The gateway stopped before the response was complete.";

impl Archive {
    /// Keeps a response for the token `owner`, and that somebody works on it.
    pub(crate) async fn begin(
        &self,
        owner: &Arc<str>,
        response: &StoredResponse,
    ) -> Result<(), Fault> {
        let (id, body) = written(response)?;
        let (store, owner) = (self.store.clone(), Arc::clone(owner));
        self.ask(&id, |id| async move { store.begin_response(&owner, &id, &body).await }).await
    }

    /// Says that the work on a response goes on. Returns whether the response has not ended.
    pub(crate) async fn renew(&self, id: &str) -> Result<bool, Fault> {
        let store = self.store.clone();
        self.ask(id, |id| async move { store.renew_response(&id).await }).await
    }

    /// Keeps how far a response is. Returns whether it has not ended.
    pub(crate) async fn advance(&self, response: &StoredResponse) -> Result<bool, Fault> {
        let (id, body) = written(response)?;
        let store = self.store.clone();
        self.ask(&id, |id| async move { store.advance_response(&id, &body).await }).await
    }

    /// Keeps how a response has ended. Returns whether it had not ended before.
    pub(crate) async fn end(&self, response: &StoredResponse) -> Result<bool, Fault> {
        let (id, body) = written(response)?;
        let store = self.store.clone();
        self.ask(&id, |id| async move { store.end_response(&id, &body).await }).await
    }

    /// The response as it is, if somebody works on it still.
    pub(super) async fn checked(
        &self,
        owner: &Arc<str>,
        response: StoredResponse,
    ) -> Result<Option<StoredResponse>, Fault> {
        let lost = response.failed("server_error", LOST);
        let (id, body) = written(&lost)?;
        let alive = clock::now().millis().saturating_sub(SILENCE.as_millis() as i64);
        let alive = Timestamp::from_millis(alive);
        let store = self.store.clone();
        let ask = |id: String| async move {
            match store.response_renewed(&id).await? {
                Some(renewed) if renewed >= alive => Ok(Standing::Runs),
                Some(_) if store.abandon_response(&id, alive, &body).await? => Ok(Standing::Lost),
                _ => Ok(Standing::Ended),
            }
        };
        match self.ask(&id, ask).await? {
            Standing::Runs => Ok(Some(response)),
            Standing::Lost => Ok(Some(lost)),
            Standing::Ended => self.kept(owner, &id).await,
        }
    }
}

enum Standing {
    Runs,
    /// Nobody works on it any more.
    Lost,
    /// It has ended since it was read.
    Ended,
}

fn written(response: &StoredResponse) -> Result<(String, String), Fault> {
    let id = response.id();
    let body = serde_json::to_string(response).map_err(|error| failed(&id, &error))?;
    Ok((id, body))
}
