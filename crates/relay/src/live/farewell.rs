//! How a session is ended towards its client: a code and a sentence, as Google would say it.

use http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// A close frame has room for 125 bytes, and the code takes two of them.
const LONGEST_REASON: usize = 123;

/// A close frame for a request that was answered with this status where it is plain HTTP.
pub(super) fn of_status(status: StatusCode, message: &str) -> CloseFrame {
    let code = match status.as_u16() {
        400 | 422 => CloseCode::Invalid,
        413 => CloseCode::Size,
        503 => CloseCode::Again,
        500.. => CloseCode::Error,
        _ => CloseCode::Policy,
    };
    frame(code, message)
}

/// The gateway stops.
pub(super) fn stopping() -> CloseFrame {
    frame(CloseCode::Away, "The gateway stops.")
}

/// A close frame whose reason fits.
pub(super) fn frame(code: CloseCode, reason: &str) -> CloseFrame {
    let end = reason.floor_char_boundary(LONGEST_REASON);
    CloseFrame { code, reason: reason.get(..end).unwrap_or_default().into() }
}

/// The same frame towards the other side. Codes that only stand for something, and must not be sent, are
/// replaced.
pub(super) fn passed_on(close: Option<CloseFrame>, redact: impl Fn(&str) -> String) -> CloseFrame {
    let Some(CloseFrame { code, reason }) = close else { return frame(CloseCode::Normal, "") };
    let code = if code.is_allowed() { code } else { CloseCode::Normal };
    frame(code, &redact(reason.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_become_codes() {
        for (status, code) in [
            (400, 1007),
            (401, 1008),
            (404, 1008),
            (413, 1009),
            (429, 1008),
            (500, 1011),
            (502, 1011),
            (503, 1013),
            (504, 1011),
        ] {
            let frame = of_status(StatusCode::from_u16(status).unwrap(), "why");
            assert_eq!((u16::from(frame.code), frame.reason.as_str()), (code, "why"), "{status}");
        }
    }

    #[test]
    fn reasons_fit_and_codes_may_be_sent() {
        let long = frame(CloseCode::Policy, &"ü".repeat(100));
        assert_eq!(long.reason.len(), 122);
        let redact = |text: &str| text.replace("AIza", "…");
        let close = |code: u16| Some(CloseFrame { code: code.into(), reason: "AIza x".into() });
        let told = passed_on(close(1008), redact);
        assert_eq!((told.code, told.reason.as_str()), (CloseCode::Policy, "… x"));
        for code in [None, close(1005), close(1006)] {
            assert_eq!(passed_on(code, redact).code, CloseCode::Normal);
        }
    }
}
