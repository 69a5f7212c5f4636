//! `keys check`: one call to Google per key that costs no quota, and what its answer teaches.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use keypool::{DeathReason, Health, Learned, LearnedKey, Outcome};
use secret::PoolKey;
use serde::Serialize;
use settings::Settings;
use store::{Store, StoredKey};
use tokio::task::JoinSet;
use tokio::time::Instant;
use upstream::{Call, Client};

use super::change;
use crate::boot::Boot;
use crate::failure::Failure;
use crate::output::{self, Table};

/// Keys that are asked about at the same time.
const AT_ONCE: usize = 8;

/// Longest time for one key.
const PATIENCE: Duration = Duration::from_secs(30);

/// An error answer is shorter.
const ENOUGH: usize = 64 * 1024;

/// Checks the keys that are meant, or all.
pub(super) async fn run(boot: &Boot, references: &[String], json: bool) -> Result<(), Failure> {
    let store = &boot.store;
    let keys = if references.is_empty() {
        store.list_keys().await?
    } else {
        change::find_all(store, references).await?
    };
    let asker = Arc::new(Asker::new(&boot.resolved.settings)?);
    let findings = ask_all(&asker, &keys).await?;
    remember(store, &keys, &findings).await?;
    let items: Vec<_> =
        keys.iter().zip(&findings).map(|(key, finding)| Item::new(key, finding)).collect();
    if json { output::print_json(&items) } else { show(&items) }
}

/// What an answer says about the key.
#[derive(Clone)]
enum Finding {
    Alive { remark: Option<String> },
    Dead { reason: DeathReason, words: String },
    Unclear { why: String },
}

/// What every key is asked.
struct Asker {
    client: Client,
    path: String,
    headers: HeaderMap,
}

impl Asker {
    fn new(settings: &Settings) -> Result<Self, Failure> {
        let client = relay::build_client(&settings.upstream)
            .map_err(|error| Failure::configuration(error.to_string()))?;
        let version = &settings.upstream.default_version;
        let model = settings.models.test_model.trim_start_matches("models/");
        let json = HeaderValue::from_static("application/json");
        Ok(Self {
            client,
            path: format!("/{version}/models/{model}:countTokens"),
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
        })
    }

    async fn ask(&self, key: &PoolKey, seed: u64) -> Finding {
        let egress = self.client.egresses(seed).first().copied().unwrap_or_default();
        let call = Call {
            method: &Method::POST,
            path_and_query: &self.path,
            headers: &self.headers,
            key,
            egress,
            body: Bytes::from_static(br#"{"contents":[{"parts":[{"text":"hello"}]}]}"#),
            deadline: Some(Instant::now() + PATIENCE),
        };
        let answer = match self.client.send(call).await {
            Ok(answer) => answer,
            Err(broken) => return Finding::Unclear { why: broken.to_string() },
        };
        if answer.status.is_success() {
            return Finding::Alive { remark: None };
        }
        let body = match answer.body.collect(ENOUGH).await {
            Ok(body) => body,
            Err(broken) => return Finding::Unclear { why: broken.to_string() },
        };
        let status = answer.status.as_u16();
        let verdict = upstream::classify(status, &answer.headers, &body, output::now());
        let words = secret::redact(&verdict.message).into_owned();
        match verdict.outcome {
            Outcome::KeyDead(reason) => Finding::Dead { reason, words },
            // Google knew the key before it found something else to say.
            Outcome::QuotaSpent(_) | Outcome::ClientFault => Finding::Alive { remark: Some(words) },
            _ => Finding::Unclear { why: format!("{status}: {words}") },
        }
    }
}

/// Findings in the order of the keys.
async fn ask_all(asker: &Arc<Asker>, keys: &[StoredKey]) -> Result<Vec<Finding>, Failure> {
    let unreadable = "its row does not open under the master key".to_owned();
    let mut findings = vec![Finding::Unclear { why: unreadable }; keys.len()];
    let mut running = JoinSet::new();
    for (index, key) in keys.iter().enumerate() {
        let Some(secret) = key.secret.clone() else { continue };
        if running.len() >= AT_ONCE {
            note(&mut findings, running.join_next().await)?;
        }
        let asker = Arc::clone(asker);
        running.spawn(async move { (index, asker.ask(&secret, index as u64).await) });
    }
    while !running.is_empty() {
        note(&mut findings, running.join_next().await)?;
    }
    Ok(findings)
}

type Asked = Option<Result<(usize, Finding), tokio::task::JoinError>>;

fn note(findings: &mut [Finding], asked: Asked) -> Result<(), Failure> {
    let Some(asked) = asked else { return Ok(()) };
    let (index, finding) = asked.context("a check was cut off")?;
    if let Some(place) = findings.get_mut(index) {
        *place = finding;
    }
    Ok(())
}

/// Takes dead keys out, and those that live again back in.
async fn remember(store: &Store, keys: &[StoredKey], findings: &[Finding]) -> Result<(), Failure> {
    let known: Vec<LearnedKey> = store
        .load_learned()
        .await?
        .into_iter()
        .filter_map(|learned| match learned {
            Learned::Key(key) if key.health.is_dead() => Some(key),
            _ => None,
        })
        .collect();
    let mut died = Vec::new();
    for (key, finding) in keys.iter().zip(findings) {
        let was_dead = known.iter().any(|dead| dead.id == key.id);
        match finding {
            Finding::Alive { .. } if was_dead => {
                store.revive_key(&key.id).await?;
            }
            Finding::Dead { reason, .. } if !was_dead => {
                let health = Health::Dead { reason: *reason, since: output::now() };
                died.push(Learned::Key(LearnedKey { id: key.id.clone(), health }));
            }
            _ => {}
        }
    }
    if !died.is_empty() {
        store.save_learned(died).await?;
        store.announce().await?;
    }
    Ok(())
}

/// A checked key as `--json` shows it.
#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    key: &'a str,
    name: Option<&'a str>,
    /// `alive`, `dead` or `unclear`.
    result: &'static str,
    reason: Option<&'static str>,
    message: Option<&'a str>,
}

impl<'a> Item<'a> {
    fn new(key: &'a StoredKey, finding: &'a Finding) -> Self {
        let (result, reason, message) = match finding {
            Finding::Alive { remark } => ("alive", None, remark.as_deref()),
            Finding::Dead { reason, words } => {
                ("dead", Some(reason.as_str()), Some(words.as_str()))
            }
            Finding::Unclear { why } => ("unclear", None, Some(why.as_str())),
        };
        let name = key.name.as_deref();
        Self { id: key.id.as_str(), key: &key.mask, name, result, reason, message }
    }
}

fn show(items: &[Item<'_>]) -> Result<(), Failure> {
    if items.is_empty() {
        return output::print("No keys to check.");
    }
    let mut table = Table::new(["ID", "KEY", "NAME", "RESULT", "REASON", "GOOGLE'S WORDS"]);
    for item in items {
        table.row([
            item.id.to_owned(),
            item.key.to_owned(),
            item.name.unwrap_or_default().to_owned(),
            item.result.to_owned(),
            item.reason.unwrap_or_default().to_owned(),
            item.message.unwrap_or_default().replace(char::is_control, " "),
        ]);
    }
    output::print(&table.to_string())
}
