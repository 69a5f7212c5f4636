//! OpenAI's `POST /v1/chat/completions`, and `POST /v1/completions`, its predecessor.

use std::sync::Arc;

use bytes::Bytes;
use dialect::DialectError;
use dialect::media::FetchedMedia;
use dialect::openai::chat::{self, ChatContext, ChatStream};
use dialect::openai::completions;
use http::{Request, Response};
use hyper::body::Incoming;
use keypool::Usage;

use super::{stamp::stamp, translated};
use crate::attempts::Unusable;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::stream::{ChatEvents, pool_usage};
use crate::translation::Translation;

/// Answers a chat request.
pub(crate) async fn answer(exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    let configuration = Arc::clone(&exchange.configuration);
    let translate = |body: &Bytes, media: Option<&FetchedMedia>| {
        chat::translate(body, &configuration.offering.chat_options(media))
    };
    translated::answer(exchange, request, "chat", translate, Chat).await
}

/// Answers a request for a text completion: one prompt, for several would need as many calls.
pub(crate) async fn complete(exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    let configuration = Arc::clone(&exchange.configuration);
    let translate = |body: &Bytes, media: Option<&FetchedMedia>| {
        let options = configuration.offering.chat_options(media);
        let (context, bodies) = completions::translate(body, &options)?;
        let body = bodies.into_iter().next().ok_or(DialectError::missing("prompt"))?;
        Ok(dialect::Translation::Ready(context, body))
    };
    translated::answer(exchange, request, "completions", translate, Chat).await
}

struct Chat(ChatContext);

impl Translation for Chat {
    type Events = ChatEvents;

    fn model(&self) -> &str {
        self.0.model()
    }

    fn is_streamed(&self) -> bool {
        self.0.stream()
    }

    fn dropped(&self) -> &[&'static str] {
        self.0.dropped()
    }

    fn whole(&self, answer: &Bytes, request_id: &str) -> Result<(Vec<u8>, Usage), Unusable> {
        match chat::response(&self.0, answer, &mut stamp("call_", request_id)) {
            Ok(translated) => Ok((translated.body, pool_usage(translated.usage))),
            Err(error) => Err(Unusable::translating(error, answer)),
        }
    }

    fn events(self, request_id: &str) -> ChatEvents {
        ChatEvents(ChatStream::new(self.0, stamp("call_", request_id)))
    }
}
