//! The client: one attempt, through one egress, over one connection.

use keypool::Phase;

use crate::{Answer, Broken, Call, Options, OptionsError};

/// Sends calls to Google. Every worker has its own, with its own connections.
#[derive(Debug)]
pub struct Client {}

impl Client {
    /// A client with its own connections. Reads the system's root certificates when TLS is needed:
    /// make one, and the other workers' by [`Client::sibling`].
    pub fn new(options: &Options) -> Result<Self, OptionsError> {
        let _ = options;
        Ok(Self {})
    }

    /// Another client with the same options and connections of its own; costs next to nothing.
    pub fn sibling(&self) -> Self {
        Self {}
    }

    /// Sends one call and waits for the head of the answer.
    pub async fn send(&self, call: Call<'_>) -> Result<Answer, Broken> {
        let _ = call;
        Err(Broken::unsent(Phase::Connect, "not yet"))
    }
}
