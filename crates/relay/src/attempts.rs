//! The attempt loop: the only place that retries.
//!
//! A request may hop over any number of dead and exhausted keys, for these cost Google nothing and
//! are never asked twice; but only `MAX_RETRIES` attempts may end in an overloaded model or a
//! broken connection, and only within the retry budget. All of it ends at the total deadline.

mod hedged;
mod joined;
mod leasing;
mod opened;
mod repair;
mod started;
mod whole;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dialect::ResponseError;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, StatusCode};
use keypool::{Census, Outcome, Phase, Refusal, Timestamp, Tried, Usage};
use rand::RngExt;
use tokio::time::Instant;
use upstream::{Answer, Broken, Class, Payload, Verdict};

pub(crate) use joined::{Joined, joined};
pub(crate) use opened::{once, opened};
pub(crate) use repair::Repair;
pub(crate) use started::{Beginning, Started, started};
pub(crate) use whole::whole;

use crate::answer::Fault;
use crate::clock;
use crate::estimate;
use crate::exchange::Exchange;
use crate::lease::Held;
use crate::lost::{self, Lost, Refused};
use crate::outline::Outline;
use crate::stream::pool_usage;
use hedged::Rival;

/// Even a pool of thousands of dead keys must not keep one request busy for ever.
const MAX_HOPS: u32 = 64;

/// First pause after an overloaded model; doubles with each further attempt, with full jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Largest error body that is read from Google.
const MAX_ERROR_BODY: usize = 1 << 20;

/// What is to be sent, whichever key it goes with.
pub(crate) struct Plan<'a> {
    pub(crate) method: &'a Method,
    /// Below the base address, with the version.
    pub(crate) path_and_query: &'a str,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Payload,
    /// The model whose quota is used, if any.
    pub(crate) model: Option<&'a str>,
    /// Whether Google may be asked twice although it may have heard the first time: not where it
    /// makes something that stays.
    pub(crate) repeatable: bool,
    /// Stands for the calls that are best made with the keys of one project; without, those whose
    /// prompts begin alike.
    pub(crate) kin: Option<u64>,
    /// What may be changed if Google does not take it.
    pub(crate) repair: Repair<'a>,
}

impl<'a> Plan<'a> {
    /// A call about something, with nothing to send: no model's quota is used, and it may be repeated.
    pub(crate) fn without_body(method: &'a Method, path_and_query: &'a str) -> Self {
        Self {
            method,
            path_and_query,
            headers: HeaderMap::new(),
            body: Payload::default(),
            model: None,
            repeatable: true,
            kin: None,
            repair: Repair::No,
        }
    }
}

/// Why an answer with status 200 cannot be given to the client.
pub(crate) enum Unusable {
    /// Nothing in it.
    Empty(Usage),
    /// It says what the request lacked, and now there is another request to send.
    Mended {
        /// What it has cost nevertheless.
        usage: Usage,
        /// What was wrong.
        why: &'static str,
    },
    /// A filter has kept it back; asking again would change nothing.
    Withheld {
        /// What the client is told.
        message: String,
        /// What it has cost nevertheless.
        usage: Usage,
    },
    /// Not what Google's API answers.
    Malformed(String),
    /// An error object in place of an answer.
    Error(Bytes),
}

impl Unusable {
    /// What is told if there is no other attempt.
    pub(crate) fn lost(&self) -> Lost {
        let (code, label, message) = match self {
            Self::Withheld { message, .. } => {
                let fault = Fault::new(StatusCode::BAD_REQUEST, "content_filter", message.as_str());
                return Lost::Fault(fault, Outcome::ClientFault.label());
            }
            Self::Empty(_) | Self::Mended { .. } => {
                ("upstream_empty_response", "empty", "Google's answer was empty.".to_owned())
            }
            Self::Malformed(why) => {
                ("upstream_malformed_response", "link_broken", format!("Google's answer: {why}"))
            }
            Self::Error(_) => {
                let message = "Google's answer is an error.".to_owned();
                ("upstream_malformed_response", "link_broken", message)
            }
        };
        Lost::Fault(Fault::new(StatusCode::BAD_GATEWAY, code, message), label)
    }

