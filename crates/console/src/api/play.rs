//! `POST /api/admin/play`: a request of the playground, told as it goes; `…/preview`: what would be sent.

use std::convert::Infallible;

use axum::Json;
use axum::extract::DefaultBodyLimit;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderValue};
use keypool::{KeyId, Platform};
use relay::Behalf;

use super::ErrorBody;
use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::play::{Composed, Play, Sent, Told, sent, talk};
use crate::{proxies, shell};

/// Files go inside the request, in base64: as much as Google takes, and some more.
pub(crate) fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(32 * 1024 * 1024)
}

/// Sends a request as a client would, and tells how it goes.
///
/// It counts in the log like any other, as one of the console's.
#[utoipa::path(
    post, path = "/api/admin/play", tag = "Playground", operation_id = "play",
    request_body(content = Play, example = json!({
        "kind": "chat", "dialect": "gemini", "model": "gemini-2.5-flash",
        "turns": [{"role": "user", "text": "Hello"}], "stream": true
    })),
    responses(
        (status = 200, description = "Events whose data is JSON, until one says that it is over",
            body = Told, content_type = "text/event-stream"),
        (status = 400, description = "A field has no place in this API, or is missing", body = ErrorBody),
    )
)]
pub(crate) async fn send(
    State(console): State<Console>,
    identity: Identity,
    headers: HeaderMap,
    play: Result<Json<Play>, JsonRejection>,
) -> Result<Response, Error> {
    let Json(play) = play?;
    let composed = Composed::of(&play.wanted)?;
    let behalf = behalf(&console, &identity, play)?;
    let settings = console.gateway.configuration();
    let is_logged = settings.settings.logging.request_log_enabled;
    let told = talk(console.within, behalf, composed, shell::base(&headers), is_logged);
    let events =
        told.map(|told| Ok::<_, Infallible>(Event::default().json_data(told).unwrap_or_default()));
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Says what would be sent, and how others would write it.
#[utoipa::path(
    post, path = "/api/admin/play/preview", tag = "Playground", operation_id = "previewPlay",
    request_body(content = Play, example = json!({
        "kind": "embedding", "model": "gemini-embedding-001", "texts": ["Hello"]
    })),
    responses(
        (status = 200, description = "The request", body = Sent),
        (status = 400, description = "A field has no place in this API, or is missing", body = ErrorBody),
    )
)]
pub(crate) async fn preview(
    headers: HeaderMap,
    play: Result<Json<Play>, JsonRejection>,
) -> Result<Json<Sent>, Error> {
    let Json(play) = play?;
    Ok(Json(sent(&Composed::of(&play.wanted)?, &shell::base(&headers))))
}

fn behalf(console: &Console, identity: &Identity, play: Play) -> Result<Behalf, Error> {
    let key = Some(play.key).filter(|key| !key.is_empty()).map(KeyId::from);
    if let Some(key) = &key
        && console.gateway.pool(Platform::Gemini).health(key).is_none()
    {
        return Err(Error::invalid("key", "the pool holds no key with this id"));
    }
    let tags = Some(play.tag).filter(|tag| !tag.is_empty()).into_iter().collect();
    let way = proxies::open_way(console, &play.proxy)?;
    Ok(Behalf { name: format!("console ({})", identity.actor), tags, key, way })
}
