//! Settings tried out before they are saved: whether those at the other end answer.

use doctor::Reached;
use jobs::Arrival;
use keypool::Platform;
use serde::{Deserialize, Serialize};
use settings::{PictureHost, Settings, UpstreamSettings};
use utoipa::ToSchema;

use crate::State;
use crate::error::Error;

/// Ways out that are tried; the page of the proxies tests all.
const MOST: usize = 10;

/// What can be tried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SettingsTrialKind)]
pub(crate) enum Trial {
    /// Whether Google answers at `BASE_URL`, through each way out.
    Upstream,
    /// Whether a test message arrives through each channel.
    Notifications,
    /// Whether the host for pictures takes one. It stays there.
    Pictures,
}

/// How something went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TriedSetting)]
pub(crate) struct Tried {
    /// A way out, a channel or a host.
    pub(crate) what: String,
    pub(crate) ok: bool,
    /// How fast it answered or what it said; or why it did not.
    pub(crate) says: String,
}

impl Trial {
    /// The one that a chapter of the settings has.
    pub(crate) fn of_group(group: &str) -> Option<Self> {
        match group {
            "upstream" => Some(Self::Upstream),
            "notifications" => Some(Self::Notifications),
            "media" => Some(Self::Pictures),
            _ => None,
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        [Self::Upstream, Self::Notifications, Self::Pictures]
            .into_iter()
            .find(|trial| trial.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Notifications => "notifications",
            Self::Pictures => "pictures",
        }
    }

    /// Tries these settings; nothing is said where there is nothing to try.
    pub(crate) async fn run(self, state: &State, settings: &Settings) -> Result<Vec<Tried>, Error> {
        match self {
            Self::Upstream => upstream(state, &settings.upstream).await,
            Self::Notifications => Ok(jobs::send_test(&settings.notifications)
                .await
                .into_iter()
                .map(arrived)
                .collect()),
            Self::Pictures => Ok(pictures(state, &settings.pictures.host).await),
        }
    }
}

async fn upstream(state: &State, settings: &UpstreamSettings) -> Result<Vec<Tried>, Error> {
    let clients = relay::build_clients(settings)
        .map_err(|error| Error::invalid("setting", error.to_string()))?;
    let path = format!("/{}/models?pageSize=1", settings.default_version);
    let mut reached = doctor::reach_all(&clients.gemini, &path, MOST).await;
    if state.gateway.pool(Platform::Vertex).totals(relay::now()).total > 0 {
        reached.extend(doctor::reach_all(&clients.vertex, "/models?pageSize=1", MOST).await);
    }
    Ok(reached.into_iter().map(answered).collect())
}

fn answered((what, reached): (String, Result<Reached, String>)) -> Tried {
    match reached {
        Ok(Reached { took, status, .. }) => {
            Tried { what, ok: status < 500, says: format!("{} ms, {status}", took.as_millis()) }
        }
        Err(says) => Tried { what, ok: false, says },
    }
}

async fn pictures(state: &State, host: &PictureHost) -> Vec<Tried> {
    let what = match host {
        PictureHost::Gateway => return Vec::new(),
        PictureHost::Smms { .. } => "SM.MS",
        PictureHost::PicGo { .. } => "PicGo",
        PictureHost::CloudflareImgBed { .. } => "Cloudflare ImgBed",
        PictureHost::AliyunOss { .. } => "Aliyun OSS",
        PictureHost::S3 { .. } => "S3",
    };
    let (ok, says) = match state.gateway.try_picture_host(host).await {
        Ok(address) => (true, address),
        Err(why) => (false, why),
    };
    vec![Tried { what: what.to_owned(), ok, says }]
}

fn arrived(arrival: Arrival) -> Tried {
    let (ok, says) = (arrival.error.is_none(), arrival.error.unwrap_or_default());
    Tried { what: arrival.channel.to_owned(), ok, says }
}
