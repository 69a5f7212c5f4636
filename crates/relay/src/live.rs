//! The Live API: WebSockets, passed on message by message.
//!
//! The client's token is checked before its connection becomes a WebSocket; its limits when it has said
//! which model it wants. Until Google has accepted the first message, a session is a request like any
//! other, with attempts; from then on it belongs to its key, and only ends.

mod carried;
mod farewell;
mod first;
mod handles;
mod handshake;
mod kept;
mod pump;
mod session;
mod tally;
mod token;

use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;

pub(crate) use handles::Handles;
pub use handles::{KeepHandles, LiveSession};
pub(crate) use handshake::handshake;
pub use kept::KeptSessions;
pub(crate) use session::Session;
pub(crate) use tally::message_bytes;
pub(crate) use token::{SessionToken, agreed};

/// The client's side of a session.
pub(crate) type ClientSocket = WebSocketStream<TcpStream>;
