//! What is asked of Redis, and what it says.

/// What a token may use; 0 for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests in any minute.
    pub minute_requests: u64,
    /// Tokens in any minute.
    pub minute_tokens: u64,
    /// Requests in a day.
    pub day_requests: u64,
    /// Tokens in a day.
    pub day_tokens: u64,
    /// Money in a day.
    pub day_cost: u64,
    /// Money in a month.
    pub month_cost: u64,
    /// Requests at the same time.
    pub concurrency: u64,
}

/// What was used of a day and of its month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Requests of the day.
    pub requests: u64,
    /// Tokens of the day.
    pub tokens: u64,
    /// Money of the day.
    pub cost: u64,
    /// Money of the month.
    pub month_cost: u64,
}

/// A request that wants to be served.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The token's id.
    pub token: &'a str,
    /// The request's id.
    pub request: &'a str,
    /// Milliseconds after which the request is over in any case.
    pub lease: u64,
    /// The day, as in `2026-11-26`; its first seven letters are the month.
    pub day: &'a str,
    /// What the request will probably use.
    pub tokens: u64,
    /// What that costs.
    pub cost: u64,
    /// What this process has counted, this request included.
    pub own: Counted,
    /// Counts up with every change of `own`.
    pub version: u64,
    /// What others have counted, as far as this process has heard elsewhere.
    pub others: Counted,
    /// What is allowed.
    pub limits: Limits,
}

/// What was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Requests at the same time.
    Concurrency,
    /// Requests in a minute; the seconds until there is room.
    MinuteRequests(u64),
    /// Tokens in a minute; the seconds until there is room.
    MinuteTokens(u64),
    /// Requests in the day.
    DayRequests,
    /// Tokens in the day.
    DayTokens,
    /// Money in the day.
    DayCost,
    /// Money in the month.
    MonthCost,
}

/// The answer to an [`Ask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is reserved.
    Granted {
        /// The second, on the clock of Redis, that it is counted in.
        second: i64,
        /// What others have counted.
        others: Counted,
    },
    /// It is beyond a limit, and nothing was reserved.
    Refused(Reached),
}

/// A request that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The token's id.
    pub token: String,
    /// The request's id.
    pub request: String,
    /// The day that it is counted in.
    pub day: String,
    /// The second that it was counted in; `None` if that is not known.
    pub second: Option<i64>,
    /// By how much its requests must be corrected: -1 if it came to nothing.
    pub requests: i64,
    /// By how much its tokens must be corrected.
    pub tokens: i64,
    /// What this process has counted.
    pub own: Counted,
    /// Counts up with every change of `own`.
    pub version: u64,
}
