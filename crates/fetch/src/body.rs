//! Reading a file to its end, and not beyond a limit.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::media::kind;
use crate::{FetchError, Fetched, Limits, Reason};

/// Enough to know a file's type.
const FIRST_BYTES: usize = 16;

/// The whole file. A length that the server announces is not believed; one that it does not keep is
/// an error.
pub(crate) async fn collect(mut body: Incoming, limits: &Limits) -> Result<Fetched, FetchError> {
    let mut bytes = BytesMut::new();
    while let Some(data) = next(&mut body, limits).await? {
        let room = limits.bytes.saturating_sub(bytes.len());
        bytes.extend_from_slice(data.get(..room).unwrap_or(&data));
        let known = bytes.len() >= FIRST_BYTES || data.len() > room;
        if known && kind(&bytes).is_none() {
            return Err(Reason::Unsupported.into());
        }
        if data.len() > room {
            return Err(FetchError::TooLarge(limits.bytes));
        }
    }
    let mime = kind(&bytes).ok_or(Reason::Unsupported)?;
    Ok(Fetched { mime, bytes: bytes.freeze() })
}

async fn next(body: &mut Incoming, limits: &Limits) -> Result<Option<Bytes>, Reason> {
    loop {
        match timeout(limits.idle, body.frame()).await {
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => return Ok(Some(data)),
                Err(_trailers) => {}
            },
            Ok(Some(Err(_))) => return Err(Reason::Broken),
            Ok(None) => return Ok(None),
            Err(_) => return Err(Reason::TooSlow),
        }
    }
}
