//! Clients who ask when it is time to, whatever became of those before them.

use std::time::Duration;

use fake_gemini::VirtualClock;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use testkit::{Answer, Client, Surface};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::case::{Arrivals, Case, LASTS};

/// No client is more patient.
const PATIENCE: Duration = Duration::from_mins(1);

/// A few words, so that a stream has some events.
const PROMPT: &str = "hello there, good old world";

/// What became of a request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) model: &'static str,
    /// When it was sent, in milliseconds of Google's clock.
    pub(crate) sent: i64,
    pub(crate) answered: i64,
    /// By how much it was sent too late.
    pub(crate) late: Duration,
    pub(crate) end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Served,
    /// 429, with its `Retry-After` in seconds.
    Refused(Option<i64>),
    /// A stream that broke off after its beginning, and said so.
    Cut,
    /// Anything else.
    Failed(String),
}

/// Asks as the case says, and waits for the last answer.
pub(crate) async fn offer(case: &Case, client: &Client, clock: &VirtualClock) -> Vec<Asked> {
    let mut random = StdRng::seed_from_u64(1);
    let mut asking = JoinSet::new();
    let begin = Instant::now();
    let mut due = begin;
    for number in 0.. {
        due += case.arrivals.pause(&mut random);
        if due >= begin + LASTS {
            break;
        }
        let model = case.models[random.random_range(0..case.models.len())];
        tokio::time::sleep_until(due).await;
        let surface = Surface::ALL[number % Surface::ALL.len()];
        let request = Request { client: client.clone(), surface, model, streamed: case.streamed };
        asking.spawn(request.send(clock.clone(), due.elapsed()));
    }
    let mut asked = asking.join_all().await;
    asked.sort_by_key(|asked| asked.sent);
    asked
}

impl Arrivals {
    fn pause(self, random: &mut StdRng) -> Duration {
        match self {
            Self::Every(pause) => pause,
            Self::Random(per_second) => {
                let unit: f64 = random.random();
                Duration::from_secs_f64(-(1.0 - unit).ln() / per_second)
            }
        }
    }
}

struct Request {
    client: Client,
    surface: Surface,
    model: &'static str,
    streamed: bool,
}

impl Request {
    async fn send(self, clock: VirtualClock, late: Duration) -> Asked {
        let ask = self.client.ask(self.surface, self.model, PROMPT, self.streamed);
        let sent = clock.now_millis();
        let answer = tokio::time::timeout(PATIENCE, ask.try_send()).await;
        let answered = clock.now_millis();
        let end = match answer {
            Err(_) => End::Failed("no answer in time".to_owned()),
            Ok(Err(error)) => End::Failed(error),
            Ok(Ok(answer)) => self.judge(&answer),
        };
        Asked { model: self.model, sent, answered, late, end }
    }

    fn judge(&self, answer: &Answer) -> End {
        let failed = || End::Failed(answer.everything());
        match answer.status {
            200 if self.streamed => self.judge_stream(answer).unwrap_or_else(failed),
            200 if answer.text().contains(PROMPT) => End::Served,
            429 => End::Refused(answer.header("retry-after").and_then(|text| text.parse().ok())),
            _ => failed(),
        }
    }

    /// A whole stream has a text and a reason for its end; a broken one ends with an error.
    fn judge_stream(&self, answer: &Answer) -> Option<End> {
        let events = answer.events();
        let text: String = events.iter().map(|event| self.surface.event_text(event)).collect();
        let is_finished = events.iter().any(|event| self.surface.finish_reason(event).is_some());
        let last = events.last().and_then(|last| serde_json::from_str(last).ok());
        let error = last.and_then(|last| self.surface.event_error(&last));
        match (is_finished, error) {
            (true, None) if answer.ended_well && text.contains(PROMPT) => Some(End::Served),
            (false, Some(_)) if !text.is_empty() => Some(End::Cut),
            _ => None,
        }
    }
}
