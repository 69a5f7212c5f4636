//! Streams of events that the administrator wants delivered otherwise than Google gives them.

use std::time::Duration;

use http::Method;
use http::header::CONTENT_TYPE;
use settings::FakeStream;

use super::super::joined;
use crate::answer;
use crate::attempts::{Plan, Repair};
use crate::calls::{Asked, Calls};
use crate::exchange::{Exchange, Served};
use crate::stream::{ArrayEvents, NativeEvents, Translate};

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

/// Answers with events, or with the elements of an array.
pub(super) async fn answer(exchange: Exchange, plan: &Plan<'_>, how: How, is_sse: bool) -> Served {
    let asked = Asked {
        target: match how {
            How::Faked(_) => unstreamed(plan.path_and_query),
            How::Typed => with_events(plan.path_and_query),
        },
        headers: plan.headers.clone(),
        body: plan.body.clone(),
        model: plan.model.unwrap_or_default().to_owned(),
        is_long: false,
        // It is in the client's own words.
        repair: Repair::No,
    };
    let calls = Calls::new(&exchange, vec![asked], 1);
    if is_sse {
        return told(exchange, NativeEvents::default(), calls, how).await;
    }
    let mut response = told(exchange, ArrayEvents::default(), calls, how).await?;
    response.headers_mut().insert(CONTENT_TYPE, answer::JSON);
    Ok(response)
}

async fn told<T: Translate + 'static>(
    exchange: Exchange,
    events: T,
    calls: Calls,
    how: How,
) -> Served {
    match how {
        How::Faked(fake) => joined::faked(exchange, events, calls, &fake, None).await,
        How::Typed => joined::streamed(exchange, events, calls, Duration::ZERO).await,
    }
}

/// The target that gives as a whole what this one streams.
fn unstreamed(target: &str) -> String {
    let (path, query) = without_form(target);
    let path = path.replace(":streamGenerateContent", ":generateContent");
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The target that gives as events what this one streams in whatever form.
fn with_events(target: &str) -> String {
    let (path, query) = without_form(target);
    let and = if query.is_empty() { "" } else { "&" };
    format!("{path}?{query}{and}alt=sse")
}

/// Path and query without the form of the answer.
fn without_form(target: &str) -> (&str, String) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let is_form =
        |pair: &&str| pair.is_empty() || pair.starts_with("alt=") || pair.starts_with("$alt=");
    let kept: Vec<_> = query.split('&').filter(|pair| !is_form(pair)).collect();
    (path, kept.join("&"))
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

    #[test]
    fn events_are_asked_for_whatever_form_the_client_wants() {
        let target = "/v1beta/models/m:streamGenerateContent";
        assert_eq!(with_events(target), format!("{target}?alt=sse"));
        assert_eq!(
            with_events(&format!("{target}?alt=json&fields=a")),
            format!("{target}?fields=a&alt=sse")
        );
    }
}
