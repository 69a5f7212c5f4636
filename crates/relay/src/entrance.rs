//! Where a request that was understood meets the limits of its client token.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use keypool::Timestamp;
use shared::{Shared, Unreachable};
use tokio::time::Instant;
use upstream::Payload;

use crate::answer::Fault;
use crate::body::Body;
use crate::clock;
use crate::estimate;
use crate::exchange::InProgress;
use crate::limits::{Amount, Hold, Refused};
use crate::outline::Outline;

/// What tells how many tokens a request will use.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Size<'a> {
    /// None: it only asks about tokens.
    Nothing,
    /// So many, as somebody has counted.
    Tokens(u64),
    /// As many as a call with this body.
    Call(&'a Bytes),
    /// As many as these calls of Google's.
    Calls(&'a [Payload]),
}

impl<'a> Size<'a> {
    /// Of a call of the Gemini API.
    pub(crate) fn of(method: Option<&str>, body: &'a Bytes) -> Self {
        match method {
            Some("countTokens") => Self::Nothing,
            _ => Self::Call(body),
        }
    }

    fn tokens(self) -> u64 {
        let tokens = |body: &Payload| estimate::input_tokens(body, &Outline::of(body.text()));
        match self {
            Self::Nothing => 0,
            Self::Call(body) => tokens(&body.clone().into()),
            Self::Calls(bodies) => bodies.iter().map(tokens).sum(),
            Self::Tokens(tokens) => tokens,
        }
    }
}

impl InProgress {
    /// Reserves of the client's limits what a request for this model will probably use, and keeps
    /// that until the request is over.
    pub(crate) async fn enter(&mut self, model: &str, size: Size<'_>) -> Result<(), Refused> {
        // What was reserved for a model that could not answer is free again.
        self.entry.lets_go();
        let now = clock::now();
        let is_limited = self.entry.owner().limits.counts();
        let tokens = if is_limited { size.tokens() } else { 0 };
        self.reserve(model, tokens, now, 1)?;
        if is_limited && let Some(shared) = self.gateway.shared.clone() {
            // Few wait for Redis; all others would carry the room for it.
            return Box::pin(self.enter_together(&shared, model, tokens, now)).await;
        }
        Ok(())
    }

    /// Reserves at this process's own meter, of which it may use its part if others cannot be
    /// asked.
    fn reserve(
        &mut self,
        model: &str,
        tokens: u64,
        now: Timestamp,
        replicas: u64,
    ) -> Result<(), Refused> {
        let day = self.configuration.calendar.day(now);
        let prices = &self.configuration.prices;
        let nanos = if tokens == 0 { 0 } else { prices.nanos_read(model, &day.name, tokens) };
        let amount = Amount { requests: 1, tokens, nanos };
        let owner = self.entry.owner();
        let reserved = owner.meter.reserve(&owner.limits, amount, &day, now, replicas)?;
        let hold = Hold::new(&owner.meter, reserved, model, prices);
        self.entry.holds(hold);
        Ok(())
    }

    /// Asks for all processes together, after this one had room.
    async fn enter_together(
        &mut self,
        shared: &Shared,
        model: &str,
        tokens: u64,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let owner = Arc::clone(self.entry.owner());
        let request = Arc::from(self.entry.request_id());
        let lease = self.deadline.saturating_duration_since(Instant::now());
        let Some(hold) = self.entry.hold() else { return Ok(()) };
        match hold.ask_others(shared, &owner, request, lease, now).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refused)) => {
                self.entry.lets_go();
                Err(refused)
            }
            Err(Unreachable) if shared.replicas() == 1 => Ok(()),
            Err(Unreachable) => {
                self.entry.lets_go();
                self.reserve(model, tokens, now, shared.replicas())
            }
        }
    }

    /// Ends it because the client token is at its limit.
    pub(crate) fn refuse(&mut self, refused: &Refused) -> Response<Body> {
        let fault: Fault = refused.fault();
        self.entry.fails(fault.status, "client_limit", &fault.message);
        self.gateway.metrics.client_limit(refused.limit.as_str());
        fault.response(self.dialect)
    }
}
