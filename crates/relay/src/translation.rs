//! What a dialect must bring along for the attempt loop to serve it: a request that has become
//! Gemini's, and the way back for the answer.

use bytes::Bytes;
use dialect::Translated;
use http::HeaderValue;
use keypool::Usage;
use upstream::Payload;

use crate::answer;
use crate::attempts::Unusable;
use crate::stream::{Translate, pool_usage};

/// Google's requests that one of a client has become.
pub(crate) struct Asks {
    /// To be sent side by side; equally many for each prompt.
    pub(crate) bodies: Vec<Payload>,
    pub(crate) prompts: usize,
}

impl Asks {
    pub(crate) fn one(body: Payload) -> Self {
        Self { bodies: vec![body], prompts: 1 }
    }
}

/// Google's whole answer in the client's dialect.
pub(crate) struct Told {
    pub(crate) body: Vec<u8>,
    pub(crate) usage: Usage,
    /// There is nothing in it that a client could use, and another try may bring more.
    pub(crate) is_empty: bool,
}

impl From<Translated> for Told {
    fn from(Translated { body, usage, is_empty }: Translated) -> Self {
        Self { body, usage: pool_usage(usage), is_empty }
    }
}

/// A client's request, translated: what it asks for, and how its answer is to be told.
pub(crate) trait Translation: Send + Sized {
    /// Tells the answer event by event.
    type Events: Translate + 'static;

    /// The model that is asked, as Google names it.
    fn model(&self) -> &str;

    /// How many models may answer if this one cannot.
    fn more_models(&self) -> usize;

    /// Whether the client wants its answer as it comes.
    fn is_streamed(&self) -> bool;

    /// Fields of the request that have no counterpart and were left out.
    fn dropped(&self) -> &[&'static str];

    /// What Google must be asked, `body` first.
    fn asks(&mut self, body: Payload) -> Asks {
        Asks::one(body)
    }

    /// Google's whole answer in the client's dialect.
    fn whole(&self, answer: &Bytes, request_id: &str) -> Result<Told, Unusable>;

    /// What HTTP calls a whole answer.
    fn content_type(&self) -> HeaderValue {
        answer::JSON
    }

    /// An answer with nothing in it says something: there was nothing to say.
    fn may_be_empty(&self) -> bool {
        false
    }

    /// What is left to do before a whole answer is handed out.
    async fn answered(&self) {}

    /// The way back for a stream.
    fn events(self, request_id: &str) -> Self::Events;
}
