//! The order of decisions: route, credential, plan, request, quota, answer.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use http::StatusCode;
use serde_json::Value;

use crate::answer::Answer;
use crate::ask::{Ask, items};
use crate::call::{Call, Credentials};
use crate::compat;
use crate::embed;
use crate::errors;
use crate::faults::{self, Fault};
use crate::html;
use crate::inspect;
use crate::long_decode;
use crate::models::Model;
use crate::older;
use crate::reply::{EVENTS, JSON, Reply};
use crate::resources;
use crate::route::Operation;
use crate::script::KeyPlan;
use crate::server::Google;
use crate::stream::{self, Framing};
use crate::uploads;
use crate::validate;

/// The model behind tuned and dynamic ones.
const BEHIND: &str = "gemini-2.5-flash";

/// What this call is answered.
pub(crate) fn decide(google: &Google, call: &Call) -> Reply {
    match call.target.operation {
        Operation::Inspect => return inspect::answer(google, call),
        Operation::Unknown => return html::not_found(&call.path),
        _ => {}
    }
    let key = match &call.credentials {
        Credentials::Key(key) => key,
        Credentials::None => return errors::from_catalogue("no_credentials"),
        Credentials::Bearer => return errors::from_catalogue("unauthenticated_token_type"),
        Credentials::Several => return errors::from_catalogue("multiple_credentials"),
    };
    let (plan, project) = {
        let mut script = google.script.lock();
        if script.is_of_vertex(key) != call.target.is_vertex {
            return errors::from_catalogue("api_key_invalid");
        }
        (script.next_plan(key, call.target.model.as_deref()), script.project_of(key))
    };
    let caller = Caller { google, call, project: &project };
    match plan {
        KeyPlan::Valid => caller.answer(None),
        KeyPlan::Invalid => errors::from_catalogue("api_key_invalid"),
        KeyPlan::Expired => errors::from_catalogue("api_key_expired"),
        KeyPlan::Suspended => errors::suspended(key, &project),
        KeyPlan::Leaked => errors::from_catalogue("key_leaked"),
        KeyPlan::ServiceDisabled => errors::service_disabled(&project),
        KeyPlan::LocationUnsupported => errors::from_catalogue("location_not_supported"),
        KeyPlan::Fault(fault) => {
            faults::instead(&fault).unwrap_or_else(|| caller.answer(Some(&fault)))
        }
    }
}

/// A call of a key that is good.
pub(crate) struct Caller<'a> {
    pub(crate) google: &'a Google,
    pub(crate) call: &'a Call,
    pub(crate) project: &'a str,
}

impl Caller<'_> {
    fn answer(&self, fault: Option<&Fault>) -> Reply {
        let reply = match self.call.target.operation {
            Operation::ListModels => self.google.models.list(self.call),
            Operation::GetModel => self.google.models.get(self.call),
            Operation::Compat => compat::answer(self),
            Operation::Resource => resources::answer(self),
            Operation::Upload => uploads::answer(self),
            Operation::Older => older::answer(self),
            _ => match self.ask_model(fault) {
                Ok(reply) => reply,
                // What is refused is refused at once.
                Err(refusal) => return refusal,
            },
        };
        match fault {
            Some(Fault::SlowFirstByte(by)) => reply.delayed(*by),
            _ => reply,
        }
    }

    fn ask_model(&self, fault: Option<&Fault>) -> Result<Reply, Reply> {
        let target = &self.call.target;
        let model = self.google.models.find(self.asked_model()?);
        let model = model.filter(|model| model.supports(&target.label));
        let model = model.ok_or_else(|| errors::model_not_found(target))?;
        let body = validate::parse(
            &self.call.body,
            match target.operation {
                Operation::CountTokens => &validate::COUNT_REQUEST,
                Operation::EmbedContent => &validate::EMBED_REQUEST,
                Operation::BatchEmbedContents => &validate::BATCH_EMBED_REQUEST,
                _ => &validate::GENERATE_REQUEST,
            },
        )?;
        self.shelf().reaches(self.project, &body)?;
        if target.is_vertex && items(&body["contents"]).iter().any(|turn| turn["role"].is_null()) {
            return Err(errors::invalid_argument("Please use a valid role: user, model."));
        }
        match target.operation {
            Operation::CountTokens => Ok(embed::count_tokens(model, &body)),
            Operation::EmbedContent => {
                self.spend(model, embed::embedding_tokens([&body]))?;
                Ok(embed::embed(model, &body))
            }
            Operation::BatchEmbedContents => {
                self.spend(model, embed::embedding_tokens(items(&body["requests"])))?;
                Ok(embed::embed_batch(model, &body))
            }
            _ => self.generate(model, &body, fault),
        }
    }

    /// The model that answers: behind one of a project's own stands another.
    pub(crate) fn asked_model(&self) -> Result<&str, Reply> {
        let asked = self.call.target.model.as_deref().unwrap_or_default();
        if asked.starts_with("tunedModels/") {
            let now = self.google.clock.now_millis();
            self.shelf().get(self.project, asked, now)?;
        }
        let is_named = asked.starts_with("tunedModels/") || asked.starts_with("dynamic/");
        Ok(if is_named { BEHIND } else { asked })
    }

    fn generate(&self, model: &Model, body: &Value, fault: Option<&Fault>) -> Result<Reply, Reply> {
        let named = body["model"].as_str().map(|name| name.trim_start_matches("models/"));
        if named.is_some_and(|named| Some(named) != self.call.target.model.as_deref()) {
            return Err(errors::from_catalogue("invalid_argument_generic"));
        }
        let ask = Ask::new(model, body);
        validate::generate(&ask)?;
        self.spend(model, ask.prompt_tokens())?;
        let serial = self.google.serial.fetch_add(1, Ordering::Relaxed);
        let mut answer = Answer::to(&ask, body, serial);
        if model.long_decode {
            let calls = self.google.script.lock().calls();
            answer = long_decode::part(answer, &ask, calls)?;
        }
        if self.call.target.operation == Operation::GenerateContent {
            return Ok(match fault {
                None => Reply::json(StatusCode::OK, &stream::whole(&answer)),
                Some(fault) => faults::whole(answer, fault),
            });
        }
        let (framing, content_type) = match self.call.query("alt") {
            Some("sse") => (Framing::Events, EVENTS),
            _ => (Framing::Array, JSON),
        };
        let pause = self.google.script.lock().pause();
        let steps = match fault {
            None => framing.steps(stream::events(answer), pause),
            Some(fault) => faults::stream(answer, fault, framing, pause),
        };
        Ok(Reply::stream(content_type, steps))
    }

    fn spend(&self, model: &Model, tokens: u64) -> Result<(), Reply> {
        let quota = self.google.script.lock().quota_for(self.project, &model.id);
        let mut meters = self.google.meters.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock, so that no request seems to come before one that was counted.
        let now = self.google.clock.now_millis();
        meters
            .take(quota, self.project, &model.id, tokens, now)
            .map_err(|exceeded| errors::quota_exceeded(&exceeded, quota.tier, model))
    }
}
