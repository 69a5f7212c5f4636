//! `POST /admin/logs/delete`: takes the requests out of the log that a filter finds.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Redirect;
use keypool::Timestamp;
use serde::Deserialize;

use super::LogFilter;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::logs as changes;
use crate::error::Error;

/// Which requests are meant.
#[derive(Debug, Deserialize)]
pub(crate) struct Meant {
    /// The filter of the page that the form stands on.
    filter: String,
    /// When that page was made, in milliseconds since the epoch: nobody has seen what came later.
    now: i64,
}

pub(crate) async fn delete(
    State(console): State<Console>,
    identity: Identity,
    meant: Result<Form<Meant>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Meant { filter: said, now }) = meant?;
    let now = Timestamp::from_millis(now);
    let filter = LogFilter::read(&said)?;
    let (said, filter) = (filter.query(), filter.ask(now)?);
    let job = changes::delete(&console, &identity, filter, &said, now).await?;
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}
