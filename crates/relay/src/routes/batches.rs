//! OpenAI's `/v1/batches`, done by Google's. The lines of an input file are translated while it is
//! uploaded, since Google hands no uploaded file out again; the answers while they are downloaded.
//! What must be known in between stands in the register, beside what it belongs to.

mod asked;
mod input;
mod kept;
mod list;
mod make;
mod object;
mod output;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::Usage;
use serde::Serialize;

pub(super) use self::input::{Reading, keep as keep_input};
use self::kept::Kept;
pub(super) use self::kept::{Input, Output, Record, find};
pub(super) use self::make::id_of;
use self::object::Status;
pub(super) use self::output::{Part, Telling};
use crate::answer::{self, Fault};
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::bound::not_found;
use crate::clock;
use crate::exchange::Exchange;
use crate::resources::told::told;

const OPERATION: &str = "batches";

/// What is done with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// It is looked at.
    Batch,
    /// It is stopped.
    Cancel,
}

/// Answers `/v1/batches`.
pub(crate) async fn all(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    match *request.method() {
        Method::GET => {
            let query = request.uri().query().unwrap_or_default();
            match list::page(&exchange, query).await {
                Ok(page) => served(&mut exchange, &page),
                Err(fault) => exchange.reject(&fault),
            }
        }
        Method::POST => make::answer(exchange, request).await,
        _ => answer::method_not_allowed(exchange.dialect, "GET, POST"),
    }
}

/// Answers `/v1/batches/{id}` and what is below it.
pub(crate) async fn one(
    mut exchange: Exchange,
    request: &Request<Incoming>,
    id: &str,
    wanted: Wanted,
) -> Response<Body> {
    exchange.entry.asks(OPERATION, None, false);
    let method = if wanted == Wanted::Cancel { Method::POST } else { Method::GET };
    if *request.method() != method {
        let allowed = if wanted == Wanted::Cancel { "POST" } else { "GET" };
        return answer::method_not_allowed(exchange.dialect, allowed);
    }
    let mut kept = match own(&exchange, id).await {
        Ok(kept) => kept,
        Err(fault) => return exchange.reject(&fault),
    };
    let done = match wanted {
        Wanted::Batch => look(&mut exchange, &mut kept).await,
        Wanted::Cancel => cancel(&mut exchange, &mut kept).await,
    };
    match done {
        Ok(()) => served(&mut exchange, &kept.what.batch),
        Err(instead) => *instead,
    }
}

fn served(exchange: &mut Exchange, body: &impl Serialize) -> Response<Body> {
    exchange.entry.ends(StatusCode::OK, "served");
    match serde_json::to_vec(body) {
        Ok(body) => answer::json(StatusCode::OK, body),
        Err(error) => exchange.reject(&malformed(&error.to_string())),
    }
}

fn malformed(why: &str) -> Fault {
    let message = format!("What is known of the batch cannot be told: {why}.");
    Fault::new(StatusCode::BAD_GATEWAY, "upstream_malformed_response", message)
}

/// A batch of the client's.
async fn own(exchange: &Exchange, id: &str) -> Result<Kept<Record>, Fault> {
    let found = find::<Record>(&exchange.gateway.resources, id).await?;
    let owner = exchange.entry.token_id();
    found.filter(|kept| kept.owner() == &*owner).ok_or_else(|| not_found(id))
}

/// Asks Google how a batch stands, unless that cannot change any more.
async fn look(exchange: &mut Exchange, kept: &mut Kept<Record>) -> Result<(), Box<Response<Body>>> {
    let Some(name) = kept.what.google.clone().filter(|_| !kept.what.batch.status.is_final()) else {
        return Ok(());
    };
    let heard = ask(exchange, kept, &Method::GET, &name).await?;
    let rejected = |exchange: &mut Exchange, fault: &Fault| Err(Box::new(exchange.reject(fault)));
    if !kept.what.batch.hear(&heard, now()) {
        return rejected(exchange, &malformed("Google's answer describes no batch"));
    }
    // Its output belongs to whoever made it.
    match written_down(exchange, kept, &heard).await {
        Ok(()) => Ok(()),
        Err(fault) => rejected(exchange, &fault),
    }
}

async fn written_down(
    exchange: &mut Exchange,
    kept: &Kept<Record>,
    heard: &Bytes,
) -> Result<(), Fault> {
    exchange.learn(heard, None).await?;
    for told in told(heard, None, clock::now()) {
        if let Some(file) = told.name.strip_prefix("files/") {
            let output = Output { batch: kept.what.batch.id.clone() };
            kept::keep(exchange, file, &output).await?;
        }
    }
    kept::keep(exchange, &kept.what.batch.id, &kept.what).await
}

/// Stops a batch that Google works on.
async fn cancel(
    exchange: &mut Exchange,
    kept: &mut Kept<Record>,
) -> Result<(), Box<Response<Body>>> {
    let status = kept.what.batch.status;
    let Some(name) = kept.what.google.clone().filter(|_| !status.is_final()) else {
        let message = format!("The batch cannot be cancelled: it is {status} already.");
        let fault = Fault::new(StatusCode::CONFLICT, "invalid_batch_status", message);
        return Err(Box::new(exchange.reject(&fault)));
    };
    ask(exchange, kept, &Method::POST, &format!("{name}:cancel")).await?;
    let batch = &mut kept.what.batch;
    batch.status = Status::Cancelling;
    batch.cancelling_at = Some(now());
    let kept = kept::keep(exchange, &batch.id.clone(), &kept.what).await;
    kept.map_err(|fault| Box::new(exchange.reject(&fault)))
}

/// Asks Google about a batch, with the key that has begun it.
async fn ask(
    exchange: &mut Exchange,
    kept: &Kept<Record>,
    method: &Method,
    name: &str,
) -> Result<Bytes, Box<Response<Body>>> {
    if let Err(fault) = exchange.tie(&kept.what.batch.id, kept.known()) {
        return Err(Box::new(exchange.reject(&fault)));
    }
    let version = &exchange.configuration.settings.upstream.default_version;
    let target = format!("/{version}/{name}");
    let body = if *method == Method::POST { Bytes::from_static(b"{}") } else { Bytes::new() };
    let plan = plan(method, &target, body, None);
    let judge = |_: &HeaderMap, body: &Bytes| Ok::<_, Unusable>((body.clone(), Usage::default()));
    let answered = attempts::whole(exchange, &plan, judge).await;
    answered.map(|(_, body)| body).map_err(|lost| Box::new(exchange.lose(lost)))
}

fn plan<'p>(method: &'p Method, target: &'p str, body: Bytes, model: Option<&'p str>) -> Plan<'p> {
    Plan {
        method,
        path_and_query: target,
        headers: HeaderMap::from_iter([super::translated::JSON_BODY]),
        body: body.into(),
        model,
        // A batch that was begun twice would be paid twice.
        repeatable: model.is_none(),
        kin: None,
        repair: Repair::No,
    }
}

/// Seconds since the epoch.
fn now() -> i64 {
    clock::now().millis() / 1000
}
