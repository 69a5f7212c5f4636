//! The meters of all client tokens, and what has to be written down of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use store::{TokenUsage, TokenUse};

use super::{Amount, Meter};

/// The meters of all client tokens: they outlive the configuration that a token's limits are from.
#[derive(Debug, Default)]
pub struct Meters(Mutex<HashMap<Arc<str>, Arc<Meter>>>);

/// What a process has to write down of client tokens.
#[derive(Debug, Default)]
pub struct MeterNews {
    /// What was counted since the process began, of each token and day of which that has changed.
    pub usage: Vec<TokenUsage>,
    /// Which tokens were used, when last, and from where.
    pub last_uses: Vec<TokenUse>,
}

impl Meters {
    /// The meter of a token.
    pub(crate) fn of(&self, token_id: &Arc<str>) -> Arc<Meter> {
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(meters.entry(Arc::clone(token_id)).or_default())
    }

    /// Takes over what other processes, or earlier ones, have counted.
    pub fn learn(&self, others: &[TokenUsage]) {
        for usage in others {
            let meter = self.of(&Arc::from(usage.token_id.as_str()));
            let TokenUsage { requests, tokens, cost, .. } = *usage;
            let amount = Amount { requests, tokens, nanos: cost.nanos() };
            meter.learn(&Arc::from(usage.day.as_str()), amount);
        }
    }

    /// What has changed since it was asked last.
    pub fn take_news(&self) -> MeterNews {
        let meters: Vec<_> = {
            let meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            meters.iter().map(|(id, meter)| (Arc::clone(id), Arc::clone(meter))).collect()
        };
        let mut news = MeterNews::default();
        for (id, meter) in meters {
            let (usage, last_use) = meter.take_news(&id);
            news.usage.extend(usage);
            news.last_uses.extend(last_use);
        }
        news
    }
}
