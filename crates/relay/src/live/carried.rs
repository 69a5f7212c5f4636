//! A session that has begun: carried until one side ends it, or it has to end.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use http::StatusCode;
use keypool::{Outcome, Phase};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use upstream::Socket;

use super::first::broken_rule;
use super::handles::bond_of;
use super::pump::{Party, Pump, Side, Stopped};
use super::session::{Begun, Session};
use super::tally::Tally;
use super::{ClientSocket, farewell};
use crate::attempts::Joined;
use crate::clock;
use crate::exchange::Exchange;
use crate::lease::Held;

/// How often it is looked whether the session may go on, at least.
const GLANCE: Duration = Duration::from_secs(1);

/// How long the other side may take to answer a goodbye.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Why a session is over.
#[derive(Debug)]
enum Ended {
    Stopped(Stopped),
    /// Nothing came from there for `IDLE_TIMEOUT`, not even an answer to a ping.
    Silent(Party),
    /// The client token opens nothing any more.
    Revoked,
    /// The gateway stops.
    Stopping,
}

/// What is said to each side at the end.
pub(super) struct Parting {
    /// Nothing is said to a client that has closed the session itself.
    client: Option<CloseFrame>,
    google: Option<(Box<Socket>, CloseFrame)>,
}

impl Parting {
    /// There was no session.
    pub(super) fn of_client(client: Option<CloseFrame>) -> Self {
        Self { client, google: None }
    }

    /// Says goodbye to both sides, and lets go.
    pub(super) async fn say(self, client: &mut ClientSocket) {
        let to_google = async {
            if let Some((mut socket, close)) = self.google {
                part(&mut socket, Some(close)).await;
            }
        };
        tokio::join!(to_google, part(client, self.client));
    }
}

/// Reads on until the other side has heard: a connection that is dropped with something unread in it is
/// reset, and what was said last is lost.
async fn part<S>(socket: &mut WebSocketStream<S>, close: Option<CloseFrame>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let parting = async {
        let said = match close {
            Some(close) => socket.close(Some(close)).await,
            None => socket.flush().await,
        };
        if said.is_err() {
            return;
        }
        while let Some(Ok(_)) = socket.next().await {}
        let stream = socket.get_mut();
        let mut unread = [0; 4096];
        if stream.shutdown().await.is_ok() {
            while stream.read(&mut unread).await.is_ok_and(|count| count > 0) {}
        }
    };
    // Late or not, it ends here.
    let _ = timeout(LAST_WORDS, parting).await;
}

impl Session {
    /// Carries messages for as long as the session lasts.
    pub(super) async fn carry(&mut self, client: &mut ClientSocket, begun: Begun) -> Parting {
        let Begun { joined: Joined { mut held, mut socket, first }, early } = begun;
        let exchange = &mut self.exchange;
        let bond = bond_of(&exchange.gateway.pool(exchange.platform), &held.key.id);
        let mut tally = Tally::new(bond);
        tally.hear(&first, exchange, &mut held);
        let mut pump =
            Pump { client: Side::new(client, [first]), google: Side::new(&mut socket, early) };
        let ended = carried(&mut pump, exchange, &mut held, &mut tally).await;
        let (client, google) = conclude(exchange, held, ended);
        Parting { client, google: Some((socket, google)) }
    }
}

async fn carried<C, G>(
    pump: &mut Pump<'_, C, G>,
    exchange: &mut Exchange,
    held: &mut Held,
    tally: &mut Tally,
) -> Ended
where
    C: AsyncRead + AsyncWrite + Unpin,
    G: AsyncRead + AsyncWrite + Unpin,
{
    let (stop, stop_now) = (exchange.gateway.stop.clone(), exchange.gateway.stop_now.clone());
    let idle = exchange.configuration.settings.upstream.idle_timeout;
    let grace = exchange.configuration.settings.server.shutdown_grace;
    let mut glance = interval(GLANCE.min(idle / 4));
    glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut pinged = Instant::now();
    let mut is_warned = false;
    loop {
        tokio::select! {
            stopped = pump.run(|message| tally.hear(message, exchange, held)) => {
                return Ended::Stopped(stopped);
            }
            _ = glance.tick() => {}
            () = stop.cancelled(), if !is_warned => {
                is_warned = true;
                pump.client.tell(go_away(grace));
            }
            () = stop_now.cancelled() => return Ended::Stopping,
        }
        if is_revoked(exchange) {
            return Ended::Revoked;
        }
        for (party, heard) in
            [(Party::Client, pump.client.heard), (Party::Google, pump.google.heard)]
        {
            if heard.elapsed() >= idle {
                return Ended::Silent(party);
            }
        }
        if pinged.elapsed() >= idle / 3 {
            pinged = Instant::now();
            pump.client.ping();
            pump.google.ping();
        }
    }
}

