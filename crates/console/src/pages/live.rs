//! `GET /admin/live`: one event stream a page, with what changes by itself.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use http::HeaderValue;
use keypool::Totals;
use relay::Gateway;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

/// How often the numbers are told anew.
const PACE: Duration = Duration::from_secs(2);

/// How the pool stands.
#[derive(Serialize)]
struct Pulse {
    requests_per_minute: u64,
    keys: Totals,
}

pub(crate) async fn stream(State(gateway): State<Arc<Gateway>>) -> Response {
    let sse = Sse::new(pulses(gateway)).keep_alive(KeepAlive::default());
    let mut response = sse.into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// Ends when the gateway stops, so that browsers see it and come again.
fn pulses(gateway: Arc<Gateway>) -> impl Stream<Item = Result<Event, Infallible>> {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
    stream::unfold((gateway, pace), async |(gateway, mut pace)| {
        tokio::select! {
            _ = pace.tick() => {}
            () = gateway.stop.cancelled() => return None,
        }
        let pulse = Pulse {
            requests_per_minute: gateway.requests_last_minute(),
            keys: gateway.totals(relay::now()),
        };
        let event = Event::default().event("pulse").json_data(pulse).unwrap_or_default();
        Some((Ok(event), (gateway, pace)))
    })
}
