//! Getting a key from the pool, at once or in turn.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use keypool::{Admission, Ask, Pool, Timestamp};
use tokio::time::Instant;

use super::Attempts;
use crate::clock;
use crate::lease::Held;
use crate::lost::{self, Lost};
use crate::turns::Place;

/// The label of keys of projects with billing.
pub(super) const PAID: &str = "paid";

static PAID_ONLY: LazyLock<[String; 1]> = LazyLock::new(|| [PAID.to_owned()]);

impl Attempts<'_> {
    /// A key, at once or as soon as one is free within `POOL_WAIT`.
    pub(super) async fn lease(&mut self) -> Result<Held, Lost> {
        loop {
            let now = clock::now();
            match self.admit(now) {
                Admission::Granted(lease) => {
                    let platform = self.exchange.platform;
                    return Ok(Held::new(&self.exchange.gateway, platform, lease));
                }
                // Each key has had its turn; the fault was not the keys', so they get another.
                _ if self.last.is_some() && !self.tried.is_empty() => self.tried.clear(),
                Admission::Wait { until, cause, census } => {
                    self.tried.clear();
                    if self.may_wait(until.saturating_since(now)) {
                        if let Some(held) = Box::pin(self.turn()).await {
                            return Ok(held);
                        }
                        // Others were before it; when there is room now is another question.
                        continue;
                    }
                    let lost =
                        lost::exhausted(self.plan.model, &cause, until, clock::now(), census);
                    return Err(self.last.take().unwrap_or(lost));
                }
                // None of those can serve; the others may know better than their label.
                Admission::Refused { .. } if self.is_billed => self.is_billed = false,
                Admission::Refused { why, census } => {
                    let lost = lost::unavailable(self.exchange.platform, why, census);
                    return Err(self.last.take().unwrap_or(lost));
                }
            }
        }
    }

    /// Asks the pool, and writes down why it decided so.
    fn admit(&mut self, now: Timestamp) -> Admission {
        let gateway = Arc::clone(&self.exchange.gateway);
        let explains = self.exchange.entry.wants_reasons() && gateway.may_explain();
        let mut pool = gateway.pool(self.exchange.platform);
        if let Some(granted) = self.preferred(&mut pool, now) {
            return granted;
        }
        let began = explains.then(std::time::Instant::now);
        let (admission, explanation) = if explains {
            let (admission, explanation) = pool.admit_explained(&self.ask(), now);
            (admission, Some(explanation))
        } else {
            (pool.admit(&self.ask(), now), None)
        };
        let standing = pool.standing(self.plan.model);
        drop(pool);
        if let Some(began) = began {
            gateway.has_explained(began.elapsed());
        }
        self.exchange.entry.decided(standing, explanation.as_ref(), None);
        admission
    }

    /// Where the request would rather go, if that key can serve now.
    fn preferred(&self, pool: &mut Pool, now: Timestamp) -> Option<Admission> {
        let prefers = self.exchange.prefers.as_ref().filter(|_| self.exchange.tie.is_none())?;
        let admission = pool.admit(&Ask { bond: Some(prefers), ..self.ask() }, now);
        matches!(admission, Admission::Granted(_)).then_some(admission)
    }

    pub(super) fn ask(&self) -> Ask<'_> {
        Ask {
            model: self.plan.model,
            tried: &self.tried,
            tokens: self.tokens,
            tags: if self.is_billed { &*PAID_ONLY } else { self.exchange.entry.tags() },
            prefix: self.prefix,
            bond: self.exchange.tie.as_ref().map(|tie| &tie.bond),
        }
    }

    /// Waits for a key in turn, as long as is allowed.
    async fn turn(&mut self) -> Option<Held> {
        let allowed = self.exchange.configuration.settings.pool.pool_wait;
        let patience = allowed.saturating_sub(self.waited);
        let began = Instant::now();
        let patience = patience.min(self.deadline.saturating_duration_since(began));
        let gateway = Arc::clone(&self.exchange.gateway);
        let platform = self.exchange.platform;
        let client = self.exchange.entry.client();
        let place = Place::take(&gateway, platform, client, &self.ask());
        let lease = place.turn(patience).await;
        let waited = began.elapsed();
        self.waited += waited;
        let standing = gateway.pool(platform).standing(self.plan.model);
        self.exchange.entry.decided(standing, None, Some(waited));
        lease.map(|lease| Held::new(&gateway, platform, lease))
    }

    fn may_wait(&self, pause: Duration) -> bool {
        let allowed = self.exchange.configuration.settings.pool.pool_wait;
        self.exchange.waits
            && self.waited < allowed
            && self.waited + pause <= allowed
            && Instant::now() + pause < self.deadline
    }
}
