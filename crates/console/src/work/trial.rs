//! Trying a model with some keys: a small request with each, as a client would send it.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use keypool::{KeyId, KeyState, Platform};
use relay::{Behalf, Reply, Within};
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;
use uuid::Uuid;

use super::job::{Done, Job, Outcome};
use crate::State;
use crate::access::Identity;
use crate::error::Error;
use crate::models::{Catalogue, Facts};
use crate::pool::each;

/// So many keys are tried.
const TRIED: usize = 3;

/// More of an answer is not read.
const ENOUGH: usize = 64 * 1024;

/// What stands in the names of models that draw, speak, film or sing, or is their family.
const DEAR: [&str; 10] =
    ["image", "banana", "tts", "asr", "live", "music", "video", "imagen", "veo", "lyria"];

/// The action of such jobs.
pub(crate) const ACTION: &str = "test_model";

/// What is asked of a model: what it can do, and costs next to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// A word.
    Hello,
    /// Where a word lies.
    Place,
    /// Only whether the key can see it: an answer would be a picture, a film, a song.
    Description,
}

/// Tries a model with three keys that are chosen by chance, as a job.
pub(crate) async fn test_model(
    state: &State,
    identity: &Identity,
    model: &str,
) -> Result<Arc<Job>, Error> {
    let facts = Catalogue::read(&state.store).await?.facts(model, relay::now());
    let keys = some_keys(state).await;
    if keys.is_empty() {
        return Err(Error::Conflict("No key is valid that it could be tried with.".to_owned()));
    }
    let job = state.jobs.begin_about(ACTION, model, &identity.actor, keys.len());
    let detail = json!({"count": keys.len(), "job": job.id}).to_string();
    state.store.note(&identity.actor, "models.test", model, &detail).await?;
    let trial = Trial {
        within: state.within.clone(),
        name: format!("console ({})", identity.actor),
        model: model.to_owned(),
        question: Question::of(model, &facts),
        job: Arc::clone(&job),
    };
    let stop = state.gateway.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = join_all(keys.into_iter().map(|(id, mask)| trial.ask(id, mask))) => {}
            () = trial.job.cancel.cancelled() => {}
            () = stop.cancelled() => {}
        }
        trial.job.finish();
    });
    Ok(job)
}

/// Valid keys, chosen by chance, with their masks.
async fn some_keys(state: &State) -> Vec<(KeyId, String)> {
    let (mut chosen, mut seen) = (Vec::with_capacity(TRIED), 0);
    each(&state.gateway, relay::now(), |key| {
        let is_valid = matches!(key.state, KeyState::Ready | KeyState::Cooling);
        if !is_valid || key.platform != Platform::Gemini {
            return;
        }
        seen += 1;
        let place = if chosen.len() < TRIED { chosen.len() } else { below(seen) };
        let found = || (key.id.clone(), key.mask.to_owned());
        match chosen.get_mut(place) {
            Some(other) => *other = found(),
            None if place < TRIED => chosen.push(found()),
            None => {}
        }
    })
    .await;
    chosen
}

/// Any number below this one.
fn below(bound: usize) -> usize {
    let chance = Uuid::now_v7().as_u64_pair().1 & (u64::MAX >> 2);
    usize::try_from(chance % bound as u64).unwrap_or_default()
}

struct Trial {
    within: Within,
    name: String,
    model: String,
    question: Question,
    job: Arc<Job>,
}

impl Trial {
    async fn ask(&self, id: KeyId, mask: String) {
        let behalf =
            Behalf { name: self.name.clone(), tags: Vec::new(), key: Some(id.clone()), way: None };
        let (outcome, code, message) = match self.question.request(&self.model) {
            None => (Outcome::Failed, "failed", "This is no name of a model.".to_owned()),
            Some(request) => match self.within.ask(behalf, request).await {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    judge(head.status, &collected(body).await)
                }
                Err(error) => (Outcome::Failed, "failed", error.to_string()),
            },
        };
        self.job.add(Done { id: id.to_string(), mask, outcome, code, message });
    }
}

impl Question {
    fn of(model: &str, facts: &Facts) -> Self {
        let can = |method: &str| facts.methods.iter().any(|one| one == method);
        let writes_text = facts.writes.is_empty() || facts.writes == ["text"];
        let says = |word: &&str| model.contains(*word) || facts.family == **word;
        if can("embedContent") || facts.family == "embedding" {
            Self::Place
        } else if writes_text && !DEAR.iter().any(says) {
            Self::Hello
        } else {
            Self::Description
        }
    }

    fn request(self, model: &str) -> Option<Request<Bytes>> {
        let name: String = byte_serialize(model.as_bytes()).collect();
        let path = format!("/v1beta/models/{}", name.replace('+', "%20"));
        let content = json!({"parts": [{"text": "hello"}]});
        let (path, body) = match self {
            Self::Description => return Request::get(path).body(Bytes::new()).ok(),
            Self::Hello => {
                let contents = json!([{"role": "user", "parts": content["parts"]}]);
                (format!("{path}:generateContent"), json!({ "contents": contents }))
            }
            Self::Place => (format!("{path}:embedContent"), json!({ "content": content })),
        };
        let body = Bytes::from(body.to_string());
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("content-length", body.len());
        request.body(body).ok()
    }
}

async fn collected(mut body: Reply) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data.as_ref()));
        if bytes.len() > ENOUGH {
            break;
        }
    }
    bytes
}

/// What an answer says of the model and the key.
fn judge(status: StatusCode, body: &[u8]) -> (Outcome, &'static str, String) {
    if status.is_success() {
        return (Outcome::Ok, "answers", String::new());
    }
    let code = match status.as_u16() {
        429 => "out_of_quota",
        404 => "not_found",
        400 | 401 | 403 => "refused",
        500 | 502..=504 => "overloaded",
        _ => "failed",
    };
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = told.pointer("/error/message").and_then(Value::as_str);
    let message = message.map_or_else(|| status.to_string(), str::to_owned);
    (Outcome::Failed, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(name: &str) -> Facts {
        Catalogue::default().facts(name, relay::now())
    }

    #[test]
    fn nothing_dear_is_asked_for() {
        let question = |name: &str| Question::of(name, &facts(name));
        assert_eq!(question("gemini-2.5-flash"), Question::Hello);
        assert_eq!(question("gemini-9-ultra"), Question::Hello, "nobody has described it");
        assert_eq!(question("gemini-embedding-001"), Question::Place);
        for dear in [
            "gemini-2.5-flash-image",
            "veo-3.1-generate-preview",
            "lyria-3.5",
            "veo-99",
            "gemini-9-image",
        ] {
            assert_eq!(question(dear), Question::Description, "{dear}");
        }
        let request = Question::Description.request("tuned models/a").unwrap();
        assert_eq!(request.uri().path(), "/v1beta/models/tuned%20models%2Fa");
    }

    #[test]
    fn an_answer_is_told_by_its_kind() {
        let body = br#"{"error": {"code": 404, "message": "models/x is not found"}}"#;
        let (outcome, code, message) = judge(StatusCode::NOT_FOUND, body);
        assert_eq!((outcome, code), (Outcome::Failed, "not_found"));
        assert_eq!(message, "models/x is not found");
        assert_eq!(judge(StatusCode::OK, b"{}").1, "answers");
        assert_eq!(judge(StatusCode::TOO_MANY_REQUESTS, b"?").1, "out_of_quota");
        assert!((0..50).all(|_| below(3) < 3));
    }
}
