//! One record a request, filled while it runs and handed over when it ends, however it ends.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};
use keypool::{Census, Explanation, KeyId, Outcome, Timestamp, Usage};
use store::{Cost, ErrorRecord, RequestRecord};
use telemetry::RequestEnd;

use crate::clock;
use crate::gateway::Gateway;
use crate::headers_shown;
use crate::lease::Held;
use crate::limits::{Came, Hold};
use crate::route::Dialect;
use crate::tokens::Client;
use crate::trail::{AttemptNumber, Chosen, Trail};
use crate::within::Witness;

/// nginx's status for a client that left before its answer; never sent.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// The record of a request that is running. Dropping it writes it down.
pub(crate) struct Entry {
    gateway: Arc<Gateway>,
    /// On the heap: an entry is handed from future to future, and each has room for it twice.
    record: Box<RequestRecord>,
    began: Instant,
    /// Shared with the branches.
    trail: Arc<Mutex<Trail>>,
    client: Arc<Client>,
    /// What it has reserved of the client's limits.
    hold: Option<Hold>,
    dialect: Dialect,
    logged: bool,
    /// Who is told how it ended, besides the log.
    witness: Option<Witness>,
    /// It stands for some calls of a request, whose own entry is another.
    is_branch: bool,
}

impl Entry {
    /// Begins the record of a request. `logged` is whether it goes to the request log; metrics
    /// count it in any case.
    pub(crate) fn begin(
        gateway: &Arc<Gateway>,
        id: &str,
        dialect: Dialect,
        client: &Arc<Client>,
        logged: bool,
    ) -> Self {
        gateway.metrics.request_began();
        let record = Box::new(RequestRecord {
            request_id: Arc::from(id),
            at: clock::now(),
            token_id: Some(Arc::clone(&client.token_id)),
            token_name: Some(Arc::clone(&client.name)),
            dialect: dialect.as_str(),
            operation: "",
            model: None,
            key_id: None,
            key_mask: None,
            status: CLIENT_CLOSED_REQUEST,
            outcome: "cancelled",
            attempts: 0,
            stream: false,
            duration_ms: 0,
            first_byte_ms: None,
            usage: Usage::default(),
            cost: Cost::default(),
            error: None,
            trail: None,
        });
        let began = Instant::now();
        let trail = Arc::new(Mutex::new(Trail::new(began)));
        let (gateway, client) = (Arc::clone(gateway), Arc::clone(client));
        let (hold, witness, is_branch) = (None, None, false);
        Self { gateway, record, began, trail, client, hold, dialect, logged, witness, is_branch }
    }

    /// The same, of which somebody within the process is told how it ended.
    pub(crate) fn witnessed(mut self, witness: Witness) -> Self {
        self.witness = Some(witness);
        self
    }

    /// Where it comes from, if anybody knows: the client token shows it.
    pub(crate) fn was_asked_from(&self, address: Option<IpAddr>) {
        if let Some(address) = address {
            self.client.meter.is_used_from(address);
        }
    }

    /// What the client sent along; written down as rarely as reasons are where there is much to do.
    pub(crate) fn came_with(&mut self, headers: &HeaderMap) {
        if !self.logged || !self.gateway.may_explain() {
            return;
        }
        let began = Instant::now();
        let shown = headers_shown::shown(headers, &self.gateway.redactor);
        self.trail().came_with(shown);
        self.gateway.has_explained(began.elapsed());
    }

    /// Says which surface it is of, where that is not the dialect's own.
    pub(crate) fn is_of(&mut self, surface: &'static str) {
        self.record.dialect = surface;
    }

    /// For calls that are made beside others for the same request. What it hears of attempts is
    /// written down with the request, whatever else it hears is not.
    pub(crate) fn branch(&self, stream: bool) -> Self {
        Self {
            gateway: Arc::clone(&self.gateway),
            record: Box::new(RequestRecord { stream, ..(*self.record).clone() }),
            began: self.began,
            trail: Arc::clone(&self.trail),
            client: Arc::clone(&self.client),
            hold: None,
            dialect: self.dialect,
            logged: self.logged,
            witness: None,
            is_branch: true,
        }
    }

    /// Held for as long as a note takes.
    fn trail(&self) -> MutexGuard<'_, Trail> {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who asks.
    pub(crate) fn client(&self) -> &str {
        self.record.token_name.as_deref().unwrap_or_default()
    }

