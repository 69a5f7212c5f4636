//! The one place where the request path reads the time.

use std::time::{SystemTime, UNIX_EPOCH};

use keypool::Timestamp;

/// The time of day.
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}
