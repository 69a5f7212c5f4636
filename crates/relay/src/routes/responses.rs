//! OpenAI's `POST /v1/responses`, and what can be done with a response afterwards.

mod earlier;
mod input_tokens;
mod kept;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use dialect::openai::responses::{self, ResponsesContext, ResponsesStream, StoredResponse};
use dialect::{DialectError, Stamp};
use http::{Request, Response};
use hyper::body::Incoming;
use keypool::Usage;

pub(crate) use input_tokens::count;
pub(crate) use kept::{input_items, one};

use self::earlier::Loaded;
use super::{
    stamp,
    translated::{self, Reads},
};
use crate::answer::Fault;
use crate::attempts::Unusable;
use crate::body::Body;
use crate::clock;
use crate::exchange::Exchange;
use crate::fetching::{Reader, Reading};
use crate::keeper::Keeper;
use crate::stream::{ResponseEvents, pool_usage};
use crate::translation::Translation;

const OPERATION: &str = "responses";

/// Answers a request for a response.
pub(crate) async fn answer(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    let body = match translated::read(&mut exchange, request).await {
        Ok(body) => body,
        Err(instead) => return *instead,
    };
    let asked = Loaded::load(&exchange, &body).await.map(|loaded| {
        let reader = Reader::new(body.clone());
        Asked { body, loaded, reader }
    });
    match asked {
        Ok(asked) => translated::serve(exchange, OPERATION, asked).await,
        Err(fault) => exchange.reject(&fault),
    }
}

/// A request with what it goes on from.
struct Asked {
    body: Bytes,
    loaded: Loaded,
    reader: Reader,
}

impl Reads for Asked {
    type Translation = Responses;

    async fn read(
        &mut self,
        exchange: &Exchange,
        turn: usize,
    ) -> Result<(Responses, Vec<u8>), Fault> {
        let configuration = Arc::clone(&exchange.configuration);
        let Self { body, loaded, reader } = self;
        let translate = |body: &Bytes, reading: Reading<'_>| {
            let options = configuration.offering.responses_options(reading);
            responses::read(body)?.translate(loaded.earlier(), &options)
        };
        let (context, translated) = reader.read(exchange, turn, &translate).await?;
        if context.background() {
            let message =
                "Background responses are not served by this version: leave 'background' out.";
            return Err(DialectError::unsupported("background", message).into());
        }
        let keeps = configuration.settings.logging.response_days > 0;
        let context = if keeps { context } else { context.without_store() };
        let keep = || Keeper::new(exchange, body.clone(), loaded.referenced.clone());
        let keeper = context.store().then(keep);
        // Google's ids are not ours to promise that they are unique.
        let context = context.known_as(exchange.entry.request_id().replace('-', ""));
        Ok((Responses { context, keeper, answered: Mutex::default() }, translated))
    }
}

struct Responses {
    context: ResponsesContext,
    /// If the response shall be kept.
    keeper: Option<Keeper>,
    /// The whole answer, to be kept before it is handed out.
    answered: Mutex<Option<StoredResponse>>,
}

impl Translation for Responses {
    type Events = ResponseEvents;

    fn model(&self) -> &str {
        self.context.model()
    }

    fn more_models(&self) -> usize {
        self.context.more_models()
    }

    fn is_streamed(&self) -> bool {
        self.context.stream()
    }

    fn dropped(&self) -> &[&'static str] {
        self.context.dropped()
    }

    fn whole(&self, answer: &Bytes, request_id: &str) -> Result<(Vec<u8>, Usage), Unusable> {
        let now = clock::now().millis() / 1000;
        match responses::response(&self.context, answer, &mut stamp(request_id), now) {
            Ok(translated) => {
                if let Some(keeper) = &self.keeper {
                    let stored = keeper.stored(&translated.body, &translated.signatures);
                    *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = stored;
                }
                Ok((translated.body, pool_usage(translated.usage)))
            }
            Err(error) => Err(Unusable::translating(error, answer)),
        }
    }

    async fn answered(&self) {
        let stored = self.answered.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(keeper), Some(stored)) = (&self.keeper, stored)
            && let Some(written) = keeper.keep(&stored)
            && let Err(error) = written.await
        {
            tracing::error!(%error, "a response could not be kept");
        }
    }

    fn events(self, request_id: &str) -> ResponseEvents {
        let stream = ResponsesStream::new(self.context, stamp(request_id));
        ResponseEvents::new(stream, self.keeper)
    }
}

fn stamp(request_id: &str) -> Stamp {
    stamp::stamp("call_", request_id)
}