    /// The id of the token that the client showed.
    pub(crate) fn token_id(&self) -> Arc<str> {
        self.record.token_id.clone().unwrap_or_default()
    }

    /// The key that answered last, or was asked last.
    pub(crate) fn key_id(&self) -> Option<&KeyId> {
        self.record.key_id.as_ref()
    }

    /// Labels of the keys that may serve the client, if not all may.
    pub(crate) fn tags(&self) -> &[String] {
        &self.client.tags
    }

    /// Whose token the client showed.
    pub(crate) fn owner(&self) -> &Arc<Client> {
        &self.client
    }

    /// Keeps what was reserved of the client's limits until the request is over.
    pub(crate) fn holds(&mut self, hold: Hold) {
        self.hold = Some(hold);
    }

    pub(crate) fn request_id(&self) -> &str {
        &self.record.request_id
    }

    /// What is asked for: an operation, of a model if it concerns one.
    ///
    /// The model is the caller's word, and callers have put keys in its place.
    pub(crate) fn asks(&mut self, operation: &'static str, model: Option<&str>, stream: bool) {
        self.record.operation = operation;
        self.record.model = model.map(|model| self.gateway.redactor.redact(model).into());
        self.record.stream = stream;
    }

    /// The model that is asked.
    pub(crate) fn model(&self) -> Option<Arc<str>> {
        self.record.model.clone()
    }

    /// The model that this record is about after all.
    pub(crate) fn is_about(&mut self, model: Option<Arc<str>>) {
        self.record.model = model;
    }

    /// The model that is asked cannot answer; another may.
    pub(crate) fn passes_over(&mut self, outcome: &'static str, message: &str) {
        let model = self.record.model.clone().unwrap_or_default();
        let message = self.gateway.redactor.redact(message).into_owned();
        tracing::info!(
            request = %self.record.request_id,
            model = &*model,
            outcome,
            message,
            "a model cannot answer"
        );
        if self.logged {
            self.trail().passes_over(model, outcome, message);
        }
    }

    /// Whether the client reads its answer as it comes.
    pub(crate) fn is_streamed(&self) -> bool {
        self.record.stream
    }

    /// Whether the next decision of the pool shall be written down with its reasons.
    pub(crate) fn wants_reasons(&self) -> bool {
        self.logged && self.trail().wants_reasons()
    }

    /// The pool has decided, at once or after a wait.
    pub(crate) fn decided(
        &mut self,
        standing: (Census, Option<Timestamp>),
        explanation: Option<&Explanation>,
        waited: Option<Duration>,
    ) {
        if self.logged {
            self.trail().decided(standing, explanation, waited);
        }
    }

    /// An attempt begins.
    pub(crate) fn attempt(&mut self, chosen: Chosen<'_>) -> AttemptNumber {
        self.uses(chosen.key, chosen.mask);
        let number = self.trail().begins(chosen);
        self.record.attempts = number.0;
        number
    }

    /// The key that the client's answer comes from, as far as is known.
    fn uses(&mut self, key: &KeyId, mask: &Arc<str>) {
        self.record.key_id = Some(key.clone());
        self.record.key_mask = Some(Arc::clone(mask));
    }

    /// Google has begun to answer an attempt, and the client gets this answer.
    pub(crate) fn attempt_answers(&mut self, held: &Held) {
        self.uses(&held.key.id, &held.key.mask);
        self.trail().answers(held.number);
    }

    /// An attempt has come to its end.
    pub(crate) fn attempt_ends(&mut self, held: &Held, outcome: &Outcome, status: Option<u16>) {
        self.trail().ends(held.number, outcome, status);
    }

    /// An attempt failed; keeps it in the error log.
    pub(crate) fn attempt_failed(
        &mut self,
        held: &Held,
        status: Option<u16>,
        outcome: &Outcome,
        message: &str,
        request_body: Option<&str>,
    ) {
        self.attempt_ends(held, outcome, status);
        let outcome = outcome.label();
        let message: Arc<str> = self.gateway.redactor.redact(message).into();
        let request_body = request_body.map(|body| self.gateway.redactor.redact(body).into());
        tracing::info!(
            request = %self.record.request_id,
            attempt = held.number.0,
            key = &*held.key.mask,
            model = self.record.model.as_deref().unwrap_or_default(),
            status,
            outcome,
            message = &*message,
            "attempt failed"
        );
        self.gateway.log.push_error(ErrorRecord {
            request_id: Arc::clone(&self.record.request_id),
            at: clock::now(),
            attempt: held.number.0,
            key_id: Some(held.key.id.clone()),
            key_mask: Some(Arc::clone(&held.key.mask)),
            token_id: self.record.token_id.clone(),
            model: self.record.model.clone(),
            status,
            outcome,
            message,
            request_body,
        });
    }

