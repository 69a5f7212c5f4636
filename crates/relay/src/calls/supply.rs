//! Gemini's events of one answer as they come, however many calls they come from.

use std::borrow::Cow;
use std::pin::Pin;

use bytes::Bytes;
use dialect::Usage;
use dialect::gemini::{Continuation, FanOut, Observed};
use futures_util::stream::{SelectAll, Stream, StreamExt as _, select_all, unfold};
use http_body_util::BodyExt as _;
use keypool::{Outcome, Phase};
use sse::{Event, EventKind};

use super::Asked;
use crate::attempts::{self, Started};
use crate::exchange::Exchange;
use crate::lost::Lost;
use crate::patience::Patience;
use crate::stream::{Failure, Progress, pool_usage};

/// Events of calls side by side, as those of one answer.
pub(crate) struct Supplies {
    events: SelectAll<Pin<Box<dyn Stream<Item = Supplied> + Send>>>,
    /// Numbers the choices, if there are several calls.
    joined: Option<FanOut>,
    /// What each call has cost.
    spent: Vec<Usage>,
}

/// What has come of a call.
struct Supplied {
    call: usize,
    spent: Usage,
    event: Result<Bytes, Box<Failure>>,
}

impl Supplies {
    pub(super) fn new(supplies: Vec<Supply>, prompts: usize) -> Self {
        let calls = supplies.len();
        let each = supplies.into_iter().enumerate().map(|(call, supply)| {
            let stream: Pin<Box<dyn Stream<Item = Supplied> + Send>> =
                Box::pin(unfold(Some(Box::new(supply)), move |supply| step(call, supply)));
            stream
        });
        Self {
            events: select_all(each),
            joined: (calls > 1).then(|| FanOut::of_prompts(prompts, calls / prompts.max(1))),
            spent: vec![Usage::default(); calls],
        }
    }

    /// The data of the next event; `None` when all calls have come to a good end.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Box<Failure>>> {
        let Supplied { call, spent, event } = self.events.next().await?;
        if let Some(known) = self.spent.get_mut(call) {
            *known = spent;
        }
        let joined = self.joined.as_mut();
        Some(event.map(|data| match joined.map(|joined| joined.event(call, &data)) {
            Some(Cow::Owned(data)) => data.into(),
            _ => data,
        }))
    }

    /// What all calls have cost so far.
    pub(crate) fn spent(&self) -> Usage {
        self.spent.iter().fold(Usage::default(), |sum, spent| sum.plus(spent))
    }
}

async fn step(call: usize, supply: Option<Box<Supply>>) -> Option<(Supplied, Option<Box<Supply>>)> {
    let mut supply = supply?;
    let event = supply.next().await.transpose()?;
    let spent = supply.spent();
    let goes_on = event.is_ok().then_some(supply);
    Some((Supplied { call, spent, event }, goes_on))
}

/// Events of one answer.
pub(super) struct Supply {
    exchange: Exchange,
    asked: Asked,
    kin: Option<u64>,
    /// Joins the events of calls in a row.
    joined: Option<Continuation>,
    /// The call that is under way.
    running: Option<Running>,
    /// What it has said so far.
    progress: Progress,
    /// What the calls before it have cost.
    spent: Usage,
}

impl Supply {
    /// Waits until the answer has begun.
    pub(super) async fn begin(mut exchange: Exchange, asked: Asked) -> Result<Self, Lost> {
        let kin = asked.kin(exchange.entry.request_id());
        let mut patience = Patience::new(&exchange.configuration.settings.pool);
        let started = start(&mut exchange, &asked, kin, &mut patience).await?;
        // It has begun, so no other model can go on with it.
        exchange.waits = true;
        Ok(Self {
            joined: asked.is_long.then(Continuation::default),
            exchange,
            asked,
            kin,
            running: Some(Running::new(started)),
            progress: Progress::default(),
            spent: Usage::default(),
        })
    }