    /// What a translator could not make of a whole answer.
    pub(crate) fn translating(error: ResponseError, answer: &Bytes) -> Self {
        match error {
            ResponseError::Empty { usage } => Self::Empty(pool_usage(usage)),
            ResponseError::Upstream(_) => Self::Error(answer.clone()),
            ResponseError::Withheld { message, usage } => {
                Self::Withheld { message, usage: pool_usage(usage) }
            }
            error => Self::Malformed(error.to_string()),
        }
    }
}

/// A connection that broke, in the loop's terms.
struct Break {
    phase: Phase,
    timed_out: bool,
    /// Whether Google may have heard of the request.
    sent: bool,
    message: String,
}

impl Break {
    /// What arrived is not what Google's API answers.
    fn of_protocol(phase: Phase, message: &str) -> Self {
        Self { phase, timed_out: false, sent: true, message: message.to_owned() }
    }
}

impl From<Broken> for Break {
    fn from(broken: Broken) -> Self {
        let message = broken.to_string();
        Self { phase: broken.phase, timed_out: broken.timed_out, sent: broken.sent, message }
    }
}

/// The loop's state.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one request")]
struct Attempts<'a> {
    exchange: &'a mut Exchange,
    plan: &'a Plan<'a>,
    /// The plan's, until it has to be repaired.
    body: Payload,
    /// Of the plan's.
    outline: Outline,
    /// Only keys of projects with billing are asked for.
    is_billed: bool,
    /// The administrator's own for this model.
    headers: Option<Arc<HeaderMap>>,
    is_repaired: bool,
    deadline: Instant,
    /// Input tokens that the request will probably use.
    tokens: u64,
    /// Stands for how the prompt begins.
    prefix: Option<u64>,
    tried: Vec<Tried>,
    hops: u32,
    /// When the first of the quotas is free again that were found spent.
    frees: Option<Timestamp>,
    /// Attempts that ended in an overloaded model, a broken connection or an empty answer.
    faults: u32,
    /// How often an egress proved useless for this request.
    egress_shift: u64,
    waited: Duration,
    /// An attempt that still runs beside the one that has failed.
    rival: Option<Rival<'a>>,
    /// What the last fault was, to be told if there is no other way.
    last: Option<Lost>,
    /// Google is shown a token of a session, and not the key.
    shows_token: bool,
    /// There is no second attempt: the body can be sent once.
    is_single: bool,
}

impl<'a> Attempts<'a> {
    fn new(exchange: &'a mut Exchange, plan: &'a Plan<'a>) -> Self {
        exchange.gateway.count_request();
        let deadline = exchange.deadline;
        let counts = plan.model.is_some();
        let headers = plan.model.and_then(|model| exchange.configuration.headers_of(model));
        let outline = Outline::of(plan.body.text());
        let tokens = if counts { estimate::input_tokens(&plan.body, &outline) } else { 0 };
        let is_billed = exchange.entry.tags().is_empty()
            && plan.model.is_some_and(dialect::models::needs_billing)
            && exchange.gateway.pool(exchange.platform).has_tag(leasing::PAID);
        let prefix = plan.kin.or_else(|| estimate::prefix(&plan.body)).filter(|_| counts);
        Self {
            exchange,
            plan,
            body: plan.body.clone(),
            outline,
            is_billed,
            headers,
            is_repaired: false,
            deadline,
            tokens,
            prefix,
            tried: Vec::new(),
            hops: 0,
            frees: None,
            faults: 0,
            egress_shift: 0,
            waited: Duration::ZERO,
            rival: None,
            last: None,
            shows_token: false,
            is_single: false,
        }
    }

    /// Keeps to the keys that reach what the request names.
    async fn bind(&mut self) -> Result<(), Lost> {
        if let Some(body) = self.exchange.bind_body(&self.plan.body, &self.outline).await? {
            self.body = body;
        }
        Ok(())
    }

