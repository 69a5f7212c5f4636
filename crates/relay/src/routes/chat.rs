//! OpenAI's `POST /v1/chat/completions`.

use bytes::Bytes;
use dialect::openai::chat::{self, ChatContext, ChatStream, ResponseError, Stamp};
use http::{Request, Response};
use hyper::body::Incoming;
use keypool::Usage;
use rand::RngExt;

use super::translated;
use crate::attempts::Unusable;
use crate::body::Body;
use crate::clock;
use crate::exchange::Exchange;
use crate::stream::{ChatEvents, pool_usage};
use crate::translation::Translation;

/// Answers a chat request.
pub(crate) async fn answer(exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    let translate = |body: &Bytes| {
        let (context, body) = chat::request(body)?;
        Ok((Chat(context), body))
    };
    translated::answer(exchange, request, "chat", translate).await
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
        match chat::response(&self.0, answer, &mut stamp(request_id)) {
            Ok(translated) => Ok((translated.body, pool_usage(translated.usage))),
            Err(ResponseError::Empty { usage }) => Err(Unusable::Empty(pool_usage(usage))),
            Err(ResponseError::Upstream(_)) => Err(Unusable::Error(answer.clone())),
            Err(error) => Err(Unusable::Malformed(error.to_string())),
        }
    }

    fn events(self, request_id: &str) -> ChatEvents {
        ChatEvents(ChatStream::new(self.0, stamp(request_id)))
    }
}

fn stamp(request_id: &str) -> Stamp {
    Stamp {
        created: clock::now().millis() / 1000,
        fallback_id: request_id.replace('-', ""),
        call_ids: Box::new(|| {
            let letters = rand::rng().sample_iter(rand::distr::Alphanumeric);
            std::iter::once("call_".to_owned())
                .chain(letters.take(24).map(|letter| char::from(letter).to_string()))
                .collect()
        }),
    }
}
