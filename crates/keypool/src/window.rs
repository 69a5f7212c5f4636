//! The windows in which Google counts what a project uses.

use crate::labels::labels;

labels! {
    /// A window of a project's quota.
    pub enum Window ("quota window") {
        /// Requests per minute.
        MinuteRequests = "minute_requests",
        /// Tokens per minute.
        MinuteTokens = "minute_tokens",
        /// Requests per day, which ends at midnight Pacific.
        DayRequests = "day_requests",
        /// Tokens per day, which ends at midnight Pacific.
        DayTokens = "day_tokens",
        /// Money per ten minutes or month.
        Spend = "spend",
        /// The project is not offered the model at all: its limit is zero, or access was denied.
        NotOffered = "not_offered",
        /// Google did not say which.
        Unknown = "unknown",
        /// None of Google's: a person wants the project left alone for a while.
        Paused = "paused",
    }
}

impl Window {
    /// Whether the window ends at midnight Pacific.
    pub const fn is_daily(self) -> bool {
        matches!(self, Self::DayRequests | Self::DayTokens)
    }
}
