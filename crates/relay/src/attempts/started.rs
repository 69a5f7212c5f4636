//! Answers that are given out as they come. Until the first event that a client can use is there,
//! another key may still be tried; after it there is no way back.

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

/// Events without anything in them that are kept until one comes that decides; more begin the
/// stream anyway.
const MOST_EMPTY: usize = 16;

/// What an event says of a stream that has not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// Here it begins.
    Now,
    /// There is nothing in the event, but more is to come.
    NotYet,
}

/// An answer that has begun.
pub(crate) struct Started<D> {
    pub(crate) held: Held,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: AnswerBody,
    /// Holds what else has arrived.
    pub(crate) decoder: D,
    /// The events up to the one that decided that the stream has begun.
    pub(crate) first: Vec<Event>,
}

/// Runs attempts until a stream has begun: an event is there that is no error.
///
/// `usable` hears what each event says; what it refuses is tried again with another key.
pub(crate) async fn started<D: Decode>(
    exchange: &mut Exchange,
    plan: &Plan<'_>,
    decoder: impl Fn() -> D,
    mut usable: impl FnMut(&Observed<'_>) -> Result<Beginning, Unusable>,
) -> Result<Started<D>, Lost> {
    let mut attempts = Attempts::new(exchange, plan);
    attempts.bind().await?;
    loop {
        let (held, answer) = attempts.open().await?;
        let Answer { status, headers, mut body, .. } = answer;
        let mut decoder = decoder();
        let mut judge = |event: &Event| {
            let observed = observed(event)?;
            match attempts.mend(&event.data) {
                Some(mended) => Err(mended),
                None => usable(&observed),
            }
        };
        match beginning(&mut body, &mut decoder, &mut judge).await {
            Ok(Ok(first)) => {
                attempts.exchange().entry.first_byte();
                return Ok(Started { held, status, headers, body, decoder, first });
            }
            Ok(Err(unusable)) => Box::pin(attempts.unusable(held, unusable)).await?,
            Err(broken) => Box::pin(attempts.broken(held, broken)).await?,
        }
    }
}

/// The first events, up to the one with which the stream begins.
async fn beginning<D: Decode>(
    body: &mut AnswerBody,
    decoder: &mut D,
    judge: &mut impl FnMut(&Event) -> Result<Beginning, Unusable>,
) -> Result<Result<Vec<Event>, Unusable>, Break> {
    let mut events = Vec::with_capacity(1);
    loop {
        let event = first_event(body, decoder).await?;
        let verdict = judge(&event);
        events.push(event);
        match verdict {
            Ok(Beginning::NotYet) if events.len() < MOST_EMPTY => {}
            Ok(_) => return Ok(Ok(events)),
            Err(unusable) => return Ok(Err(unusable)),
        }
    }
}

/// What the event says, if it is one that Google's API would send in an answer.
fn observed(first: &Event) -> Result<Observed<'_>, Unusable> {
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
