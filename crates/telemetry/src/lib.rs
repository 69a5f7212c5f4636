//! What the program tells of itself: logs without secrets, and the Prometheus families.
//!
//! * [`logs`]: one line an event, to stderr, redacted, bounded, with a level that can change while
//!   the program runs;
//! * [`LiveRedactor`]: removes the credentials that are in use now; shared by the log lines and
//!   whoever shows an upstream's words to somebody;
//! * [`Metrics`]: counters that cost the request path an addition each.

mod live_redactor;
pub mod logs;
mod metrics;

pub use live_redactor::LiveRedactor;
pub use metrics::{Metrics, PoolGauges, RequestEnd};
