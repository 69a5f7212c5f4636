//! Answers that are handed on as they are, and bodies that can be sent once only.

use std::sync::Arc;

use bytes::Bytes;
use http::response::Parts;
use keypool::{Census, Outcome, Refusal, Usage};
use upstream::{Answer, Call, Outflow, Payload};

use super::{Attempts, Plan};
use crate::exchange::Exchange;
use crate::lease::Held;
use crate::lost::{self, Lost};

/// Runs attempts until Google answers with a success, whose body has not been read.
pub(crate) async fn opened(
    exchange: &mut Exchange,
    plan: &Plan<'_>,
) -> Result<(Held, Answer), Lost> {
    let mut attempts = Attempts::new(exchange, plan);
    attempts.bind().await?;
    let opened = attempts.open().await?;
    attempts.exchange().entry.first_byte();
    Ok(opened)
}

/// Makes one attempt, with `outflow` as its body, which is not looked into: what it names must be
/// known. Gives the whole answer.
pub(crate) async fn once(
    exchange: &mut Exchange,
    plan: &Plan<'_>,
    outflow: Outflow,
) -> Result<(Parts, Bytes), Lost> {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let mut attempts = Attempts::new(exchange, plan);
    attempts.is_single = true;
    let mut held = attempts.lease().await?;
    attempts.begin(&mut held, false);
    let client = Arc::clone(&attempts.exchange.client);
    let call = Call {
        method: plan.method,
        path_and_query: plan.path_and_query,
        headers: &plan.headers,
        own_headers: None,
        key: &held.key.secret,
        egress: held.egress,
        body: Payload::default(),
        deadline: Some(attempts.deadline),
    };
    let ended = match client.send_streamed(call, outflow).await {
        Ok(answer) if answer.status.is_success() => {
            let Answer { status, headers, body, .. } = answer;
            match body.collect(limit).await {
                Ok(body) => {
                    let served = Outcome::Served { usage: Usage::default() };
                    let entry = &mut attempts.exchange.entry;
                    entry.attempt_answers(&held);
                    entry.attempt_ends(&held, &served, Some(status.as_u16()));
                    entry.ends(status, "served");
                    held.settle(&served);
                    let mut parts = http::Response::new(()).into_parts().0;
                    (parts.status, parts.headers) = (status, headers);
                    return Ok((parts, body));
                }
                Err(broken) => Box::pin(attempts.broken(held, broken.into())).await,
            }
        }
        Ok(answer) => Box::pin(attempts.refused(held, answer)).await,
        Err(broken) => Box::pin(attempts.broken(held, broken.into())).await,
    };
    ended?;
    let platform = attempts.exchange.platform;
    Err(lost::unavailable(platform, Refusal::AllTried, Census::default()))
}
