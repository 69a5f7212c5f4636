//! Taking away what clients have made at Google.

use std::sync::Arc;

use crate::State;
use crate::access::Identity;
use crate::error::Error;
use crate::files::{Filter, Register};
use crate::work::{self, FileAction, Job};

/// Which resources are meant.
#[derive(Debug)]
pub(crate) enum Meant {
    These(Vec<String>),
    /// All that it finds now, whatever the page.
    Matching(Filter),
}

/// Does something to resources, as a job.
pub(crate) async fn act(
    state: &State,
    identity: &Identity,
    action: FileAction,
    meant: Meant,
) -> Result<Arc<Job>, Error> {
    let names = match meant {
        Meant::These(names) => names,
        Meant::Matching(filter) => {
            let now = relay::now();
            let register = Register::read(state, &filter.token, now).await?;
            state.store.names_of_resources(&register.understood(&filter), now).await?
        }
    };
    if names.is_empty() {
        return Err(Error::invalid("names", "nothing is meant"));
    }
    work::run_files(state, action, names, &identity.actor).await
}

/// Forgets what Google has deleted by now. Returns how much that was.
pub(crate) async fn clean(state: &State, identity: &Identity) -> Result<u64, Error> {
    let forgotten = state.store.forget_expired_resources(relay::now()).await?;
    let detail = serde_json::json!({"count": forgotten}).to_string();
    state.store.note(&identity.actor, "files.clean", "", &detail).await?;
    Ok(forgotten)
}
