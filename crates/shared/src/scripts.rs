//! The two scripts that Redis runs, each in one step, and their arguments.

use redis::aio::MultiplexedConnection;
use redis::{RedisError, Script, ScriptInvocation};

use crate::types::{Ask, Counted, Limits, Reached, Settlement, Verdict};

#[derive(Debug)]
pub(crate) struct Scripts {
    reserve: Script,
    settle: Script,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            reserve: Script::new(include_str!("reserve.lua")),
            settle: Script::new(include_str!("settle.lua")),
        }
    }

    pub(crate) async fn reserve(
        &self,
        connection: &MultiplexedConnection,
        replica: &str,
        ask: &Ask<'_>,
    ) -> Result<Verdict, RedisError> {
        let mut call = self.reserve.prepare_invoke();
        keys(&mut call, ask.token, ask.day);
        call.arg(ask.request).arg(replica);
        call.arg(ask.lease).arg(ask.version).arg(ask.tokens).arg(ask.cost);
        for Counted { requests, tokens, cost, month_cost } in [ask.own, ask.others] {
            call.arg(requests).arg(tokens).arg(cost).arg(month_cost);
        }
        let Limits {
            minute_requests,
            minute_tokens,
            day_requests,
            day_tokens,
            day_cost,
            month_cost,
            concurrency,
        } = ask.limits;
        call.arg(minute_requests).arg(minute_tokens);
        call.arg(day_requests).arg(day_tokens).arg(day_cost).arg(month_cost).arg(concurrency);
        let answer: Vec<i64> = call.invoke_async(&mut connection.clone()).await?;
        verdict(&answer).ok_or_else(|| {
            RedisError::from((redis::ErrorKind::UnexpectedReturnType, "no verdict of the script"))
        })
    }

    pub(crate) async fn settle(
        &self,
        connection: &MultiplexedConnection,
        replica: &str,
        settlement: &Settlement,
    ) -> Result<(), RedisError> {
        let mut call = self.settle.prepare_invoke();
        keys(&mut call, &settlement.token, &settlement.day);
        let Counted { requests, tokens, cost, month_cost } = settlement.own;
        let second = settlement.second.map(|second| second.to_string()).unwrap_or_default();
        call.arg(&settlement.request).arg(replica).arg(settlement.version);
        call.arg(second).arg(settlement.requests).arg(settlement.tokens);
        call.arg(requests).arg(tokens).arg(cost).arg(month_cost);
        call.invoke_async::<i64>(&mut connection.clone()).await.map(drop)
    }
}

/// A token's keys are on one node of a cluster.
fn keys(call: &mut ScriptInvocation<'_>, token: &str, day: &str) {
    let month = day.get(..7).unwrap_or(day);
    for key in ["minute", "flight", &format!("day:{day}"), &format!("month:{month}")] {
        call.key(format!("gemini-balance:limits:{{{token}}}:{key}"));
    }
}

fn verdict(answer: &[i64]) -> Option<Verdict> {
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    match *answer {
        [1, second, requests, tokens, cost, month_cost] => {
            let others = Counted {
                requests: number(requests),
                tokens: number(tokens),
                cost: number(cost),
                month_cost: number(month_cost),
            };
            Some(Verdict::Granted { second, others })
        }
        [0, limit, wait] => Some(Verdict::Refused(match limit {
            0 => Reached::Concurrency,
            1 => Reached::MinuteRequests(number(wait)),
            2 => Reached::MinuteTokens(number(wait)),
            3 => Reached::DayRequests,
            4 => Reached::DayTokens,
            5 => Reached::DayCost,
            6 => Reached::MonthCost,
            _ => return None,
        })),
        _ => None,
    }
}
