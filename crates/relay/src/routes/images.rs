//! OpenAI's `POST /v1/images/generations` and `POST /v1/images/edits`.

mod form;

use std::sync::Arc;

use bytes::Bytes;
use dialect::DialectError;
use dialect::openai::images::{self, Drawn, Form, Images, Options};
use futures_util::future::join_all;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use upstream::Payload;

use super::translated::{self, JSON_BODY};
use crate::answer::{self, Fault, telling};
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::clock;
use crate::entrance::Size;
use crate::exchange::{Exchange, Served};
use crate::fallbacks::{self, InTurn, Turn};
use crate::lost::Lost;
use crate::publishing::{self, Place};
use crate::stream::pool_usage;

/// Answers a request for pictures.
pub(crate) async fn generate(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks("images", None, false);
    let place = publishing::place(&exchange.configuration, request.headers());
    match translated::read(&mut exchange, request).await {
        Ok(body) => answer(exchange, Source::Json(body), place).await,
        Err(instead) => *instead,
    }
}

/// Answers a request for changed pictures.
pub(crate) async fn edit(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks("images", None, false);
    if *request.method() != Method::POST {
        return answer::method_not_allowed(exchange.dialect, "POST");
    }
    if request.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return exchange.reject(&translated::compressed());
    }
    let place = publishing::place(&exchange.configuration, request.headers());
    let configuration = Arc::clone(&exchange.configuration);
    let server = &configuration.settings.server;
    match Box::pin(form::read(request, server.max_body_size, server.body_idle_timeout)).await {
        Ok(form) => answer(exchange, Source::Form(form), place).await,
        Err(fault) => exchange.reject(&fault),
    }
}

async fn answer(exchange: Exchange, source: Source, place: Place) -> Response<Body> {
    fallbacks::answer(exchange, Asked { source, place }).await
}

/// What the client sent.
enum Source {
    Json(Bytes),
    Form(Form),
}

impl Source {
    fn read(&self, options: &Options<'_>) -> Result<(Images, Vec<u8>), DialectError> {
        match self {
            Self::Json(body) => images::generation(body, options),
            Self::Form(form) => images::edit(form, options),
        }
    }
}

/// A request that may be put to several models.
struct Asked {
    source: Source,
    place: Place,
}

impl InTurn for Asked {
    async fn ask(&mut self, mut exchange: Exchange, turn: Turn) -> Served {
        let configuration = Arc::clone(&exchange.configuration);
        let options = configuration.offering.images_options(turn.number, self.place.is_external());
        let read = self.source.read(&options).map_err(Fault::from).and_then(|(images, body)| {
            translated::check_name(images.model())?;
            Ok((images, body))
        });
        let (images, body) = match read {
            Ok(read) => read,
            Err(fault) => return turn.rejects(exchange, fault),
        };
        if turn.number == 0 && images.more_models() == 0 {
            // Megabytes of pictures are there twice otherwise, for as long as Google thinks.
            self.source = Source::Json(Bytes::new());
        }
        exchange.entry.asks("images", Some(images.model()), images.stream());
        if let Some(fault) = exchange.filtered(images.model()) {
            return turn.rejects(exchange, fault);
        }
        turn.begins(&mut exchange, images.more_models());
        exchange.dropped = images.dropped().to_vec();
        let bodies = vec![Payload::from(body); images.calls()];
        if let Err(refused) = exchange.enter(images.model(), Size::Calls(&bodies)).await {
            return Ok(exchange.refuse(&refused));
        }
        let drawn = match draw_all(&exchange, &images, bodies).await {
            Ok(drawn) => drawn,
            Err(lost) => return Err(exchange.unserved(lost)),
        };
        Ok(tell(exchange, &images, &drawn, &self.place).await)
    }
}

/// Everything that was drawn, by as many calls as pictures are wanted. What fails beside something
/// that does not is left out.
async fn draw_all(
    exchange: &Exchange,
    images: &Images,
    bodies: Vec<Payload>,
) -> Result<Drawn, Lost> {
    let version = &exchange.configuration.settings.upstream.default_version;
    let target = translated::target(version, images.model(), false);
    let drawing =
        bodies.into_iter().map(|body| draw(exchange.branch(false), images, &target, body));
    let (mut drawn, mut lost) = (Vec::new(), None);
    for outcome in join_all(drawing).await {
        match outcome {
            Ok(one) => drawn.push(one),
            Err(why) => lost = Some(why),
        }
    }
    let all = images.joined(drawn);
    match lost {
        Some(lost) if all.pictures.is_empty() && all.blocked.is_none() => Err(lost),
        Some(lost) => {
            let id = exchange.entry.request_id();
            tracing::info!(request = id, reason = lost.message(), "some pictures are missing");
            Ok(all)
        }
        None => Ok(all),
    }
}

/// What one call gives. Now and then a model only talks about the picture; then it is asked again.
async fn draw(
    mut exchange: Exchange,
    images: &Images,
    target: &str,
    body: Payload,
) -> Result<Drawn, Lost> {
    let plan = Plan {
        method: &Method::POST,
        path_and_query: target,
        headers: HeaderMap::from_iter([JSON_BODY]),
        body,
        model: Some(images.model()),
        repeatable: true,
        kin: None,
        repair: Repair::No,
    };
    let judge = |_: &HeaderMap, answer: &Bytes| match images.read(answer) {
        Ok(drawn) => {
            let usage = pool_usage(drawn.spent.usage);
            Ok((drawn, usage))
        }
        Err(error) => Err(Unusable::translating(error, answer)),
    };
    let (_, first) = attempts::whole(&mut exchange, &plan, judge).await?;
    if !first.pictures.is_empty() || first.blocked.is_some() {
        return Ok(first);
    }
    match attempts::whole(&mut exchange, &plan, judge).await {
        Ok((_, second)) => {
            let spent = first.spent.plus(&second.spent);
            Ok(Drawn { spent, ..second })
        }
        Err(_) => Ok(first),
    }
}

/// The client's answer.
async fn tell(
    mut exchange: Exchange,
    images: &Images,
    drawn: &Drawn,
    place: &Place,
) -> Response<Body> {
    exchange.entry.usage(pool_usage(drawn.spent.usage));
    if drawn.pictures.is_empty() {
        let refusal = images.refusal(drawn);
        let status =
            StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let outcome = if drawn.blocked.is_some() { "blocked" } else { "empty" };
        exchange.entry.fails(status, outcome, &refusal.message);
        return telling(answer::json(status, refusal.body), &exchange.dropped);
    }
    exchange.dropped.extend(images.dropped_of(drawn));
    let created = clock::now().millis() / 1000;
    let response = if images.stream() {
        translated::event_stream(Body::whole(images.events(created, drawn)))
    } else {
        let urls = if images.wants_links() {
            publishing::addresses(&exchange, &drawn.pictures, place).await
        } else {
            Vec::new()
        };
        answer::json(StatusCode::OK, images.response(created, drawn, &urls))
    };
    exchange.entry.ends(StatusCode::OK, "served");
    telling(response, &exchange.dropped)
}
