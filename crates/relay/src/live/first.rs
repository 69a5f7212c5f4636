//! The client's first message, and what follows it before Google has answered.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::tally::message_bytes;
use super::{ClientSocket, farewell};

/// So much of what a client says early is kept; then it has to wait.
const LARGEST_EARLY: usize = 1 << 20;

/// Why a client says nothing more.
pub(super) enum Gone {
    /// It has closed the session, or its connection broke.
    Left,
    /// It is told why not to go on.
    Refused(CloseFrame),
}

/// The client's first message.
pub(super) async fn first_message(
    client: &mut ClientSocket,
    patience: Duration,
) -> Result<Message, Gone> {
    tokio::time::timeout(patience, next(client)).await.unwrap_or_else(|_| {
        let seconds = patience.as_secs();
        let reason = format!("No setup message came within {seconds} s (BODY_IDLE_TIMEOUT).");
        Err(Gone::Refused(farewell::frame(CloseCode::Policy, &reason)))
    })
}

/// Keeps what the client says, until it says nothing more.
pub(super) async fn overhear(client: &mut ClientSocket, early: &mut VecDeque<Message>) -> Gone {
    let mut room = LARGEST_EARLY;
    while room > 0 {
        match next(client).await {
            Ok(message) => {
                room = room.saturating_sub(message_bytes(&message).len().max(1));
                early.push_back(message);
            }
            Err(gone) => return gone,
        }
    }
    std::future::pending().await
}

async fn next(client: &mut ClientSocket) -> Result<Message, Gone> {
    loop {
        match client.next().await {
            Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => return Ok(message),
            Some(Ok(Message::Close(_))) | None => return Err(Gone::Left),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(gone(&error)),
        }
    }
}

fn gone(error: &Error) -> Gone {
    broken_rule(error).map_or(Gone::Left, Gone::Refused)
}

/// What a client is told that sends what it must not; `None` if its connection broke.
pub(super) fn broken_rule(error: &Error) -> Option<CloseFrame> {
    let (code, reason) = match error {
        Error::Capacity(_) => (CloseCode::Size, "The message is larger than MAX_EVENT_SIZE."),
        Error::Utf8(_) => (CloseCode::Invalid, "The message is no UTF-8."),
        Error::Protocol(error) if !is_end(error) => {
            (CloseCode::Protocol, "The frame breaks the rules of WebSocket.")
        }
        _ => return None,
    };
    Some(farewell::frame(code, reason))
}

/// The connection ended without a word.
fn is_end(error: &ProtocolError) -> bool {
    matches!(error, ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing)
}