    /// The first byte of the answer is there.
    pub(crate) fn first_byte(&mut self) {
        let elapsed = milliseconds(self.began.elapsed());
        self.record.first_byte_ms.get_or_insert(elapsed);
    }

    /// Tokens counted so far.
    pub(crate) fn usage(&mut self, usage: Usage) {
        self.record.usage = usage;
    }

    /// What only the branches were told.
    fn hear_of_branches(&mut self) {
        let (attempts, last, first_byte) = {
            let trail = self.trail();
            let last = self.record.key_id.is_none().then(|| trail.last_key()).flatten();
            (trail.attempted(), last, trail.first_byte())
        };
        self.record.attempts = attempts;
        self.record.first_byte_ms = self.record.first_byte_ms.or(first_byte);
        if let Some((key, mask)) = last {
            self.uses(&key, &mask);
        }
    }

    /// Gives up what was reserved of the client's limits.
    pub(crate) fn lets_go(&mut self) {
        if let Some(hold) = self.hold.take() {
            hold.settle(Came::ToNothing);
        }
    }

    /// What it has reserved of the client's limits.
    pub(crate) fn hold(&mut self) -> Option<&mut Hold> {
        self.hold.as_mut()
    }

    /// What is to be counted against the client's limits.
    fn came(&self) -> Came {
        let usage = self.record.usage;
        if self.record.attempts == 0 {
            return Came::ToNothing;
        }
        // Who leaves before the first count is sent has read nothing, but Google has.
        if self.record.status == CLIENT_CLOSED_REQUEST && usage == Usage::default() {
            return Came::ToAnUnknownEnd;
        }
        Came::To(usage)
    }

    /// How it ended.
    pub(crate) fn ends(&mut self, status: StatusCode, outcome: &'static str) {
        self.record.status = status.as_u16();
        self.record.outcome = outcome;
    }

    /// What the tokens used cost by list price.
    fn cost(&self) -> Cost {
        let Some(model) = self.record.model.as_deref() else { return Cost::default() };
        if self.record.usage == Usage::default() {
            return Cost::default();
        }
        let configuration = self.gateway.configuration();
        let day = configuration.calendar.day(clock::now());
        Cost::from_nanos(configuration.prices.nanos(model, &day.name, &self.record.usage))
    }

    /// How it ended, and why it was no success.
    pub(crate) fn fails(&mut self, status: StatusCode, outcome: &'static str, error: &str) {
        self.ends(status, outcome);
        self.record.error = Some(self.gateway.redactor.redact(error).into());
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.is_branch {
            return;
        }
        let duration = self.began.elapsed();
        self.hear_of_branches();
        if let Some(hold) = self.hold.take() {
            hold.settle(self.came());
        }
        self.record.duration_ms = milliseconds(duration);
        self.gateway.metrics.request_ended(&RequestEnd {
            dialect: self.dialect.as_str(),
            status: self.record.status,
            stream: self.record.stream,
            duration,
            first_byte: self.record.first_byte_ms.map(|ms| Duration::from_millis(ms.into())),
            prompt_tokens: self.record.usage.prompt + self.record.usage.tool_prompt,
            completion_tokens: self.record.usage.completion + self.record.usage.thoughts,
        });
        if !self.logged && self.witness.is_none() {
            return;
        }
        let trail = self.trail().take_json().map(Arc::from);
        self.record.trail = trail;
        self.record.cost = self.cost();
        if self.logged {
            self.gateway.log.push_request((*self.record).clone());
        }
        if let Some(witness) = &self.witness {
            witness.hears((*self.record).clone());
        }
    }
}

/// Counts a request that was turned away before it had an entry: strangers fill no log.
pub(crate) fn count_rejected(gateway: &Gateway, dialect: Dialect, status: StatusCode) {
    gateway.metrics.request_began();
    gateway.metrics.request_ended(&RequestEnd {
        dialect: dialect.as_str(),
        status: status.as_u16(),
        stream: false,
        duration: Duration::ZERO,
        first_byte: None,
        prompt_tokens: 0,
        completion_tokens: 0,
    });
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
