//! Connecting clients: what each wants to be told, links that tell it, and a message to try it with.

mod app;
mod link;
mod message;
mod snippets;

use http::HeaderMap;

use crate::{State, shell};

pub(crate) use app::App;
pub(crate) use message::{Protocol, Told, send};
pub(crate) use snippets::Block;

/// What stands in snippets where the token is not known: only its digest is kept.
pub(crate) const PLACEHOLDER: &str = "YOUR_TOKEN";

/// A model for snippets, and a small one beside it.
const MODEL: &str = "gemini-3.8-flash";
const SMALL_MODEL: &str = "gemini-3.5-flash-lite";

/// What a client has to be told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// Where clients reach the gateway, without a path.
    pub(crate) base: &'a str,
    pub(crate) token: &'a str,
}

/// Where clients reach this gateway: as an administrator says, or as this browser did.
pub(crate) fn address(state: &State, headers: &HeaderMap) -> String {
    let public = state.gateway.configuration().settings.server.public_url.clone();
    public.unwrap_or_else(|| shell::base(headers))
}

/// Whether links can carry this token.
pub(crate) fn fits_links(token: &str) -> bool {
    link::carries(token)
}
