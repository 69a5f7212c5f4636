//! Testing ways out: whether Google is reached through them, and how fast.

use std::collections::BTreeMap;
use std::sync::Arc;

use doctor::ExitService;
use futures_util::future::OptionFuture;
use futures_util::{StreamExt as _, stream};
use relay::{InvalidUpstream, Way};
use settings::UpstreamSettings;

use super::job::{Done, Job, Outcome};
use crate::State;
use crate::changes::settings as changes;
use crate::error::Error;
use crate::proxies::Test;

/// So many are tested at a time.
const TOGETHER: usize = 10;

/// Tests the ways with these ids, or all if there are none, in the background.
pub(crate) async fn test_proxies(
    state: &State,
    ids: &[String],
    actor: &str,
) -> Result<Arc<Job>, Error> {
    let upstream = changes::resolved(state).await?.settings.upstream;
    // Those that rest are asked, too: whether they could work again.
    let upstream = UpstreamSettings { proxy_states: BTreeMap::new(), ..upstream };
    let mut ways = Way::all(&upstream.proxies);
    ways.retain(|way| ids.is_empty() || ids.contains(&way.name()));
    if ways.is_empty() {
        return Err(Error::NotFound("There is no such proxy."));
    }
    let unusable = |error: InvalidUpstream| Error::Conflict(error.to_string());
    let clients = relay::build_clients(&upstream).map_err(unusable)?;
    let exits = ExitService::new(&upstream).map_err(unusable)?;
    let job = state.jobs.begin("test_proxies", actor, ways.len());
    let detail = serde_json::json!({"count": ways.len(), "job": job.id}).to_string();
    state.store.note(actor, "proxies.test", "", &detail).await?;
    let path = format!("/{}/models?pageSize=1", upstream.default_version);
    let (working, tests) = (Arc::clone(&job), Arc::clone(&state.proxy_tests));
    let stop = state.gateway.stop.clone();
    tokio::spawn(async move {
        let tested = stream::iter(ways).for_each_concurrent(TOGETHER, async |way| {
            let (reached, exit) = tokio::join!(
                doctor::reach(&clients.gemini, way.id, &path),
                OptionFuture::from(exits.as_ref().map(|exits| exits.ask(way.id))),
            );
            let result = reached.and_then(|reached| match reached.status {
                500.. => Err(format!("the answer has status {}", reached.status)),
                _ => Ok(u64::try_from(reached.took.as_millis()).unwrap_or(u64::MAX)),
            });
            working.add(done(&way, &result));
            tests.keep(way.id, Test { at: relay::now(), result, exit });
        });
        tokio::select! {
            () = tested => {}
            () = working.cancel.cancelled() => {}
            () = stop.cancelled() => {}
        }
        working.finish();
    });
    Ok(job)
}

fn done(way: &Way, result: &Result<u64, String>) -> Done {
    let (outcome, code, message) = match result {
        Ok(millis) => (Outcome::Ok, "reached", crate::format::millis(*millis)),
        Err(why) => (Outcome::Failed, "failed", why.clone()),
    };
    Done { id: way.name(), mask: way.shown.clone(), outcome, code, message }
}
