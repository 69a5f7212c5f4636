//! `POST /v1/responses/compact`.

use std::sync::Arc;

use bytes::Bytes;
use dialect::openai::responses::{self, Compaction, ResponsesStream};
use http::{Request, Response};
use hyper::body::Incoming;
use upstream::Payload;

use super::earlier::Loaded;
use super::{known, stamp};
use crate::answer::Fault;
use crate::attempts::Unusable;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::fetching::{Reader, Reading};
use crate::routes::translated::{self, Reads};
use crate::stream::{ResponseEvents, pool_usage};
use crate::translation::{Told, Translation};

const OPERATION: &str = "compact";

/// Answers a request for a shorter conversation.
pub(crate) async fn compact(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    let body = match translated::read(&mut exchange, request).await {
        Ok(body) => body,
        Err(instead) => return *instead,
    };
    match Loaded::load(&exchange, &body).await {
        Ok(loaded) => {
            let reader = Reader::new(body.clone());
            translated::serve(exchange, OPERATION, Asked { body, loaded, reader }).await
        }
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
    type Translation = Compacted;

    async fn read(
        &mut self,
        exchange: &Exchange,
        turn: usize,
    ) -> Result<(Compacted, Payload), Fault> {
        let configuration = Arc::clone(&exchange.configuration);
        let Self { body, loaded, reader } = self;
        let translate = |body: &Bytes, reading: Reading<'_>| {
            let options = configuration.offering.responses_options(reading);
            responses::compaction(body, loaded.earlier(), &options)
        };
        let (context, translated) = reader.read(exchange, turn, &translate).await?;
        let compaction = Compaction::new(known(exchange, context), body, loaded.earlier())?;
        Ok((Compacted(compaction), translated))
    }
}

struct Compacted(Compaction);

impl Translation for Compacted {
    type Events = ResponseEvents;

    fn model(&self) -> &str {
        self.0.context().model()
    }

    fn more_models(&self) -> usize {
        self.0.context().more_models()
    }

    fn is_streamed(&self) -> bool {
        false
    }

    fn dropped(&self) -> &[&'static str] {
        self.0.context().dropped()
    }

    fn whole(&self, answer: &Bytes, _request_id: &str) -> Result<Told, Unusable> {
        match self.0.answer(answer) {
            Ok(translated) => Ok(Told {
                body: translated.body,
                usage: pool_usage(translated.usage),
                is_empty: translated.is_empty,
            }),
            Err(error) => Err(Unusable::translating(error, answer)),
        }
    }

    fn events(self, request_id: &str) -> ResponseEvents {
        let context = self.0.context().clone();
        ResponseEvents::new(ResponsesStream::new(context, stamp(request_id)), None)
    }
}
