//! WebSockets to Google: the handshake is a call like any other, so that ways out, limits and headers
//! are the same; what follows is frames.

use bytes::BufMut;
use http::{HeaderMap, StatusCode};
use keypool::Phase;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::answer_head::AnswerHead;
use crate::connection::Connection;
use crate::wire::Wire;
use crate::{Answer, Broken};

/// A WebSocket to Google.
pub type Socket = WebSocketStream<Wire>;

/// What came of asking for a WebSocket.
#[derive(Debug)]
pub enum Opened {
    /// It is open.
    Socket(Box<Socket>),
    /// Google answered in plain HTTP.
    Refused(Answer),
}

/// How the frames of both sides are read and written: no message is longer than `largest` bytes, and
/// each goes out at once.
pub fn socket_config(largest: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .write_buffer_size(0)
        .max_message_size(Some(largest))
        .max_frame_size(Some(largest))
}

/// Makes the head that lies in `connection` ask for a WebSocket; returns what the answer must hold.
pub(crate) fn ask(connection: &mut Connection) -> String {
    let key = generate_key();
    let head = &mut connection.outgoing;
    // In front of the empty line.
    head.truncate(head.len().saturating_sub(2));
    head.put_slice(b"connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n");
    head.put_slice(b"sec-websocket-key: ");
    head.put_slice(key.as_bytes());
    head.put_slice(b"\r\n\r\n");
    connection.may_switch = true;
    derive_accept_key(key.as_bytes())
}

/// Whether Google has agreed, and to no more than was asked for.
pub(crate) fn agrees(head: &AnswerHead, accept: &str) -> Result<bool, Broken> {
    if head.status != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(false);
    }
    let accepts = one(&head.headers, "sec-websocket-accept") == Some(accept);
    let extends = head.headers.contains_key("sec-websocket-extensions")
        || head.headers.contains_key("sec-websocket-protocol");
    if accepts && !extends {
        return Ok(true);
    }
    Err(Broken::new(Phase::Protocol, "the other side switched to something that was not asked for"))
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

/// The connection from now on.
pub(crate) async fn over(connection: Connection, largest: usize) -> Box<Socket> {
    let (wire, received) = connection.into_parts();
    let config = Some(socket_config(largest));
    let socket =
        WebSocketStream::from_partially_read(wire, received.into(), Role::Client, config).await;
    Box::new(socket)
}