    /// The exchange that this loop works for.
    fn exchange(&mut self) -> &mut Exchange {
        self.exchange
    }

    /// Goes on until Google answers with a success whose body has not been read yet.
    async fn open(&mut self) -> Result<(Held, Answer), Lost> {
        loop {
            let (mut held, sent) = if let Some(rival) = self.rival.take() {
                rival.await
            } else {
                let held = self.lease().await?;
                self.call(held).await
            };
            match sent {
                Ok(mut answer) if answer.status.is_success() => {
                    held.answered();
                    self.exchange.entry.attempt_answers(&held);
                    answer.headers.remove(CONTENT_LENGTH);
                    return Ok((held, answer));
                }
                // What goes wrong is boxed: every request in flight would carry its room.
                Ok(answer) => Box::pin(self.refused(held, answer)).await?,
                Err(broken) => Box::pin(self.broken(held, broken.into())).await?,
            }
        }
    }

    /// Google answered with an error: who is to blame, and may another key help?
    async fn refused(&mut self, held: Held, answer: Answer) -> Result<(), Lost> {
        let Answer { status, mut headers, body, .. } = answer;
        headers.remove(CONTENT_LENGTH);
        let body = match body.collect(MAX_ERROR_BODY).await {
            Ok(body) => body,
            Err(broken) => return self.broken(held, broken.into()).await,
        };
        let verdict = upstream::classify(status.as_u16(), &headers, &body, clock::now());
        self.judged(held, verdict, status, headers, body).await
    }

    /// An error object arrived with status 200.
    async fn refused_inside(&mut self, held: Held, body: Bytes) -> Result<(), Lost> {
        let Some(verdict) = upstream::classify_event_error(&body, clock::now()) else {
            let message = "Google's answer is an error that cannot be read.";
            return self.broken(held, Break::of_protocol(Phase::Protocol, message)).await;
        };
        let status = StatusCode::from_u16(verdict.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, crate::answer::JSON);
        self.judged(held, verdict, status, headers, body).await
    }

