//! Answers that are given out as they come. Until the first event is there another key may still
//! be tried; after it there is no way back.

use dialect::gemini::Observed;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use keypool::Phase;
use sse::{Event, EventKind};
use upstream::{Answer, AnswerBody};

use super::{Attempts, Break, Plan, Unusable};
use crate::decode::Decode;
use crate::exchange::Exchange;
use crate::lease::Held;
use crate::lost::Lost;

/// An answer whose first event has arrived.
pub(crate) struct Started<D> {
    pub(crate) held: Held,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: AnswerBody,
    /// Holds what else has arrived.
    pub(crate) decoder: D,
    /// The event that decided that the stream has begun.
    pub(crate) first: Event,
}

/// Runs attempts until a stream has begun: its first event is there and is no error.
///
/// `usable` hears what that event says; what it refuses is tried again with another key.
pub(crate) async fn started<D: Decode>(
    exchange: &mut Exchange,
    plan: &Plan<'_>,
    decoder: impl Fn() -> D,
    mut usable: impl FnMut(&Observed<'_>) -> Result<(), Unusable>,
) -> Result<Started<D>, Lost> {
    let mut attempts = Attempts::new(exchange, plan);
    loop {
        let (held, answer) = attempts.open().await?;
        let Answer { status, headers, mut body, .. } = answer;
        let mut decoder = decoder();
        let first = match first_event(&mut body, &mut decoder).await {
            Ok(first) => first,
            Err(broken) => {
                Box::pin(attempts.broken(held, broken)).await?;
                continue;
            }
        };
        let verdict = judge(&first).and_then(|observed| usable(&observed));
        if let Err(unusable) = verdict {
            Box::pin(attempts.unusable(held, unusable)).await?;
            continue;
        }
        attempts.exchange().entry.first_byte();
        return Ok(Started { held, status, headers, body, decoder, first });
    }
}

/// What the event says, if it is one that Google's API would send in an answer.
fn judge(first: &Event) -> Result<Observed<'_>, Unusable> {
    let observed = dialect::gemini::observe(&first.data);
    if observed.malformed {
        return Err(Unusable::Malformed("begins with something that is not JSON.".to_owned()));
    }
    if observed.error.is_some() {
        return Err(Unusable::Error(first.data.clone()));
    }
    Ok(observed)
}

/// Reads until something other than a comment has arrived.
async fn first_event<D: Decode>(body: &mut AnswerBody, decoder: &mut D) -> Result<Event, Break> {
    loop {
        match decoder.next_event() {
            Some(Ok(event)) if matches!(event.kind, EventKind::Comment) => continue,
            Some(Ok(event)) => return Ok(event),
            Some(Err(())) => {
                return Err(Break::of_protocol(
                    Phase::Protocol,
                    "The first event is larger than MAX_EVENT_SIZE.",
                ));
            }
            None => {}
        }
        match body.frame().await {
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    decoder.push(bytes);
                }
            }
            Some(Err(broken)) => return Err(broken.into()),
            None => {
                let rest = decoder.finish();
                return rest.ok_or_else(|| {
                    Break::of_protocol(Phase::Cut, "Google's answer holds no event.")
                });
            }
        }
    }
}
