//! What the operator decides about a translation.

use crate::media::FetchedMedia;

/// How to translate a request. The default fetches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// What stands behind URLs of the request, as far as it was fetched.
    pub media: Option<&'o FetchedMedia>,
}
