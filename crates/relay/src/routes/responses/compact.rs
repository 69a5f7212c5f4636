//! `POST /v1/responses/compact`.

use bytes::Bytes;
use dialect::media::FetchedMedia;
use dialect::openai::responses::{self, Compaction, ResponsesStream};
use http::{Request, Response};
use hyper::body::Incoming;
use keypool::Usage;

use super::earlier::Loaded;
use super::{known, stamp};
use crate::answer::Fault;
use crate::attempts::Unusable;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::fetching;
use crate::routes::translated;
use crate::stream::{ResponseEvents, pool_usage};
use crate::translation::Translation;

const OPERATION: &str = "compact";

/// Answers a request for a shorter conversation.
pub(crate) async fn compact(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    let body = match translated::read(&mut exchange, request).await {
        Ok(body) => body,
        Err(instead) => return *instead,
    };
    match translate(&exchange, &body).await {
        Ok((compaction, body)) => translated::serve(exchange, OPERATION, compaction, body).await,
        Err(fault) => exchange.reject(&fault),
    }
}

async fn translate(exchange: &Exchange, body: &Bytes) -> Result<(Compacted, Vec<u8>), Fault> {
    let loaded = Loaded::load(exchange, body).await?;
    let offering = &exchange.configuration.offering;
    let translate = |body: &Bytes, media: Option<&FetchedMedia>| {
        responses::compaction(body, loaded.earlier(), &offering.responses_options(media))
    };
    let (context, translated) = fetching::translated(exchange, body, &translate).await?;
    let compaction = Compaction::new(known(exchange, context), body, loaded.earlier())?;
    Ok((translated::checked(Compacted(compaction))?, translated))
}

struct Compacted(Compaction);

impl Translation for Compacted {
    type Events = ResponseEvents;

    fn model(&self) -> &str {
        self.0.context().model()
    }

    fn is_streamed(&self) -> bool {
        false
    }

    fn dropped(&self) -> &[&'static str] {
        self.0.context().dropped()
    }

    fn whole(&self, answer: &Bytes, _request_id: &str) -> Result<(Vec<u8>, Usage), Unusable> {
        match self.0.answer(answer) {
            Ok(translated) => Ok((translated.body, pool_usage(translated.usage))),
            Err(error) => Err(Unusable::translating(error, answer)),
        }
    }

    fn events(self, request_id: &str) -> ResponseEvents {
        let context = self.0.context().clone();
        ResponseEvents::new(ResponsesStream::new(context, stamp(request_id)), None)
    }
}
