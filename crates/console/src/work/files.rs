//! Taking away what clients have made, many at once.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use relay::{Gateway, Removal};

use super::job::{Done, Job, Outcome};
use crate::State;
use crate::error::Error;

/// So many are asked for at a time.
const TOGETHER: usize = 8;

/// What is to be done to resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileAction {
    /// Asks Google to delete them, and forgets them.
    Delete,
    /// Forgets them, and leaves them at Google.
    Forget,
}

impl FileAction {
    pub(crate) fn of_name(name: &str) -> Result<Self, Error> {
        match name {
            "delete" => Ok(Self::Delete),
            "forget" => Ok(Self::Forget),
            _ => Err(Error::invalid("action", "accepted are delete and forget")),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Delete => "delete_files",
            Self::Forget => "forget_files",
        }
    }
}

/// Does it to the resources of these names, in the background.
pub(crate) async fn run_files(
    state: &State,
    action: FileAction,
    names: Vec<String>,
    actor: &str,
) -> Result<Arc<Job>, Error> {
    let job = state.jobs.begin(action.name(), actor, names.len());
    let detail = serde_json::json!({"count": names.len(), "job": job.id}).to_string();
    let object = match names.as_slice() {
        [one] => one.as_str(),
        _ => "",
    };
    let verb = if action == FileAction::Delete { "files.delete" } else { "files.forget" };
    state.store.note(actor, verb, object, &detail).await?;
    let (gateway, working) = (Arc::clone(&state.gateway), Arc::clone(&job));
    let stop = state.gateway.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = all(&gateway, action, names, &working) => {}
            () = working.cancel.cancelled() => {}
            () = stop.cancelled() => {}
        }
        working.finish();
    });
    Ok(job)
}

async fn all(gateway: &Arc<Gateway>, action: FileAction, names: Vec<String>, job: &Job) {
    let client = gateway.configuration().own_client();
    let client = &client;
    let removals = names.into_iter().map(|name| async move {
        let removal = match action {
            FileAction::Delete => gateway.remove_resource(client, &name).await,
            FileAction::Forget => gateway.forget_resource(&name).await,
        };
        (name, removal)
    });
    let mut removals = stream::iter(removals).buffer_unordered(TOGETHER);
    while let Some((name, removal)) = removals.next().await {
        job.add(done(name, removal));
    }
}

fn done(name: String, removal: Removal) -> Done {
    let (outcome, code, message) = match removal {
        Removal::Removed => (Outcome::Ok, "deleted", String::new()),
        Removal::Forgotten => (Outcome::Ok, "forgotten", String::new()),
        Removal::Unknown => (Outcome::Skipped, "gone", String::new()),
        Removal::NoKey => (Outcome::Failed, "unreachable", String::new()),
        Removal::Stays(message) => (Outcome::Failed, "refused", message),
    };
    Done { id: name.clone(), mask: name, outcome, code, message }
}
