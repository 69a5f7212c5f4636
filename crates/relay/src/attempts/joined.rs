//! Sessions: a key is good for one if Google answers the first message.

use std::sync::Arc;

use bytes::Bytes;
use dialect::gemini::observe_live;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, StatusCode};
use keypool::Phase;
use secret::PoolKey;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::{Error, Message};
use upstream::{Answer, Call, Opened, Payload, Socket};

use super::{Attempts, Break, Plan};
use crate::answer::JSON;
use crate::clock;
use crate::exchange::Exchange;
use crate::lease::Held;
use crate::live::message_bytes;
use crate::lost::Lost;

/// A session that has begun.
pub(crate) struct Joined {
    pub(crate) held: Held,
    pub(crate) socket: Box<Socket>,
    /// What Google said first.
    pub(crate) first: Message,
}

/// Why a key gave no session.
enum NotJoined {
    /// Google answered in HTTP.
    Refused(Box<Answer>),
    /// Google closed the session.
    Closed(u16, String),
    /// Google's first message is an error.
    Error(Bytes),
    Broken(Break),
}

/// Runs attempts until Google has answered the `setup`, which goes out as it is. A `token` of a session
/// is shown to Google in place of the key that made it.
pub(crate) async fn joined(
    exchange: &mut Exchange,
    plan: &Plan<'_>,
    token: Option<&PoolKey>,
    setup: &Message,
) -> Result<Joined, Lost> {
    let mut attempts = Attempts::new(exchange, plan);
    attempts.shows_token = token.is_some();
    loop {
        let mut held = attempts.lease().await?;
        attempts.begin(&mut held, false);
        match Box::pin(attempts.join(&held, token, setup)).await {
            Ok((socket, first)) => {
                held.answered();
                let entry = &mut attempts.exchange().entry;
                entry.attempt_answers(&held);
                entry.first_byte();
                return Ok(Joined { held, socket, first });
            }
            Err(not_joined) => Box::pin(attempts.not_joined(held, not_joined)).await?,
        }
    }
}

impl Attempts<'_> {
    async fn join(
        &mut self,
        held: &Held,
        token: Option<&PoolKey>,
        setup: &Message,
    ) -> Result<(Box<Socket>, Message), NotJoined> {
        let settings = &self.exchange.configuration.settings.upstream;
        let call = Call {
            method: self.plan.method,
            path_and_query: self.plan.path_and_query,
            headers: &self.plan.headers,
            own_headers: self.headers.as_deref(),
            key: token.unwrap_or(&held.key.secret),
            egress: held.egress,
            body: Payload::default(),
            deadline: Some(self.deadline),
        };
        let client = Arc::clone(&self.exchange.client);
        let mut socket = match client.open_socket(call, settings.max_event_size).await {
            Ok(Opened::Socket(socket)) => socket,
            Ok(Opened::Refused(answer)) => return Err(NotJoined::Refused(Box::new(answer))),
            Err(broken) => return Err(NotJoined::Broken(broken.into())),
        };
        let limit = self.deadline.min(Instant::now() + settings.first_byte_timeout);
        let answered = timeout_at(limit, answer(&mut socket, setup)).await;
        let first = answered.unwrap_or_else(|_| {
            let message = "Google did not answer the first message in time.".to_owned();
            let (phase, timed_out) = (Phase::FirstByte, true);
            Err(NotJoined::Broken(Break { phase, timed_out, sent: true, message }))
        })?;
        Ok((socket, first))
    }

    /// Whose fault it was, and whether another key may help.
    async fn not_joined(&mut self, held: Held, why: NotJoined) -> Result<(), Lost> {
        match why {
            NotJoined::Refused(answer) => self.refused(held, *answer).await,
            NotJoined::Error(body) => self.refused_inside(held, body).await,
            NotJoined::Broken(broken) => self.broken(held, broken).await,
            NotJoined::Closed(code, reason) => {
                let Some(verdict) = upstream::classify_close(code, &reason, clock::now()) else {
                    let message = format!("Google closed the session at once ({code}).");
                    return self.broken(held, Break::of_protocol(Phase::Cut, &message)).await;
                };
                let status =
                    StatusCode::from_u16(verdict.status).unwrap_or(StatusCode::BAD_GATEWAY);
                let body = dialect::gemini::error::body(verdict.status, &verdict.message, None);
                let mut headers = HeaderMap::new();
                headers.insert(http::header::CONTENT_TYPE, JSON);
                self.judged(held, verdict, status, headers, body.into()).await
            }
        }
    }
}

/// Says the first message, and waits for what Google says to it.
async fn answer(socket: &mut Socket, setup: &Message) -> Result<Message, NotJoined> {
    let cut = |error: &Error| {
        let message = format!("The connection broke before Google had answered: {error}");
        NotJoined::Broken(Break { phase: Phase::Cut, timed_out: false, sent: true, message })
    };
    // Whoever is refused at once may not be able to say anything more; the reason is there to be read.
    let _ = socket.send(setup.clone()).await;
    loop {
        match socket.next().await {
            Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                let data = message_bytes(&message);
                if observe_live(data).is_error {
                    return Err(NotJoined::Error(Bytes::copy_from_slice(data)));
                }
                return Ok(message);
            }
            Some(Ok(Message::Close(close))) => {
                let told = close.map(|close| (close.code.into(), close.reason.to_string()));
                let (code, reason) = told.unwrap_or((1005, String::new()));
                return Err(NotJoined::Closed(code, reason));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(cut(&error)),
            None => return Err(cut(&Error::ConnectionClosed)),
        }
    }
}
