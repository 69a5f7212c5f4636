//! Why there is no file: for the client, and for the gateway's log.

use std::io;

use crate::fetcher::MOST_URLS;

/// Why a URL was not fetched. The text is meant for the client who named the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The policy is [`Policy::Off`](crate::Policy::Off).
    #[error("this gateway does not fetch URLs; send the data itself, in base64")]
    Off,
    /// A request names more URLs than [`MOST_URLS`].
    #[error("a request may name at most {MOST_URLS} URLs")]
    TooMany,
    /// No URL, or an endless one.
    #[error("not a valid URL, or one that is too long")]
    Malformed,
    /// Neither `http` nor `https`.
    #[error("the URL must begin with http:// or https://")]
    Scheme,
    /// The URL carries a user or a password.
    #[error("the URL must not contain a user or a password")]
    Credentials,
    /// The file is of a supported type, but larger than [`Limits::bytes`](crate::Limits::bytes).
    #[error("the URL's file is larger than {0} bytes")]
    TooLarge(usize),
    /// Anything else. One text for all of it, or the errors would tell which hosts and ports of the
    /// gateway's own network exist; the reason is for the log.
    #[error("the URL is not allowed, or no file of a supported type could be fetched from it")]
    Unavailable(Reason),
}

/// What made a URL unavailable: for the gateway's log, never for clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The policy permits neither the host's name nor any of its addresses at this port.
    #[error("the host, its addresses or the port are not allowed")]
    Forbidden,
    /// The address is one of this machine's own.
    #[error("the address is this machine's own, which is allowed only by listing it")]
    OwnAddress,
    /// The name could not be looked up, or has no address.
    #[error("the host's name cannot be resolved")]
    Unresolved,
    /// No permitted address accepts connections.
    #[error("cannot connect: {0}")]
    Unreachable(io::ErrorKind),
    /// The host's certificate is not valid for it, or it speaks no TLS.
    #[error("TLS failed")]
    Tls,
    /// The answer is no HTTP, or ends before its end.
    #[error("the answer is broken")]
    Broken,
    /// The answer's status is neither 200 nor a redirect.
    #[error("the answer has status {0}")]
    Status(u16),
    /// The answer is encoded, though asked not to be.
    #[error("the answer has a content encoding")]
    Encoded,
    /// A redirect leads to no usable URL, or from https to http.
    #[error("the answer redirects to what is not acceptable")]
    Redirect,
    /// Too many redirects in a row.
    #[error("too many redirects")]
    Redirects,
    /// One of the time limits has passed.
    #[error("it took too long")]
    TooSlow,
    /// The bytes are not of a supported media type.
    #[error("the file is not of a supported type")]
    Unsupported,
}

impl From<Reason> for FetchError {
    fn from(reason: Reason) -> Self {
        Self::Unavailable(reason)
    }
}
