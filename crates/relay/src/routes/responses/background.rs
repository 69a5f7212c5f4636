//! `POST /v1/responses` with `background`: answered at once, worked on behind the client's back.

use std::sync::Arc;

use dialect::openai::responses::{self, ThoughtSignatures};
use http::{Response, StatusCode};
use upstream::Payload;

use super::{Asked, OPERATION, Responses};
use crate::answer::{self, Fault};
use crate::background::{Follower, Source, Work};
use crate::body::Body;
use crate::exchange::Exchange;
use crate::routes::translated;
use crate::translation::Translation as _;

/// Seconds after which a place may be free again: a guess, since nobody knows how long work takes.
const RETRY_AFTER: u64 = 5;

/// Begins to work on a response, and says so. `body` is what Google is asked.
pub(super) async fn begin(
    mut exchange: Exchange,
    mut asked: Asked,
    mut responses: Responses,
    body: Payload,
) -> Response<Body> {
    exchange.entry.asks(OPERATION, Some(responses.model()), responses.context.stream());
    let work = match prepare(&exchange, &mut responses).await {
        Ok(work) => work,
        Err(fault) => return exchange.reject(&fault),
    };
    let response = if responses.context.stream() {
        let source = Source::Tape(work.place.job.tape.follow());
        let silence = exchange.configuration.settings.stream.keep_alive;
        let gateway = Arc::clone(&exchange.gateway);
        let follower = Follower { gateway, source, after: None, silence, entry: None };
        translated::event_stream(follower.body())
    } else {
        answer::json(StatusCode::OK, work.queued.response().to_owned())
    };
    let response = answer::telling(response, responses.dropped());
    let background = Arc::clone(&exchange.gateway.background);
    asked.handed = Some(work.handed.clone());
    asked.first = Some(Box::new((responses, body)));
    let answer = Box::pin(translated::serve(exchange, OPERATION, asked));
    background.tasks.spawn(work.run(answer));
    response
}

/// Everything that can be refused at once. From here on the response can be found.
async fn prepare(exchange: &Exchange, responses: &mut Responses) -> Result<Work, Fault> {
    if let Some(fault) = exchange.filtered(responses.model()) {
        return Err(fault);
    }
    let (gateway, owner) = (Arc::clone(&exchange.gateway), exchange.entry.token_id());
    let keeper = responses.keeper.take().ok_or_else(unkept)?;
    let object = responses::queued(&responses.context);
    let queued = keeper.stored(&object, &ThoughtSignatures::default()).ok_or_else(unkept)?;
    let (keeper, handed) = keeper.handing_over();
    responses.keeper = Some(keeper);
    let most = exchange.configuration.settings.server.background_responses;
    let place = gateway.background.place(&queued.id(), most).ok_or_else(|| full(most))?;
    gateway.archive.begin(&owner, &queued).await?;
    for event in responses::told_queued(queued.response()) {
        place.job.tape.push(event);
    }
    Ok(Work { gateway, place, owner, queued, handed })
}

fn full(most: usize) -> Fault {
    let message = format!(
        "The gateway works on {most} background responses already, which is all that it may \
         (BACKGROUND_RESPONSES_MAX)."
    );
    Fault::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", message)
        .retry_after(RETRY_AFTER)
}

fn unkept() -> Fault {
    let message = "The response cannot be kept; the reason is in the gateway's log.";
    Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
}
