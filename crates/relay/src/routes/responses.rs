//! OpenAI's `POST /v1/responses`, and what can be done with a response afterwards.

mod background;
mod compact;
mod earlier;
mod input_tokens;
mod kept;
mod query;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use dialect::openai::responses::{self, ResponsesContext, ResponsesStream, StoredResponse};
use dialect::{DialectError, Stamp};
use http::{Request, Response};
use hyper::body::Incoming;

pub(crate) use compact::compact;
pub(crate) use input_tokens::count;
pub(crate) use kept::{cancel, input_items, one};
use upstream::Payload;

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
use crate::keeper::{HandedOver, Keeper};
use crate::stream::{ResponseEvents, pool_usage};
use crate::translation::{Told, Translation};

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
        Asked { body, loaded, reader, first: None, handed: None }
    });
    let mut asked = match asked {
        Ok(asked) => asked,
        Err(fault) => return exchange.reject(&fault),
    };
    match Box::pin(asked.read(&exchange, 0)).await.and_then(checked) {
        Ok((responses, body)) if responses.context.background() => {
            background::begin(exchange, asked, responses, body).await
        }
        Ok(first) => {
            asked.first = Some(Box::new(first));
            Box::pin(translated::serve(exchange, OPERATION, asked)).await
        }
        Err(fault) => exchange.reject(&fault),
    }
}

/// A request with what it goes on from.
struct Asked {
    body: Bytes,
    loaded: Loaded,
    reader: Reader,
    /// As it was read for the model that the client named.
    first: Option<Box<(Responses, Payload)>>,
    /// Where the response is handed over, if somebody else keeps it.
    handed: Option<HandedOver>,
}

impl Reads for Asked {
    type Translation = Responses;

    async fn read(
        &mut self,
        exchange: &Exchange,
        turn: usize,
    ) -> Result<(Responses, Payload), Fault> {
        if let Some(first) = self.first.take() {
            return Ok(*first);
        }
        let configuration = Arc::clone(&exchange.configuration);
        let Self { body, loaded, reader, handed, .. } = self;
        let translate = |body: &Bytes, reading: Reading<'_>| {
            let options = configuration.offering.responses_options(reading);
            responses::read(body)?.translate(loaded.earlier(), &options)
        };
        let (context, translated) = reader.read(exchange, turn, &translate).await?;
        let keeps = configuration.settings.logging.response_days > 0;
        if context.background() && !keeps {
            let message =
                "Background responses have to be kept, which RESPONSES_KEEP_DAYS forbids.";
            return Err(DialectError::unsupported("background", message).into());
        }
        let context = if keeps { context } else { context.without_store() };
        let keeper = context.store().then(|| {
            let keeper = Keeper::new(exchange, body.clone(), loaded.referenced.clone());
            match handed {
                Some(handed) => keeper.handing_to(handed.clone()),
                None => keeper,
            }
        });
        let context = known(exchange, context);
        Ok((Responses { context, keeper, answered: Mutex::default() }, translated))
    }
}

/// The first reading, if its model may be asked for.
fn checked((responses, body): (Responses, Payload)) -> Result<(Responses, Payload), Fault> {
    Ok((translated::checked(responses)?, body))
}

/// Google's ids are not ours to promise that they are unique.
fn known(exchange: &Exchange, context: ResponsesContext) -> ResponsesContext {
    let created = clock::now().millis() / 1000;
    context.known_as(exchange.entry.request_id().replace('-', ""), created)
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
        // Who comes back may want to read along.
        self.context.stream() || self.context.background()
    }

    fn dropped(&self) -> &[&'static str] {
        self.context.dropped()
    }

    fn whole(&self, answer: &Bytes, request_id: &str) -> Result<Told, Unusable> {
        let now = clock::now().millis() / 1000;
        match responses::response(&self.context, answer, &mut stamp(request_id), now) {
            Ok(translated) => {
                if let Some(keeper) = &self.keeper {
                    let stored = keeper.stored(&translated.body, &translated.signatures);
                    *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = stored;
                }
                Ok(Told {
                    body: translated.body,
                    usage: pool_usage(translated.usage),
                    is_empty: translated.is_empty,
                })
            }
            Err(error) => Err(Unusable::translating(error, answer)),
        }
    }

    async fn answered(&self) {
        let stored = self.answered.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(keeper), Some(stored)) = (&self.keeper, stored)
            && let Some(written) = keeper.keep(stored)
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
