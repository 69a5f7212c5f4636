//! A long answer, gathered from calls in a row.

use bytes::Bytes;
use dialect::Usage;
use dialect::gemini::{self, Continuation, WholeAnswer, observe};
use http::HeaderMap;
use sse::EventKind;

use super::{Asked, Gathered};
use crate::attempts::{self, Unusable};
use crate::exchange::Exchange;
use crate::lost::Lost;
use crate::patience::Patience;
use crate::stream::pool_usage;

/// The whole answer. A call gives more when it is streamed, so each is, and read to its end.
pub(super) async fn gather(mut exchange: Exchange, asked: Asked) -> Result<Gathered, Lost> {
    let limit = exchange.configuration.settings.upstream.max_event_size;
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let kin = asked.kin(exchange.entry.request_id());
    let (mut joined, mut whole) = (Continuation::default(), WholeAnswer::default());
    let mut next = asked.clone();
    loop {
        let judge = |_: &HeaderMap, body: &Bytes| {
            let read = Read::from(body, limit, &mut patience)?;
            let usage = pool_usage(read.usage);
            Ok((read.events, usage))
        };
        let (_, events) = attempts::whole(&mut exchange, &next.plan(kin), judge).await?;
        for event in events {
            whole.event(&joined.event(&event)).map_err(|why| lost(&why))?;
        }
        let Some(token) = joined.next_token() else { break };
        // Whatever comes now, the answer has begun: it may be empty, and no other model goes on.
        patience = Patience(0);
        exchange.waits = true;
        let unreadable = || Unusable::Malformed("cannot be continued.".to_owned()).lost();
        next = asked.follow_up(&token).ok_or_else(unreadable)?;
    }
    let body = whole.finish().map_err(|why| lost(&why))?;
    Ok(Gathered { body: body.into(), usage: joined.billed() })
}

/// The events of one call.
struct Read {
    events: Vec<Bytes>,
    usage: Usage,
}

impl Read {
    fn from(body: &Bytes, limit: usize, patience: &mut Patience) -> Result<Self, Unusable> {
        let mut decoder = sse::Decoder::new(limit);
        decoder.push(body.clone());
        let mut events = Vec::new();
        while let Some(event) = decoder.next_event() {
            events.push(event.map_err(|large| Unusable::Malformed(format!("{large}.")))?);
        }
        while let Some(event) = decoder.finish() {
            events.push(event);
        }
        let mut read = Self { events: Vec::with_capacity(events.len()), usage: Usage::default() };
        let (mut has_ended, mut has_content) = (false, false);
        for event in events.into_iter().filter(|event| event.kind != EventKind::Comment) {
            let observed = observe(&event.data);
            if observed.malformed {
                return Err(Unusable::Malformed("holds something that is not JSON.".to_owned()));
            }
            if observed.error.is_some() {
                return Err(Unusable::Error(event.data));
            }
            if let Some(usage) = &observed.usage {
                read.usage.merge(usage);
            }
            has_content |= observed.has_content;
            if observed.finish_reason.is_some() || observed.blocked {
                has_ended = true;
                if !has_content {
                    patience.check_observed(&observed)?;
                }
            }
            read.events.push(event.data);
        }
        if !has_ended {
            return Err(Unusable::Malformed("ended early.".to_owned()));
        }
        Ok(read)
    }
}

fn lost(unusable: &gemini::Unusable) -> Lost {
    Unusable::Malformed(unusable.to_string()).lost()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#;
    const STOP: &str =
        r#"data: {"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3}}"#;

    fn read(events: &[&str]) -> Result<Read, Unusable> {
        let body = Bytes::from(events.join("\n\n"));
        Read::from(&body, 1 << 20, &mut Patience(1))
    }

    #[test]
    fn a_call_is_read_to_its_end() {
        let whole = read(&[TEXT, ": comment", STOP]).ok().unwrap();
        assert_eq!((whole.events.len(), whole.usage.prompt), (2, 3));
    }

    #[test]
    fn what_is_no_whole_answer_is_refused() {
        assert!(matches!(read(&[TEXT]), Err(Unusable::Malformed(_))));
        assert!(matches!(read(&[TEXT, "data: <html>"]), Err(Unusable::Malformed(_))));
        assert!(matches!(read(&[STOP]), Err(Unusable::Empty(_))));
        let error = "{\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}";
        assert!(matches!(read(&[TEXT, error]), Err(Unusable::Error(_))));
    }
}