    async fn judged(
        &mut self,
        held: Held,
        verdict: Verdict,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(), Lost> {
        let is_of_model =
            verdict.class == Class::UnknownModel || matches!(verdict.outcome, Outcome::ModelBusy);
        let outcome = match verdict.outcome {
            // It is the token that Google does not take.
            Outcome::KeyDead(_) | Outcome::KeyRefused if self.shows_token => Outcome::ClientFault,
            outcome => outcome,
        };
        let label = outcome.label();
        let message = verdict.message;
        let is_repaired = matches!(outcome, Outcome::ClientFault) && self.repair(&body);
        self.note(&held, Some(status.as_u16()), &outcome, &message);
        if is_repaired {
            held.settle(&outcome);
            return Ok(());
        }
        let body = self.exchange.gateway.redactor.redact_bytes(&body).into_owned().into();
        let retry_after = matches!(outcome, Outcome::ModelBusy).then_some(1);
        let refused = if matches!(outcome, Outcome::KeyRefused) {
            Lost::Fault(key_refused(&message), label)
        } else {
            let outcome = label;
            let refused =
                Refused { status, headers, body, outcome, message, retry_after, is_of_model };
            Lost::Refused(Box::new(refused))
        };
        self.tried.push(Tried {
            key: held.key.id.clone(),
            avoid_project: matches!(outcome, Outcome::QuotaSpent(_)),
        });
        held.settle(&outcome);
        self.egress_shift += u64::from(matches!(outcome, Outcome::RegionRefused));
        match outcome {
            Outcome::KeyDead(_) => {
                let platform = self.exchange.platform;
                self.hop(lost::unavailable(platform, Refusal::AllTried, Census::default()))
            }
            Outcome::QuotaSpent(spent) => {
                self.frees = self.frees.into_iter().chain(spent.until).min();
                self.hop(lost::hopped_enough(self.frees, clock::now()))
            }
            Outcome::ModelBusy | Outcome::KeyRefused | Outcome::RegionRefused => {
                self.fault(refused, matches!(outcome, Outcome::ModelBusy)).await
            }
            _ => Err(refused),
        }
    }

    /// The connection broke before an answer was whole.
    async fn broken(&mut self, held: Held, broken: Break) -> Result<(), Lost> {
        let Break { phase, timed_out, sent, message } = broken;
        let outcome = Outcome::LinkBroken(phase);
        self.note(&held, None, &outcome, &message);
        self.tried.push(Tried { key: held.key.id.clone(), avoid_project: false });
        let label = outcome.label();
        held.settle(&outcome);
        self.egress_shift += u64::from(matches!(phase, Phase::Connect | Phase::Tls));
        let (status, code) = if timed_out {
            (StatusCode::GATEWAY_TIMEOUT, "upstream_timeout")
        } else {
            (StatusCode::BAD_GATEWAY, "upstream_unreachable")
        };
        let lost = Lost::Fault(Fault::new(status, code, message), label);
        if sent && !self.plan.repeatable {
            return Err(lost);
        }
        self.fault(lost, false).await
    }

    /// Status 200 with something that no client can use.
    async fn unusable(&mut self, held: Held, unusable: Unusable) -> Result<(), Lost> {
        let lost = unusable.lost();
        let outcome = match unusable {
            Unusable::Error(body) => return self.refused_inside(held, body).await,
            Unusable::Empty(usage) => Outcome::Empty { usage },
            Unusable::Mended { usage, why } => {
                let outcome = Outcome::Empty { usage };
                self.note(&held, Some(200), &outcome, why);
                held.settle(&outcome);
                return Ok(());
            }
            Unusable::Withheld { usage, .. } => {
                let served = Outcome::Served { usage };
                self.exchange.entry.attempt_ends(&held, &served, Some(200));
                self.exchange.entry.usage(usage);
                held.settle(&served);
                return Err(lost);
            }
            Unusable::Malformed(_) => Outcome::LinkBroken(Phase::Protocol),
        };
        self.note(&held, Some(200), &outcome, lost.message());
        self.tried.push(Tried { key: held.key.id.clone(), avoid_project: false });
        held.settle(&outcome);
        self.fault(lost, false).await
    }

    /// The key is out, the request goes on with the next.
    fn hop(&mut self, lost: Lost) -> Result<(), Lost> {
        self.hops += 1;
        if self.rival.is_some() {
            return Ok(());
        }
        if !self.is_single && self.hops < MAX_HOPS && Instant::now() < self.deadline {
            return Ok(());
        }
        Err(lost)
    }

    /// A fault that is nobody's quota: another attempt, if there is one left.
    async fn fault(&mut self, lost: Lost, pause: bool) -> Result<(), Lost> {
        self.faults += 1;
        if self.rival.is_some() {
            self.last = Some(lost);
            return Ok(());
        }
        let allowed = self.exchange.configuration.settings.pool.max_attempts;
        if self.is_single || self.faults >= allowed || !self.exchange.gateway.may_retry() {
            return Err(lost);
        }
        if pause {
            let longest = FIRST_PAUSE.saturating_mul(1 << self.faults.min(5));
            let jitter: f64 = rand::rng().random();
            tokio::time::sleep(longest.mul_f64(jitter)).await;
        }
        if Instant::now() >= self.deadline {
            return Err(lost);
        }
        self.last = Some(lost);
        Ok(())
    }

    fn note(&mut self, held: &Held, status: Option<u16>, outcome: &Outcome, message: &str) {
        let logging = &self.exchange.configuration.settings.logging;
        let body = logging.record_request_body.then(|| self.body.whole());
        let body = body.as_deref().map(String::from_utf8_lossy);
        let entry = &mut self.exchange.entry;
        entry.attempt_failed(held, status, outcome, message, body.as_deref());
    }
}

/// Google's 401 is about the pool's key; a client would take it for its own token's.
fn key_refused(message: &str) -> Fault {
    let message = format!("Google refused the pool's key: {message}");
    Fault::new(StatusCode::BAD_GATEWAY, "upstream_refused_key", message)
}
