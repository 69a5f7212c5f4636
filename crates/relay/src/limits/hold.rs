//! What a request that is running has reserved of its token's limits.

use std::sync::Arc;
use std::time::Duration;

use keypool::{Timestamp, Usage};
use shared::{Shared, Unreachable, Verdict};

use super::meter::{Meter, Reserved};
use super::{Amount, Prices, Refused, together};
use crate::tokens::Client;

/// A reservation, until what was used is known.
#[derive(Debug)]
pub(crate) struct Hold {
    meter: Arc<Meter>,
    reserved: Reserved,
    model: Box<str>,
    prices: Arc<Prices>,
    /// Where other processes count too, if they were asked.
    told: Option<Told>,
}

/// What other processes are told of.
#[derive(Debug)]
struct Told {
    shared: Shared,
    owner: Arc<Client>,
    request: Arc<str>,
    /// The second that it is counted in by their clock.
    second: Option<i64>,
}

/// What became of a request that has reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// It never reached Google.
    ToNothing,
    /// It was given up before Google had counted anything.
    ToAnUnknownEnd,
    /// It used this.
    To(Usage),
}

impl Hold {
    pub(crate) fn new(
        meter: &Arc<Meter>,
        reserved: Reserved,
        model: &str,
        prices: &Arc<Prices>,
    ) -> Self {
        let (meter, prices) = (Arc::clone(meter), Arc::clone(prices));
        Self { meter, reserved, model: model.into(), prices, told: None }
    }

    /// Reserves the same for all processes together, for a request that is over after `lease`. No
    /// answer is an error of its own.
    pub(crate) async fn ask_others(
        &mut self,
        shared: &Shared,
        owner: &Arc<Client>,
        request: Arc<str>,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Result<(), Refused>, Unreachable> {
        // Noted before: Redis may have heard of it although no answer comes.
        let told = self.told.insert(Told {
            shared: shared.clone(),
            owner: Arc::clone(owner),
            request: Arc::clone(&request),
            second: None,
        });
        let day = &self.reserved.day;
        let known = self.meter.known(day);
        let amount = self.reserved.amount;
        let ask = together::ask(owner, &request, lease, &day.name, amount, &known);
        match shared.reserve(&ask).await? {
            Verdict::Granted { second, others } => {
                told.second = Some(second);
                self.meter.learn(&day.name, together::amount(&others));
                Ok(Ok(()))
            }
            Verdict::Refused(reached) => {
                Ok(Err(together::refused(reached, &owner.limits, day, now)))
            }
        }
    }

    /// Counts what was used in place of what was reserved.
    pub(crate) fn settle(self, came: Came) {
        let used = match came {
            Came::ToNothing => None,
            Came::ToAnUnknownEnd => Some(self.reserved.amount),
            Came::To(usage) => Some(self.amount(&usage)),
        };
        self.meter.settle(&self.reserved, used);
        if let Some(Told { shared, owner, request, second }) = &self.told {
            let known = self.meter.known(&self.reserved.day);
            let settled = together::Settled {
                token: &owner.token_id,
                request,
                day: &self.reserved.day.name,
                second: *second,
                before: self.reserved.amount,
                after: used.unwrap_or_default(),
            };
            shared.settle(settled.told(&known));
        }
    }

    fn amount(&self, usage: &Usage) -> Amount {
        let Usage { prompt, completion, thoughts, tool_prompt, .. } = *usage;
        Amount {
            requests: 1,
            tokens: prompt + completion + thoughts + tool_prompt,
            nanos: self.prices.nanos(&self.model, &self.reserved.day.name, usage),
        }
    }
}