    /// The data of the next event; `None` at a good end.
    async fn next(&mut self) -> Result<Option<Bytes>, Box<Failure>> {
        loop {
            let Some(running) = &mut self.running else { return Ok(None) };
            let event = match running.next().await {
                Ok(Some(event)) if event.kind == EventKind::Comment => continue,
                Ok(Some(event)) => self.progress.observe(&event.data).map(|()| Some(event.data)),
                Ok(None) if self.progress.finished => Ok(None),
                Ok(None) => Err(Failure::truncated().into()),
                Err(failure) => Err(failure),
            };
            let token = match event {
                Ok(Some(data)) => {
                    running.held.usage = pool_usage(self.progress.usage);
                    return Ok(Some(self.joined(data)));
                }
                Ok(None) => {
                    self.ended();
                    self.joined.as_mut().and_then(Continuation::next_token)
                }
                Err(failure) => {
                    self.failed(&failure);
                    Some(self.checkpoint(&failure).ok_or(failure)?)
                }
            };
            if let Some(token) = token {
                self.follow(&token).await?;
            }
        }
    }

    fn joined(&mut self, data: Bytes) -> Bytes {
        match self.joined.as_mut().map(|joined| joined.event(&data)) {
            Some(Cow::Owned(data)) => data.into(),
            _ => data,
        }
    }

    /// The call under way has come to a good end.
    fn ended(&mut self) {
        let usage = std::mem::take(&mut self.progress).usage;
        self.spent = self.spent.plus(&usage);
        let Some(Running { held, .. }) = self.running.take() else { return };
        let served = Outcome::Served { usage: pool_usage(usage) };
        self.exchange.entry.attempt_ends(&held, &served, Some(200));
        held.settle(&served);
    }

    fn failed(&mut self, failure: &Failure) {
        self.spent = self.spent();
        self.progress = Progress::default();
        if let (Some(Running { held, .. }), Some(outcome)) = (self.running.take(), &failure.outcome)
        {
            let message = &failure.message;
            self.exchange.entry.attempt_failed(&held, Some(200), outcome, message, None);
            held.settle(outcome);
        }
    }

    /// Where to go on after a connection broke, if the client has read nothing beyond that.
    fn checkpoint(&mut self, failure: &Failure) -> Option<String> {
        let broke = matches!(failure.outcome, Some(Outcome::LinkBroken(_)));
        let joined = self.joined.as_mut().filter(|_| broke)?;
        let token = joined.checkpoint()?.to_owned();
        joined.resume();
        Some(token)
    }

    /// Makes the call that gives the rest.
    async fn follow(&mut self, token: &str) -> Result<(), Box<Failure>> {
        let unreadable =
            || Failure::broken(Phase::Protocol, "Google's answer cannot be continued.");
        let next = self.asked.follow_up(token).ok_or_else(unreadable)?;
        // The answer has begun, so what follows may be empty.
        let started = start(&mut self.exchange, &next, self.kin, &mut Patience(0)).await;
        self.running = Some(Running::new(started.map_err(Failure::lost)?));
        Ok(())
    }

    fn spent(&self) -> Usage {
        self.spent.plus(&self.progress.usage)
    }
}

async fn start(
    exchange: &mut Exchange,
    asked: &Asked,
    kin: Option<u64>,
    patience: &mut Patience,
) -> Result<Started<sse::Decoder>, Lost> {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let decoder = || sse::Decoder::new(limit);
    let usable = |event: &Observed<'_>| patience.check_event(event);
    Box::pin(attempts::started(exchange, &asked.plan(kin), decoder, usable)).await
}

/// A call whose answer comes in.
struct Running {
    held: crate::lease::Held,
    body: upstream::AnswerBody,
    decoder: sse::Decoder,
    first: std::vec::IntoIter<Event>,
    /// All bytes have come.
    has_ended: bool,
}

impl Running {
    fn new(started: Started<sse::Decoder>) -> Self {
        let Started { held, body, decoder, first, .. } = started;
        Self { held, body, decoder, first: first.into_iter(), has_ended: false }
    }

    async fn next(&mut self) -> Result<Option<Event>, Box<Failure>> {
        loop {
            if let Some(event) = self.first.next() {
                return Ok(Some(event));
            }
            match self.decoder.next_event() {
                Some(Ok(event)) => return Ok(Some(event)),
                Some(Err(_)) => return Err(Failure::too_large().into()),
                None if self.has_ended => return Ok(self.decoder.finish()),
                None => {}
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    frame.into_data().into_iter().for_each(|bytes| self.decoder.push(bytes));
                }
                Some(Err(broken)) => {
                    return Err(Failure::broken(broken.phase, broken.to_string()).into());
                }
                None => self.has_ended = true,
            }
        }
    }
}
