//! One attempt against Google: egress, connections, timeouts, classification.
//!
//! * [`Client`] sends one [`Call`] with one key through one egress and hands back the [`Answer`],
//!   whose body streams. It never follows redirects, never decompresses, and repeats a call only
//!   when a kept connection turns out to have been closed before the first byte of an answer.
//! * [`Client::open_socket`] opens a WebSocket in the same way.
//! * [`Client::send_streamed`] does the same with a body that is sent as it comes ([`Outflow`]).
//! * [`classify()`] says what an error answer means: for the key, for its quota, for the client.
//! * [`forwardable`] picks the headers of a client's request that may travel on.
//!
//! HTTP/1.1 only, one connection per running request: Google limits the streams of an HTTP/2
//! connection to about a hundred, behind which further requests would wait, and one lost packet
//! would hold up all of them. The connection is driven by whoever polls the answer: no task, no
//! channel and no copy lies between Google's socket and the client's.

mod answer_head;
mod body;
mod broken;
mod call;
mod classify;
mod client;
mod connect;
mod connection;
mod egress;
mod framing;
mod headers;
mod options;
mod outflow;
mod payload;
mod pool;
mod proxy;
mod request_head;
mod socket;
mod watchdog;
mod wire;

pub use body::AnswerBody;
pub use broken::Broken;
pub use call::{Answer, Call};
pub use classify::{Class, Verdict, classify, classify_close, classify_event_error};
pub use client::Client;
pub use egress::home_among;
pub use headers::forwardable;
pub use options::{Options, OptionsError, USUAL_WEIGHT};
pub use outflow::{Outflow, SourceFailed};
pub use payload::Payload;
pub use proxy::{InvalidProxy, ProxyUrl};
pub use socket::{Opened, Socket, socket_config};
