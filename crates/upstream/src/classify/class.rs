//! The table: from status, reason and first words to the kind of error.

use keypool::{DeathReason, Window};

use super::Found;
use super::error_body::ErrorBody;

/// The kind of an error answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The client's fault; any key gives the same answer.
    Request,
    /// More input tokens than the model takes.
    ContextLength,
    /// No such model, for any key.
    UnknownModel,
    /// The history lacks thought signatures: worth one more try with placeholders, same key.
    Repairable,
    /// Names a file, cache or tuned model that belongs to another project.
    ForeignResource,
    /// Refused for how the credential was sent, not for what it is: another key may pass.
    Credential,
    /// Refused without a known reason: another key may pass.
    Refused,
    /// The country or address that the gateway calls from.
    Egress,
    /// The key, or its project, is of no use until a person acts.
    KeyDead,
    /// The project may not use this model.
    ModelDenied,
    /// Requests or tokens per minute of a project and model.
    QuotaMinute,
    /// Requests or tokens per day of a project and model.
    QuotaDay,
    /// Money per ten minutes of a project.
    QuotaSpend,
    /// 429 without saying which quota.
    QuotaUnknown,
    /// The model lacks capacity, whatever the key.
    Overloaded,
    /// A fault of the server that may pass.
    Transient,
    /// 499: the request was cancelled on its way.
    Cancelled,
}

impl Class {
    /// How many further attempts make sense for one client's request because of this error alone.
    ///
    /// A persistent 500 or 504 is often the request itself.
    pub fn further_attempts(self, status: u16) -> u32 {
        match self {
            Self::Request | Self::ContextLength | Self::UnknownModel | Self::ForeignResource => 0,
            Self::Repairable | Self::Cancelled => 1,
            Self::Transient if status == 504 => 1,
            Self::Transient => 2,
            _ => u32::MAX,
        }
    }

    pub(super) fn of_window(window: Window) -> Self {
        match window {
            Window::MinuteRequests | Window::MinuteTokens => Self::QuotaMinute,
            Window::DayRequests | Window::DayTokens => Self::QuotaDay,
            Window::Spend => Self::QuotaSpend,
            Window::NotOffered => Self::ModelDenied,
            Window::Unknown | Window::Paused => Self::QuotaUnknown,
        }
    }
}

