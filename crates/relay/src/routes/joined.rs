//! Translated answers that take more than the answer to one call: several choices, long answers,
//! text that is typed, and streams of which Google's whole answer is waited for.

use std::future::ready;
use std::time::Duration;

use dialect::models::rules;
use http::{HeaderMap, StatusCode};
use settings::FakeStream;
use tokio::time::timeout;
use upstream::Payload;

use super::translated::{self, JSON_BODY};
use crate::answer;
use crate::attempts::Repair;
use crate::calls::{Asked, Calls, Gathered};
use crate::exchange::{Exchange, Served};
use crate::lost::Lost;
use crate::publishing::{self, Publisher};
use crate::stream::{Source, Teller, Translate, narrated, pool_usage};
use crate::translation::{Asks, Translation};

/// How an answer is to be brought about, if not by handing on that of one call.
pub(super) struct Joined {
    /// Answers of the model may take several calls in a row.
    is_long: bool,
    /// The client reads a stream, Google is asked for a whole answer.
    fake: Option<FakeStream>,
    /// Puts the pictures of the answer where they lie, for links to them.
    publisher: Option<Publisher>,
}

impl Joined {
    /// `None` if the answer to one call is all there is to it.
    pub(super) fn needed<T: Translation>(
        exchange: &Exchange,
        translation: &T,
        asks: &Asks,
    ) -> Option<Self> {
        let streams = &exchange.configuration.settings.stream;
        let is_streamed = translation.is_streamed();
        let is_long = rules(translation.model()).long_decode();
        let fake =
            streams.fake.as_ref().filter(|fake| is_streamed && fake.is_for(translation.model()));
        let publisher = publisher(exchange, translation.model());
        let fake = fake.cloned().or_else(|| {
            // A picture that is on its way to its host would hold up what comes after it.
            let patient =
                || FakeStream { silence: silence(streams.keep_alive), models: Vec::new() };
            publisher.as_ref().filter(|_| is_streamed).map(|_| patient())
        });
        let is_typed = is_streamed && streams.typing.is_some();
        let needed =
            is_long || fake.is_some() || publisher.is_some() || is_typed || asks.bodies.len() > 1;
        needed.then_some(Self { is_long, fake, publisher })
    }

    /// Answers the request.
    pub(super) async fn answer<T: Translation>(
        self,
        exchange: Exchange,
        translation: T,
        asks: Asks,
    ) -> Served {
        let calls = self.calls(&exchange, &translation, asks);
        if !translation.is_streamed() {
            return whole(exchange, translation, calls, self.publisher).await;
        }
        let events = translation.events(exchange.entry.request_id());
        if let Some(fake) = &self.fake {
            return faked(exchange, events, calls, fake, self.publisher).await;
        }
        let silence = exchange.configuration.settings.stream.keep_alive;
        streamed(exchange, events, calls, silence).await
    }

    fn calls<T: Translation>(&self, exchange: &Exchange, translation: &T, asks: Asks) -> Calls {
        let version = &exchange.configuration.settings.upstream.default_version;
        // A call of a model with long answers gives more when it is streamed.
        let streamed = self.is_long || translation.is_streamed() && self.fake.is_none();
        let first = Asked {
            target: translated::target(version, translation.model(), streamed),
            headers: HeaderMap::from_iter([JSON_BODY]),
            body: Payload::default(),
            model: translation.model().to_owned(),
            is_long: self.is_long,
            // What is left out would have to be said before all calls have been answered.
            repair: Repair::Signatures,
        };
        let each = asks.bodies.into_iter().map(|body| Asked { body, ..first.clone() });
        Calls::new(exchange, each.collect(), asks.prompts)
    }
}

/// Who puts the pictures that a model makes where they lie, if they do not stay in answers.
fn publisher(exchange: &Exchange, model: &str) -> Option<Publisher> {
    let place = publishing::place_in_chats(&exchange.configuration)?;
    rules(model).images.then(|| Publisher::new(exchange, place))
}

/// Where streams may be silent for as long as they like, this is how long they are.
fn silence(keep_alive: Duration) -> Duration {
    if keep_alive.is_zero() { Duration::from_secs(15) } else { keep_alive }
}

/// The answer to all calls, with links where its pictures were.
async fn gather(calls: Calls, publisher: Option<Publisher>) -> Result<Gathered, Lost> {
    let gathered = calls.gather().await?;
    let Some(publisher) = publisher else { return Ok(gathered) };
    Ok(Gathered { body: publisher.linked(gathered.body).await, ..gathered })
}

async fn whole<T: Translation>(
    mut exchange: Exchange,
    translation: T,
    calls: Calls,
    publisher: Option<Publisher>,
) -> Served {
    let gathered = match gather(calls, publisher).await {
        Ok(gathered) => gathered,
        Err(lost) => return Err(exchange.unserved(lost)),
    };
    exchange.entry.usage(pool_usage(gathered.usage));
    let body = match translation.whole(&gathered.body, exchange.entry.request_id()) {
        Ok(told) => told.body,
        Err(unusable) => return Err(exchange.unserved(unusable.lost())),
    };
    exchange.entry.ends(StatusCode::OK, "served");
    translation.answered().await;
    Ok(answer::with_type(StatusCode::OK, translation.content_type(), body))
}

/// Google's events as they come, with a sign of life after each such `silence`.
pub(super) async fn streamed<T: Translate + 'static>(
    exchange: Exchange,
    events: T,
    calls: Calls,
    silence: Duration,
) -> Served {
    let supplies = match calls.begin().await {
        Ok(supplies) => supplies,
        Err(lost) => return Err(exchange.unserved(lost)),
    };
    let typing = exchange.configuration.offering.typing;
    let teller = Teller::new(exchange, events, silence);
    Ok(translated::event_stream(narrated(teller, Source::Events(supplies), typing)))
}

/// Google's whole answer as a stream. Until the first sign of life is due, a failure still has a
/// status of its own, and
/// another model may answer.
pub(super) async fn faked<T: Translate + 'static>(
    exchange: Exchange,
    events: T,
    calls: Calls,
    fake: &FakeStream,
    publisher: Option<Publisher>,
) -> Served {
    let typing = exchange.configuration.offering.typing;
    let mut gathering = Box::pin(gather(calls, publisher));
    let (source, waits) = match timeout(fake.silence, &mut gathering).await {
        Ok(Ok(gathered)) => (Source::Whole(Box::pin(ready(Ok(gathered)))), false),
        Ok(Err(lost)) => return Err(exchange.unserved(lost)),
        Err(_) => (Source::Whole(gathering), true),
    };
    let mut teller = Teller::new(exchange, events, fake.silence);
    if waits {
        teller.sign_of_life();
    }
    Ok(translated::event_stream(narrated(teller, source, typing)))
}
