//! Anthropic's `POST /v1/messages` and `POST /v1/messages/count_tokens`.

use bytes::Bytes;
use dialect::ResponseError;
use dialect::anthropic::messages::{self, MessagesContext, MessagesStream, Options};
use dialect::anthropic::{Aliases, count_tokens};
use dialect::media::FetchedMedia;
use http::{Request, Response};
use hyper::body::Incoming;
use keypool::Usage;

use super::{counting, stamp::stamp, translated};
use crate::answer;
use crate::attempts::Unusable;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::fetching;
use crate::stream::{MessageEvents, pool_usage};
use crate::translation::Translation;

/// Answers a request for a message.
pub(crate) async fn answer(exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    let aliases = aliases(&exchange);
    let translate = |body: &Bytes, media: Option<&FetchedMedia>| {
        messages::translate(body, &Options { media, ..Options::new(&aliases) })
    };
    translated::answer(exchange, request, "messages", translate, Messages).await
}

/// Counts the tokens of a request for a message.
pub(crate) async fn count(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks("count_tokens", None, false);
    let body = match translated::read(&exchange, request).await {
        Ok(body) => body,
        Err(translated::Unread::Method) => {
            return answer::method_not_allowed(exchange.dialect, "POST");
        }
        Err(translated::Unread::Fault(fault)) => return exchange.reject(&fault),
    };
    let aliases = aliases(&exchange);
    let translate = |body: &Bytes, media: Option<&FetchedMedia>| {
        count_tokens::translate(body, &Options { media, ..Options::new(&aliases) })
    };
    let translated = fetching::translated(&exchange, &body, &translate).await;
    let checked =
        translated.and_then(|(context, body)| Ok((translated::checked(Messages(context))?, body)));
    let (Messages(context), body) = match checked {
        Ok(translated) => translated,
        Err(fault) => return exchange.reject(&fault),
    };
    let told =
        |bytes: &Bytes| count_tokens::response(bytes).map_err(|error| unusable(error, bytes));
    counting::count(exchange, context.model(), body, told).await
}

/// Which Gemini model stands for a name of Claude.
pub(super) fn aliases(exchange: &Exchange) -> Aliases {
    let chosen = &exchange.configuration.settings.models.claude;
    if chosen.is_empty() {
        return Aliases::default();
    }
    Aliases::new(chosen.iter().map(|(name, model)| (name.clone(), model.clone())))
}

fn unusable(error: ResponseError, answer: &Bytes) -> Unusable {
    match error {
        ResponseError::Empty { usage } => Unusable::Empty(pool_usage(usage)),
        ResponseError::Upstream(_) => Unusable::Error(answer.clone()),
        error => Unusable::Malformed(error.to_string()),
    }
}

struct Messages(MessagesContext);

impl Translation for Messages {
    type Events = MessageEvents;

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
        match messages::response(&self.0, answer, &mut stamp("toolu_", request_id)) {
            Ok(translated) => Ok((translated.body, pool_usage(translated.usage))),
            Err(error) => Err(unusable(error, answer)),
        }
    }

    fn events(self, request_id: &str) -> MessageEvents {
        let stream = MessagesStream::new(self.0, stamp("toolu_", request_id));
        MessageEvents::new(stream, request_id)
    }
}
