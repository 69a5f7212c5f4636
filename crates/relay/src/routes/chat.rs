//! OpenAI's `POST /v1/chat/completions`, and `POST /v1/completions`, its predecessor.

use std::sync::Arc;

use bytes::Bytes;
use dialect::DialectError;
use dialect::openai::chat::{self, ChatContext, ChatStream};
use dialect::openai::completions;
use http::{Request, Response};
use hyper::body::Incoming;
use upstream::Payload;

use super::{stamp::stamp, translated};
use crate::attempts::Unusable;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::fetching::Reading;
use crate::stream::ChatEvents;
use crate::translation::{Asks, Told, Translation};

/// Answers a chat request.
pub(crate) async fn answer(exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    let configuration = Arc::clone(&exchange.configuration);
    let translate = |body: &Bytes, reading: Reading<'_>| {
        chat::translate(body, &configuration.offering.chat_options(reading))
    };
    translated::answer(exchange, request, "chat", translate, Chat::new).await
}

/// Answers a request for text completions, of one prompt or of several.
pub(crate) async fn complete(exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    let configuration = Arc::clone(&exchange.configuration);
    let translate = |body: &Bytes, reading: Reading<'_>| {
        let options = configuration.offering.chat_options(reading);
        let (context, bodies) = completions::translate(body, &options)?;
        let mut bodies = bodies.into_iter();
        let body = bodies.next().ok_or(DialectError::missing("prompt"))?;
        let more_prompts = bodies.map(Bytes::from).collect();
        let context = Box::new(context);
        Ok(dialect::Translation::Ready(Chat { context, more_prompts }, body.into()))
    };
    translated::answer(exchange, request, "completions", translate, |chat| chat).await
}

struct Chat {
    /// On the heap for the same reason as an [`Exchange`].
    context: Box<ChatContext>,
    /// What is asked besides the first prompt.
    more_prompts: Vec<Bytes>,
}

impl Chat {
    fn new(context: ChatContext) -> Self {
        Self { context: Box::new(context), more_prompts: Vec::new() }
    }
}

impl Translation for Chat {
    type Events = ChatEvents;

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

    fn asks(&mut self, body: Payload) -> Asks {
        let prompts = 1 + self.more_prompts.len();
        let each = self.context.calls() / prompts;
        let bodies = std::iter::once(body)
            .chain(std::mem::take(&mut self.more_prompts).into_iter().map(Payload::from));
        let bodies = bodies.flat_map(|body| std::iter::repeat_n(body, each)).collect();
        Asks { bodies, prompts }
    }

    fn whole(&self, answer: &Bytes, request_id: &str) -> Result<Told, Unusable> {
        match chat::response(&self.context, answer, &mut stamp("call_", request_id)) {
            Ok(translated) => Ok(translated.into()),
            Err(error) => Err(Unusable::translating(error, answer)),
        }
    }

    fn events(self, request_id: &str) -> ChatEvents {
        ChatEvents(ChatStream::new(*self.context, stamp("call_", request_id)))
    }
}
