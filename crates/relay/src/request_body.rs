//! Reading a request's body: whole, within the limit, and only as long as it moves.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::answer::Fault;

/// What a connection's buffer holds at first.
const SMALL: usize = 8 * 1024;

/// Reads all of `body`.
///
/// More than `limit` bytes answer 413, at once when the length was announced; a pause of more than
/// `idle` answers 408; a body that breaks off answers 400.
pub(crate) async fn read(mut body: Incoming, limit: usize, idle: Duration) -> Result<Bytes, Fault> {
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(too_large(limit));
    }
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    loop {
        let frame = tokio::time::timeout(idle, body.frame()).await.map_err(|_| too_slow(idle))?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| broken_off())?;
        let Ok(data) = frame.into_data() else { continue };
        match first.take() {
            None if rest.is_empty() => first = Some(data),
            None => rest.extend_from_slice(&data),
            Some(begin) => {
                // The announced length is the client's word: reserve in good faith, not without end.
                rest.reserve((announced as usize).clamp(begin.len() + data.len(), 1 << 20));
                rest.extend_from_slice(&begin);
                rest.extend_from_slice(&data);
            }
        }
        if first.as_ref().map_or(rest.len(), Bytes::len) > limit {
            return Err(too_large(limit));
        }
    }
    Ok(first.map_or_else(|| rest.freeze(), released))
}

/// A piece that came with its head lies in the connection's buffer, which would have to be made
/// anew for as long as the piece lives.
fn released(piece: Bytes) -> Bytes {
    if piece.len() <= SMALL { Bytes::copy_from_slice(&piece) } else { piece }
}

pub(crate) fn too_large(limit: usize) -> Fault {
    Fault::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "request_too_large",
        format!("The request's body is larger than the {limit} bytes that MAX_BODY_SIZE allows."),
    )
}

pub(crate) fn too_slow(idle: Duration) -> Fault {
    Fault::new(
        StatusCode::REQUEST_TIMEOUT,
        "request_timeout",
        format!("No byte of the request's body arrived for {} seconds.", idle.as_secs()),
    )
}

pub(crate) fn broken_off() -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "incomplete_body", "The request's body broke off.")
}
