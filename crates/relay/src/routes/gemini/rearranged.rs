//! Streams of events that the administrator wants delivered otherwise than Google gives them.

use std::time::Duration;

use http::{Method, Response};
use settings::FakeStream;

use super::super::joined;
use crate::attempts::Plan;
use crate::body::Body;
use crate::calls::{Asked, Calls};
use crate::exchange::Exchange;
use crate::stream::NativeEvents;

/// How a stream is delivered.
pub(super) enum How {
    /// Google is asked for a whole answer.
    Faked(FakeStream),
    /// Piece by piece.
    Typed,
}

/// `None` for a stream that is handed through.
pub(super) fn needed(exchange: &Exchange, plan: &Plan<'_>) -> Option<How> {
    let streams = &exchange.configuration.settings.stream;
    let model = plan.model.filter(|_| *plan.method == Method::POST)?;
    if let Some(fake) = streams.fake.as_ref().filter(|fake| fake.is_for(model)) {
        return Some(How::Faked(fake.clone()));
    }
    streams.typing.is_some().then_some(How::Typed)
}

pub(super) async fn answer(exchange: Exchange, plan: &Plan<'_>, how: How) -> Response<Body> {
    let asked = Asked {
        target: match how {
            How::Faked(_) => unstreamed(plan.path_and_query),
            How::Typed => plan.path_and_query.to_owned(),
        },
        headers: plan.headers.clone(),
        body: plan.body.clone(),
        model: plan.model.unwrap_or_default().to_owned(),
        is_long: false,
        repair: plan.repair,
    };
    let calls = Calls::new(&exchange, vec![asked], 1);
    let events = NativeEvents::default();
    match how {
        How::Faked(fake) => joined::faked(exchange, events, calls, &fake).await,
        How::Typed => joined::streamed(exchange, events, calls, Duration::ZERO).await,
    }
}

/// The target that gives as a whole what this one streams.
fn unstreamed(target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut whole = path.replace(":streamGenerateContent", ":generateContent");
    let kept = query.split('&').filter(|pair| !matches!(*pair, "" | "alt=sse" | "$alt=sse"));
    for (index, pair) in kept.enumerate() {
        whole.push(if index == 0 { '?' } else { '&' });
        whole.push_str(pair);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_answer_is_asked_for_with_the_rest_of_the_query() {
        assert_eq!(
            unstreamed("/v1beta/models/m:streamGenerateContent?alt=sse&fields=a&$alt=sse"),
            "/v1beta/models/m:generateContent?fields=a"
        );
        assert_eq!(
            unstreamed("/v1/models/m:streamGenerateContent"),
            "/v1/models/m:generateContent"
        );
    }
}
