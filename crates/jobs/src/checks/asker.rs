//! One cheap call to Google, and what its answer says about the key.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use keypool::{DeathReason, EgressId, Outcome, PerPlatform};
use relay::InvalidUpstream;
use settings::{Settings, UpstreamSettings};
use tokio::time::Instant;
use upstream::{Answer, Call, Client};

use super::examination::Examinee;

/// Longest time for one key.
const PATIENCE: Duration = Duration::from_secs(30);

/// An error answer is shorter.
const ENOUGH: usize = 64 * 1024;

/// What was found out about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Google knows it.
    Alive {
        /// What Google had to say nevertheless, without secrets.
        remark: Option<String>,
    },
    /// Google refuses it for good.
    Dead {
        /// Why.
        reason: DeathReason,
        /// Google's words, without secrets.
        words: String,
    },
    /// The answer says nothing about the key, or is not to be believed.
    Unclear {
        /// Why.
        why: String,
    },
}

/// An answer, and the way on which it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) finding: Finding,
    pub(super) egress: EgressId,
}

/// Whoever can ask Google about a key.
pub(super) trait Ask: Send + Sync {
    /// Asks for the first time, or once more.
    fn ask(&self, key: &Examinee, again: bool) -> impl Future<Output = Heard> + Send;
}

/// Asks for a count of tokens, which uses no quota.
pub(super) struct Asker {
    clients: PerPlatform<Client>,
    /// Whether a key takes the same way out each time.
    is_sticky: bool,
    paths: PerPlatform<String>,
    headers: HeaderMap,
}

impl Asker {
    /// Asks about `TEST_MODEL`, the way that traffic goes.
    pub(super) fn new(settings: &Settings) -> Result<Self, InvalidUpstream> {
        // Where traffic changes proxies at random, checks choose: else nobody knew which it was.
        let upstream = UpstreamSettings { proxies_sticky: true, ..settings.upstream.clone() };
        let version = &upstream.default_version;
        let model = settings.models.test_model.trim_start_matches("models/");
        let json = HeaderValue::from_static("application/json");
        Ok(Self {
            clients: relay::build_clients(&upstream)?,
            is_sticky: settings.upstream.proxies_sticky,
            paths: PerPlatform {
                gemini: format!("/{version}/models/{model}:countTokens"),
                vertex: format!("/models/{model}:countTokens"),
            },
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
        })
    }

    async fn send(&self, key: &Examinee, egress: EgressId) -> Finding {
        let call = Call {
            method: &Method::POST,
            path_and_query: self.paths.of(key.platform),
            headers: &self.headers,
            own_headers: None,
            key: &key.secret,
            egress,
            body: Bytes::from_static(
                br#"{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}"#,
            )
            .into(),
            deadline: Some(Instant::now() + PATIENCE),
        };
        match self.clients.of(key.platform).send(call).await {
            Ok(answer) => read(answer).await,
            Err(broken) => Finding::Unclear { why: broken.to_string() },
        }
    }
}

impl Ask for Asker {
    async fn ask(&self, key: &Examinee, again: bool) -> Heard {
        let shift = u64::from(again && !self.is_sticky);
        let seed = relay::egress_seed(&key.id, shift);
        let egress =
            self.clients.of(key.platform).egresses(seed).first().copied().unwrap_or_default();
        Heard { finding: self.send(key, egress).await, egress }
    }
}

async fn read(answer: Answer) -> Finding {
    if answer.status.is_success() {
        return Finding::Alive { remark: None };
    }
    let body = match answer.body.collect(ENOUGH).await {
        Ok(body) => body,
        Err(broken) => return Finding::Unclear { why: broken.to_string() },
    };
    let status = answer.status.as_u16();
    let verdict = upstream::classify(status, &answer.headers, &body, relay::now());
    let words = secret::redact(&verdict.message).into_owned();
    match verdict.outcome {
        Outcome::KeyDead(reason) => Finding::Dead { reason, words },
        // Google knew the key before it found something else to say.
        Outcome::QuotaSpent(_) | Outcome::ClientFault => Finding::Alive { remark: Some(words) },
        _ => Finding::Unclear { why: format!("{status}: {words}") },
    }
}
