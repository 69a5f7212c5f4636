//! Gemini's events to a Gemini client: byte for byte, except where Google's own habit breaks
//! clients.

use bytes::{Bytes, BytesMut};
use keypool::Usage;
use sse::{Event, EventKind};

use super::{Failure, Progress, Translate, error_object, pool_usage};

/// Hands events through and keeps an eye on them.
#[derive(Debug, Default)]
pub(crate) struct NativeEvents {
    progress: Progress,
}

impl Translate for NativeEvents {
    fn event(&mut self, event: &Event, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        if !matches!(event.kind, EventKind::Comment) {
            self.progress.observe(&event.data)?;
        }
        if event.raw.is_empty() {
            sse::encode_data(out, &compact(&event.data));
            return Ok(());
        }
        out.extend_from_slice(&event.raw);
        if !ends_with_blank_line(&event.raw) {
            out.extend_from_slice(b"\n\n");
        }
        Ok(())
    }

    /// A stream that just stops is taken for a whole one by Google's SDKs, so it must not just stop.
    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Box<Failure>> {
        if self.progress.finished { Ok(()) } else { Err(Box::new(Failure::truncated())) }
    }

    /// As `data:`, the only form that Google's SDKs read wherever the chunks are cut.
    fn fail(&mut self, failure: &Failure, out: &mut BytesMut) {
        sse::encode_data(out, &compact(&error_object(failure)));
    }

    fn usage(&self) -> Usage {
        pool_usage(self.progress.usage)
    }
}

fn ends_with_blank_line(raw: &[u8]) -> bool {
    raw.ends_with(b"\n\n") || raw.ends_with(b"\n\r\n") || raw.ends_with(b"\r\r")
}

/// A pretty-printed object does not fit on one `data:` line.
fn compact(json: &Bytes) -> Bytes {
    if !json.contains(&b'\n') && !json.contains(&b'\r') {
        return json.clone();
    }
    match serde_json::from_slice::<serde_json::Value>(json) {
        Ok(value) => value.to_string().into(),
        Err(_) => json.iter().filter(|byte| !b"\r\n".contains(byte)).copied().collect(),
    }
}