/// Which answers a row of the table is about.
#[derive(Clone, Copy)]
enum Sign {
    /// `ErrorInfo.reason`.
    Reason(&'static str),
    /// The message begins with this, whatever the case of letters.
    Begins(&'static str),
    /// The message begins with the first text and ends with the second.
    Frame(&'static str, &'static str),
    /// The message holds this anywhere: only where nothing worse than one more attempt follows.
    Holds(&'static str),
    /// The `code` of the Interactions family, which uses words.
    Word(&'static str),
}

const fn dead(reason: DeathReason) -> Found {
    Found::Dead(reason)
}

const fn class(class: Class) -> Found {
    Found::Class(class)
}

use DeathReason as D;
use Sign::{Begins, Frame, Holds, Reason, Word};

/// Rows from the particular to the general: the first that fits decides. The statuses are those
/// with which Google sends such an answer; the same words under another status mean nothing.
#[rustfmt::skip]
const TABLE: &[(&[u16], Sign, Found)] = &[
    // A method that takes no API key at all: not the key's fault, though the reason sounds like it.
    (&[401], Begins("api keys are not supported by this api"), class(Class::Request)),
    // The key.
    (&[400], Begins("api key expired"), dead(D::Expired)),
    (&[400, 401, 403], Reason("API_KEY_INVALID"), dead(D::Invalid)),
    (&[400], Begins("api key not valid"), dead(D::Invalid)),
    (&[400], Begins("api key not found"), dead(D::Invalid)),
    (&[403], Begins("your api key was reported as leaked"), dead(D::Leaked)),
    (&[403], Reason("CONSUMER_SUSPENDED"), dead(D::Suspended)),
    (&[403], Frame("permission denied: consumer 'api_key:", "has been suspended."), dead(D::Suspended)),
    (&[403], Reason("SERVICE_DISABLED"), dead(D::ServiceDisabled)),
    (&[403], Begins("generative language api has not been used in project"), dead(D::ServiceDisabled)),
    (&[403], Reason("API_KEY_SERVICE_BLOCKED"), dead(D::ServiceBlocked)),
    (&[403], Frame("requests to this api ", " are blocked."), dead(D::ServiceBlocked)),
    (&[403], Reason("API_KEY_IP_ADDRESS_BLOCKED"), dead(D::Restricted)),
    (&[403], Reason("API_KEY_HTTP_REFERRER_BLOCKED"), dead(D::Restricted)),
    (&[403], Reason("API_KEY_ANDROID_APP_BLOCKED"), dead(D::Restricted)),
    (&[403], Reason("API_KEY_IOS_APP_BLOCKED"), dead(D::Restricted)),
    (&[403], Begins("the provided api key has an ip address restriction"), dead(D::Restricted)),
    (&[403], Reason("SECURITY_POLICY_VIOLATED"), dead(D::Restricted)),
    (&[401], Reason("ACCESS_TOKEN_TYPE_UNSUPPORTED"), dead(D::Unauthenticated)),
    (&[401], Reason("ACCESS_TOKEN_EXPIRED"), dead(D::Unauthenticated)),
    (&[401], Reason("ACCOUNT_STATE_INVALID"), dead(D::Unauthenticated)),
    (&[401], Begins("request had invalid authentication credentials"), dead(D::Unauthenticated)),
    (&[401], Word("authentication"), dead(D::Unauthenticated)),
    // Its project.
    (&[400, 403], Reason("CONSUMER_INVALID"), dead(D::ProjectDeleted)),
    (&[403], Frame("project ", "has been deleted."), dead(D::ProjectDeleted)),
    (&[403], Reason("USER_PROJECT_DENIED"), dead(D::ProjectDenied)),
    (&[403], Begins("your project has been denied access"), dead(D::ProjectDenied)),
    (&[400, 403], Reason("BILLING_DISABLED"), dead(D::BillingDisabled)),
    (&[400], Begins("gemini api free tier is not available in your country"), dead(D::BillingDisabled)),
    (&[402, 429], Begins("your prepayment credits are depleted"), dead(D::OutOfCredit)),
    (&[402, 429], Begins("your project has exceeded its monthly spending cap"), dead(D::OutOfCredit)),
    // Where the call comes from.
    (&[400, 403], Begins("user location is not supported"), class(Class::Egress)),
    (&[400, 403], Reason("LOCATION_TAX_POLICY_VIOLATED"), class(Class::Egress)),
    // How the credential was sent.
    (&[400], Begins("multiple authentication credentials received"), class(Class::Credential)),
    (&[401, 403], Reason("CREDENTIALS_MISSING"), class(Class::Credential)),
    (&[403], Begins("method doesn't allow unregistered callers"), class(Class::Credential)),
    // What the request asked for.
    (&[400], Begins("the input token count"), class(Class::ContextLength)),
    (&[400], Holds("thought_signature"), class(Class::Repairable)),
    (&[400], Holds("thought signature"), class(Class::Repairable)),
    (&[403, 404], Begins("you do not have permission to access"), class(Class::ForeignResource)),
    (&[403, 404], Begins("cachedcontent not found"), class(Class::ForeignResource)),
    (&[403, 404], Holds("files/"), class(Class::ForeignResource)),
    (&[403, 404], Holds("cachedcontents/"), class(Class::ForeignResource)),
    (&[403, 404], Holds("tunedmodels/"), class(Class::ForeignResource)),
    (&[404], Holds("no longer available to new users"), class(Class::ModelDenied)),
    (&[404], Begins("models/"), class(Class::UnknownModel)),
    // How busy the other side is.
    (&[429], Reason("MODEL_CAPACITY_EXHAUSTED"), class(Class::Overloaded)),
    (&[429], Begins("no capacity available"), class(Class::Overloaded)),
    (&[499], Holds(""), class(Class::Cancelled)),
    (&[429], Holds(""), Found::Quota),
    // Anything else, by its status.
    (&[400], Holds(""), class(Class::Request)),
    (&[401, 402, 403, 407], Holds(""), class(Class::Refused)),
    (&[408, 425, 500, 502, 504], Holds(""), class(Class::Transient)),
    (&[503, 529], Holds(""), class(Class::Overloaded)),
    (&[501, 505], Holds(""), class(Class::Request)),
];

/// The status with which Google sends a message that begins like this, which must be in small letters:
/// only rows count that say where the words stand.
pub(super) fn status_of_beginning(message: &str) -> Option<u16> {
    let row = TABLE.iter().find(|(_, sign, _)| match *sign {
        Begins(start) => message.starts_with(start),
        Frame(start, end) => message.starts_with(start) && message.ends_with(end),
        _ => false,
    });
    row.and_then(|(statuses, ..)| statuses.first().copied())
}

/// Finds the row for an answer.
pub(super) fn class_of(status: u16, error: &ErrorBody) -> Found {
    let message = error.message.to_ascii_lowercase();
    let row = TABLE.iter().find(|(statuses, sign, _)| {
        statuses.contains(&status)
            && match *sign {
                Reason(reason) => !error.other_service && error.reason.as_deref() == Some(reason),
                Begins(start) => message.starts_with(start),
                Frame(start, end) => message.starts_with(start) && message.ends_with(end),
                Holds(part) => message.contains(part),
                Word(word) => error.word.as_deref() == Some(word),
            }
    });
    match row {
        Some((_, _, found)) => *found,
        None if status >= 500 => Found::Class(Class::Transient),
        None => Found::Class(Class::Request),
    }
}
