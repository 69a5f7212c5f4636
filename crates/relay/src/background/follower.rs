//! Those who read a background response as it comes. They may leave and come back.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::unfold;
use http::StatusCode;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::sync::watch;
use tokio::time::sleep;

use super::tape::Recorded;
use crate::body::{Body, EndedEarly};
use crate::gateway::Gateway;
use crate::ledger::Entry;

/// How often the store is asked about a response that another process works on.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Where the events come from.
pub(crate) enum Source {
    /// This process works on the response.
    Tape(watch::Receiver<Recorded>),
    /// Another does, which tells of it when it is done; or it is done.
    Store { owner: Arc<str>, id: String },
}

/// Somebody who reads along.
pub(crate) struct Follower {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) source: Source,
    /// The last event that is known already.
    pub(crate) after: Option<u64>,
    /// A sign of life is given after each such silence, unless it is zero.
    pub(crate) silence: Duration,
    /// The record of the request for this stream, if it is not that for the response.
    pub(crate) entry: Option<Entry>,
}

/// What there is to read next.
enum Told {
    Events(Bytes),
    /// The last of it.
    Last(Bytes),
    /// No end will come.
    Lost,
}

impl Follower {
    /// The body of the stream.
    pub(crate) fn body(self) -> Body {
        let pieces = unfold(Some(self), async |follower| {
            let mut follower = follower?;
            let (piece, more) = follower.piece().await;
            Some((piece.map(Frame::data), more.then_some(follower)))
        });
        Body::frames(Box::pin(StreamBody::new(Box::pin(pieces))))
    }

    /// The next piece of the body, and whether there are more.
    async fn piece(&mut self) -> (Result<Bytes, EndedEarly>, bool) {
        let silence = self.silence;
        let told = tokio::select! {
            told = self.told() => told,
            () = quiet(silence) => return (Ok(Bytes::from_static(b": keep-alive\n\n")), true),
        };
        match told {
            Told::Events(bytes) => (Ok(bytes), true),
            Told::Last(bytes) => {
                if let Some(entry) = &mut self.entry {
                    entry.ends(StatusCode::OK, "served");
                }
                (Ok(bytes), false)
            }
            Told::Lost => (Err(EndedEarly), false),
        }
    }

    async fn told(&mut self) -> Told {
        match &mut self.source {
            Source::Tape(tape) => from_tape(tape, &mut self.after).await,
            Source::Store { owner, id } => tokio::select! {
                told = from_store(&self.gateway, owner, id, self.after) => told,
                // Whoever reads can go on elsewhere.
                () = self.gateway.stop.cancelled() => Told::Lost,
            },
        }
    }
}

async fn from_tape(tape: &mut watch::Receiver<Recorded>, after: &mut Option<u64>) -> Told {
    let next = after.map_or(0, |after| after.saturating_add(1));
    let news = |recorded: &Recorded| recorded.has_ended() || !recorded.since(next).is_empty();
    let Ok(recorded) = tape.wait_for(news).await else { return Told::Lost };
    let (mut out, mut whole) = (BytesMut::new(), false);
    let events = recorded.since(next);
    for event in events {
        event.write(&mut out);
        whole |= event.end().is_some();
    }
    *after = (next + events.len() as u64).checked_sub(1).or(*after);
    match (whole, recorded.has_ended()) {
        (true, _) => Told::Last(out.freeze()),
        (false, false) => Told::Events(out.freeze()),
        // Whoever knows the last event has nothing more to read.
        (false, true) if recorded.has_end() => Told::Last(out.freeze()),
        (false, true) => Told::Lost,
    }
}

async fn from_store(gateway: &Gateway, owner: &Arc<str>, id: &str, after: Option<u64>) -> Told {
    loop {
        match gateway.archive.find(owner, id).await {
            Ok(Some(response)) if !response.is_running() => {
                return Told::Last(response.stream(after).freeze());
            }
            Ok(None) => return Told::Lost,
            // It runs, or the database cannot tell.
            Ok(Some(_)) | Err(_) => sleep(LOOK_EVERY).await,
        }
    }
}

async fn quiet(silence: Duration) {
    if silence.is_zero() {
        return pending().await;
    }
    sleep(silence).await;
}

#[cfg(test)]
mod tests {
    use dialect::openai::responses::ToldEvent;

    use super::*;
    use crate::background::Tape;

    fn event(number: u64, kind: &str) -> ToldEvent {
        let data = format!(r#"{{"type":"{kind}","sequence_number":{number},"response":{{}}}}"#);
        ToldEvent::read(data.as_bytes()).unwrap()
    }

    async fn numbers(tape: &Tape, after: &mut Option<u64>) -> (&'static str, Vec<u64>) {
        let (how, bytes) = match from_tape(&mut tape.follow(), after).await {
            Told::Events(bytes) => ("events", bytes),
            Told::Last(bytes) => ("last", bytes),
            Told::Lost => ("lost", Bytes::new()),
        };
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let number = |piece: &str| piece.split_once(',').unwrap().0.parse().unwrap();
        (how, text.split("sequence_number\":").skip(1).map(number).collect())
    }

    #[tokio::test]
    async fn a_reader_hears_everything_once_from_wherever_it_begins() {
        let tape = Tape::default();
        let (mut all, mut late) = (None, Some(1));
        tape.push(event(0, "response.created"));
        tape.push(event(1, "response.queued"));
        assert_eq!(numbers(&tape, &mut all).await, ("events", vec![0, 1]));
        tape.push(event(2, "response.in_progress"));
        assert_eq!(numbers(&tape, &mut all).await, ("events", vec![2]));
        tape.push(event(3, "response.completed"));
        for after in [&mut all, &mut late] {
            let expected = (after.unwrap() + 1..=3).collect();
            assert_eq!(numbers(&tape, after).await, ("last", expected));
        }
        tape.end();
        for after in [3, 4, u64::MAX] {
            assert_eq!(numbers(&tape, &mut Some(after)).await, ("last", vec![]));
        }
    }

    #[tokio::test]
    async fn a_reader_waits_for_what_is_not_there_and_learns_of_a_loss() {
        let tape = Tape::default();
        tape.push(event(0, "response.created"));
        let mut after = Some(0);
        let reading = numbers(&tape, &mut after);
        let telling = async {
            tokio::task::yield_now().await;
            tape.push(event(1, "response.queued"));
        };
        assert_eq!(tokio::join!(reading, telling).0, ("events", vec![1]));
        tape.end();
        assert_eq!(numbers(&tape, &mut after).await, ("lost", vec![]));
    }
}
