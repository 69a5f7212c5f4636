//! Anthropic's `POST /v1/messages` and `POST /v1/messages/count_tokens`.

use std::sync::Arc;

use bytes::Bytes;
use dialect::anthropic::count_tokens;
use dialect::anthropic::messages::{self, MessagesContext, MessagesStream};
use http::{Request, Response};
use hyper::body::Incoming;

use super::{counting, stamp::stamp, translated};
use crate::attempts::Unusable;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::fetching::{Reader, Reading};
use crate::stream::{MessageEvents, pool_usage};
use crate::translation::{Told, Translation};

/// Answers a request for a message.
pub(crate) async fn answer(exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    let configuration = Arc::clone(&exchange.configuration);
    let translate = |body: &Bytes, reading: Reading<'_>| {
        messages::translate(body, &configuration.offering.messages_options(reading))
    };
    translated::answer(exchange, request, "messages", translate, Messages).await
}

/// Counts the tokens of a request for a message.
pub(crate) async fn count(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks("count_tokens", None, false);
    let body = match translated::read(&mut exchange, request).await {
        Ok(body) => body,
        Err(instead) => return *instead,
    };
    let configuration = Arc::clone(&exchange.configuration);
    let translate = |body: &Bytes, reading: Reading<'_>| {
        count_tokens::translate(body, &configuration.offering.messages_options(reading))
    };
    let translated = Reader::new(body).read(&exchange, 0, &translate).await;
    let checked =
        translated.and_then(|(context, body)| Ok((translated::checked(Messages(context))?, body)));
    let (Messages(context), body) = match checked {
        Ok(translated) => translated,
        Err(fault) => return exchange.reject(&fault),
    };
    let told = |bytes: &Bytes| {
        count_tokens::response(bytes).map_err(|error| Unusable::translating(error, bytes))
    };
    counting::count(exchange, context.model(), body, told).await
}

struct Messages(MessagesContext);

impl Translation for Messages {
    type Events = MessageEvents;

    fn model(&self) -> &str {
        self.0.model()
    }

    fn more_models(&self) -> usize {
        self.0.more_models()
    }

    fn is_streamed(&self) -> bool {
        self.0.stream()
    }

    fn dropped(&self) -> &[&'static str] {
        self.0.dropped()
    }

    fn whole(&self, answer: &Bytes, request_id: &str) -> Result<Told, Unusable> {
        match messages::response(&self.0, answer, &mut stamp("toolu_", request_id)) {
            Ok(translated) => Ok(Told {
                body: translated.body,
                usage: pool_usage(translated.usage),
                is_empty: translated.is_empty,
            }),
            Err(error) => Err(Unusable::translating(error, answer)),
        }
    }

    fn events(self, request_id: &str) -> MessageEvents {
        let stream = MessagesStream::new(self.0, stamp("toolu_", request_id));
        MessageEvents::new(stream, request_id)
    }
}
