//! Answers that are read to their end before any of it is given out.

use bytes::Bytes;
use http::HeaderMap;
use http::response::Parts;
use keypool::{Outcome, Usage};
use upstream::Answer;

use super::{Attempts, Plan, Unusable};
use crate::exchange::Exchange;
use crate::lost::Lost;

/// Runs attempts until one gives a whole answer that `judge` accepts.
pub(crate) async fn whole<T>(
    exchange: &mut Exchange,
    plan: &Plan<'_>,
    mut judge: impl FnMut(&HeaderMap, &Bytes) -> Result<(T, Usage), Unusable>,
) -> Result<(Parts, T), Lost> {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let mut attempts = Attempts::new(exchange, plan);
    attempts.bind().await?;
    loop {
        let (held, answer) = attempts.open().await?;
        attempts.exchange().entry.first_byte();
        let Answer { status, headers, body, .. } = answer;
        let bytes = match body.collect(limit).await {
            Ok(bytes) => bytes,
            Err(broken) => {
                Box::pin(attempts.broken(held, broken.into())).await?;
                continue;
            }
        };
        let judged = match attempts.mend(&bytes) {
            Some(mended) => Err(mended),
            None => judge(&headers, &bytes),
        };
        match judged {
            Ok((value, usage)) => {
                let served = Outcome::Served { usage };
                let entry = &mut attempts.exchange().entry;
                entry.attempt_ends(&held, &served, Some(status.as_u16()));
                entry.usage(usage);
                entry.ends(status, "served");
                held.settle(&served);
                let mut parts = http::Response::new(()).into_parts().0;
                parts.status = status;
                parts.headers = headers;
                return Ok((parts, value));
            }
            Err(unusable) => Box::pin(attempts.unusable(held, unusable)).await?,
        }
    }
}
