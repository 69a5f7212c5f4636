//! Whether Google can be reached, by every way out, and what time it is there.

use std::time::Duration;

use futures_util::future::join_all;
use http::header::DATE;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use keypool::EgressId;
use secret::PoolKey;
use settings::UpstreamSettings;
use tokio::time::Instant;
use upstream::{Call, Client};

use crate::Check;

/// Longest time for one way.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ways that are tried; the rest will not be much different.
const MOST: usize = 50;

/// What is presented: no key at all, so that no key is used up or told to a stranger.
const NO_KEY: &str = "gemini-balance-asks-whether-anybody-is-there";

/// A clock that is so far off spoils what Google says about waiting, in seconds.
const WORTH_SAYING: i64 = 5;
const WRONG: i64 = 60;

/// Somebody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// How long that took.
    pub took: Duration,
    /// With which status; any will do.
    pub status: u16,
    /// How far our clock is ahead of theirs, in seconds, if they said what time it is.
    pub ahead: Option<i64>,
}

/// One of Google's APIs, as the settings have it.
struct Api<'s> {
    /// What its lines are called.
    name: &'static str,
    setting: &'static str,
    base: &'s str,
    /// What is asked for there: it needs no quota.
    path: String,
}

/// A line for each way out to each API that has keys, and one for the clock.
pub(crate) async fn all(settings: &UpstreamSettings, has_vertex_keys: bool) -> Vec<Check> {
    let clients = match relay::build_clients(settings) {
        Ok(clients) => clients,
        Err(error) => {
            let advice = "put this setting right";
            return vec![Check::fail("upstream", error.to_string(), advice)];
        }
    };
    let gemini = Api {
        name: "upstream",
        setting: "BASE_URL",
        base: &settings.base_url,
        path: format!("/{}/models?pageSize=1", settings.default_version),
    };
    let vertex = Api {
        name: "Vertex AI",
        setting: "VERTEX_EXPRESS_BASE_URL",
        base: &settings.vertex_express_base_url,
        path: "/models?pageSize=1".to_owned(),
    };
    let (gemini, vertex) = tokio::join!(ways_to(&gemini, &clients.gemini), async {
        if has_vertex_keys { ways_to(&vertex, &clients.vertex).await } else { (Vec::new(), None) }
    });
    let mut checks = gemini.0;
    checks.extend(vertex.0);
    checks.push(clock(gemini.1.or(vertex.1)));
    checks
}

/// A line for each way to an API, and how far our clock is ahead of its.
async fn ways_to(api: &Api<'_>, client: &Client) -> (Vec<Check>, Option<i64>) {
    let reached = reach_all(client, &api.path, MOST).await;
    let ahead = reached.iter().find_map(|(_, reached)| reached.as_ref().ok()?.ahead);
    (reached.into_iter().map(|(name, reached)| way_out(api, &name, reached)).collect(), ahead)
}

/// Asks through each way, of at most `most`, for something that needs no quota.
pub async fn reach_all(
    client: &Client,
    path: &str,
    most: usize,
) -> Vec<(String, Result<Reached, String>)> {
    let ways = client.egresses(0).into_iter().take(most);
    let asked =
        ways.map(async |way: EgressId| (client.egress_name(way), reach(client, way, path).await));
    join_all(asked).await
}

/// Asks whoever is at the other end of this way for something that needs no quota.
pub async fn reach(client: &Client, way: EgressId, path: &str) -> Result<Reached, String> {
    let key = PoolKey::parse(NO_KEY).map_err(|error| error.to_string())?;
    let begun = Instant::now();
    let call = Call {
        method: &Method::GET,
        path_and_query: path,
        headers: &HeaderMap::new(),
        own_headers: None,
        key: &key,
        egress: way,
        body: upstream::Payload::default(),
        deadline: Some(begun + PATIENCE),
    };
    let answer = client.send(call).await.map_err(|broken| broken.to_string())?;
    let date = answer.headers.get(DATE).and_then(|date| date.to_str().ok());
    let theirs = date.and_then(|date| rfc2822::parse(date).ok());
    let ahead = theirs.map(|theirs| Timestamp::now().as_second() - theirs.timestamp().as_second());
    Ok(Reached { took: begun.elapsed(), status: answer.status.as_u16(), ahead })
}

fn way_out(api: &Api<'_>, name: &str, reached: Result<Reached, String>) -> Check {
    let Api { base, setting, .. } = api;
    let what = format!("{}, {name}", api.name);
    match reached {
        Ok(Reached { took, status, .. }) if status < 500 => {
            Check::ok(what, format!("{base} answers in {} ms", took.as_millis()))
        }
        Ok(Reached { status, .. }) => Check::warn(
            what,
            format!("{base} answers with status {status}"),
            "Google or the proxy has trouble of its own: try again later",
        ),
        Err(why) if name == "direct" => Check::fail(
            what,
            format!("{base} cannot be reached: {why}"),
            format!(
                "see whether this machine reaches the internet, and whether {setting} is right; \
                 where Google is not to be reached, set PROXIES"
            ),
        ),
        Err(why) => Check::fail(
            what,
            format!("{base} cannot be reached: {why}"),
            "take this proxy out of PROXIES, or see to it",
        ),
    }
}

fn clock(ahead: Option<i64>) -> Check {
    const NAME: &str = "clock";
    let advice = "run a time service such as chrony or systemd-timesyncd";
    let Some(ahead) = ahead else {
        return Check::warn(NAME, "nobody said what time it is", "see whether Google is reached");
    };
    let way = if ahead < 0 { "behind" } else { "ahead" };
    let says = format!("{} seconds {way}", ahead.abs());
    match ahead.abs() {
        ..WORTH_SAYING => Check::ok(NAME, "right"),
        WORTH_SAYING..WRONG => Check::warn(NAME, says, advice),
        _ => Check::fail(NAME, says, advice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    #[test]
    fn a_wrong_clock_is_told() {
        let verdict = |ahead| clock(ahead).verdict;
        assert_eq!(verdict(Some(-1)), Verdict::Ok);
        assert_eq!(verdict(Some(30)), Verdict::Warn);
        assert_eq!(verdict(Some(-90)), Verdict::Fail);
        assert_eq!(verdict(None), Verdict::Warn);
        assert!(clock(Some(-90)).says.contains("90 seconds behind"));
    }
}