/// As Google tells that a connection ends soon, so that clients can go on elsewhere in time.
fn go_away(left: Duration) -> Message {
    Message::text(format!(r#"{{"goAway":{{"timeLeft":"{}s"}}}}"#, left.as_secs()))
}

/// Whether the client token has been taken away since the session began.
fn is_revoked(exchange: &mut Exchange) -> bool {
    let newest = exchange.gateway.configuration();
    if std::sync::Arc::ptr_eq(&newest, &exchange.configuration) {
        return false;
    }
    let revoked = newest.tokens.client(&exchange.entry.token_id()).is_none();
    exchange.configuration = newest;
    revoked
}

/// Writes down how it went, and says what each side is told.
fn conclude(exchange: &mut Exchange, held: Held, ended: Ended) -> (Option<CloseFrame>, CloseFrame) {
    let normal = farewell::frame(CloseCode::Normal, "");
    match ended {
        Ended::Stopped(Stopped::Closed(Party::Client, close)) => {
            served(exchange, held);
            (None, farewell::passed_on(close, str::to_owned))
        }
        Ended::Stopped(Stopped::Closed(Party::Google, close)) => {
            let told = closed_by_google(exchange, held, close);
            (Some(told), normal)
        }
        Ended::Stopped(Stopped::Lost(Party::Client, error)) => {
            let close = broken_rule(&error);
            if let Some(close) = &close {
                exchange.entry.fails(StatusCode::BAD_REQUEST, "rejected", &close.reason);
            }
            (close, normal)
        }
        Ended::Stopped(Stopped::Lost(Party::Google, _)) => {
            let message = "The connection to Google broke.";
            let close = broken(exchange, held, Phase::Cut, StatusCode::BAD_GATEWAY, message);
            (Some(close), normal)
        }
        Ended::Silent(Party::Google) => {
            let message = "Google has gone silent.";
            let close = broken(exchange, held, Phase::Idle, StatusCode::GATEWAY_TIMEOUT, message);
            (Some(close), normal)
        }
        Ended::Silent(Party::Client) => {
            let reason = "Nothing came for too long, not even a pong.";
            (Some(farewell::frame(CloseCode::Policy, reason)), normal)
        }
        Ended::Revoked => {
            served(exchange, held);
            let reason = "The client token is not valid any more.";
            exchange.entry.fails(StatusCode::UNAUTHORIZED, "rejected", reason);
            (Some(farewell::frame(CloseCode::Policy, reason)), normal)
        }
        Ended::Stopping => {
            served(exchange, held);
            (Some(farewell::stopping()), normal)
        }
    }
}

fn served(exchange: &mut Exchange, held: Held) {
    let status = StatusCode::SWITCHING_PROTOCOLS;
    let served = Outcome::Served { usage: held.usage };
    exchange.entry.attempt_ends(&held, &served, Some(status.as_u16()));
    exchange.entry.ends(status, "served");
    held.settle(&served);
}

/// Google may end a session because of its key, its quota, or what the client said.
fn closed_by_google(exchange: &mut Exchange, held: Held, close: Option<CloseFrame>) -> CloseFrame {
    let redactor = exchange.gateway.redactor.clone();
    let verdict = close.as_ref().and_then(|close| {
        upstream::classify_close(close.code.into(), close.reason.as_str(), clock::now())
    });
    match verdict {
        None => served(exchange, held),
        Some(verdict) => {
            let label = verdict.outcome.label();
            let status = StatusCode::from_u16(verdict.status).unwrap_or(StatusCode::BAD_GATEWAY);
            let entry = &mut exchange.entry;
            let (outcome, message) = (&verdict.outcome, &verdict.message);
            entry.attempt_failed(&held, Some(verdict.status), outcome, message, None);
            entry.fails(status, label, message);
            held.settle(outcome);
        }
    }
    farewell::passed_on(close, |reason| redactor.redact(reason).into_owned())
}

fn broken(
    exchange: &mut Exchange,
    held: Held,
    phase: Phase,
    status: StatusCode,
    message: &str,
) -> CloseFrame {
    let outcome = Outcome::LinkBroken(phase);
    exchange.entry.attempt_failed(&held, None, &outcome, message, None);
    exchange.entry.fails(status, outcome.label(), message);
    held.settle(&outcome);
    farewell::of_status(status, message)
}
