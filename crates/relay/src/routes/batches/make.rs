//! Making a batch of an input file.

use bytes::Bytes;
use dialect::openai::batches::{Endpoint, Mistake};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::Usage;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::asked::{Asked, at};
use super::kept::{self, Input, Record};
use super::object::Batch;
use super::{OPERATION, find, malformed, now, plan, served};
use crate::answer::{Fault, telling};
use crate::attempts::{self, Unusable};
use crate::body::Body;
use crate::bound::not_found;
use crate::entrance::Size;
use crate::exchange::Exchange;
use crate::resources::name::{ResourcePath, kind_of_root};
use crate::routes::files::google_name;
use crate::routes::translated;

/// Answers a request for a batch.
pub(super) async fn answer(mut exchange: Exchange, request: Request<Incoming>) -> Response<Body> {
    let body = match translated::read(&mut exchange, request).await {
        Ok(body) => body,
        Err(instead) => return *instead,
    };
    let asked = match Asked::read(&body) {
        Ok(asked) => asked,
        Err(fault) => return exchange.reject(&fault),
    };
    let dropped: &[_] = if asked.wants_expiry { &["output_expires_after"] } else { &[] };
    let (name, mut input) = match input(&mut exchange, &asked).await {
        Ok(input) => input,
        Err(fault) => return exchange.reject(&fault),
    };
    let model = Some(&*input.model).filter(|model| !model.is_empty());
    exchange.entry.asks(OPERATION, model, false);
    let mistakes = mistakes(&mut input, asked.endpoint);
    let made = if mistakes.is_empty() {
        begin(&mut exchange, asked, &name, input).await
    } else {
        failed(&mut exchange, asked, &input, mistakes).await
    };
    match made {
        Ok(batch) => telling(served(&mut exchange, &batch), dropped),
        Err(instead) => *instead,
    }
}

/// What was found in the lines of the file, which the exchange is bound to; and Google's name of it.
async fn input(exchange: &mut Exchange, asked: &Asked) -> Result<(String, Input), Fault> {
    const FIELD: &str = "input_file_id";
    let id = &asked.input_file_id;
    let none = || Fault { param: Some(FIELD.to_owned()), ..not_found(id) };
    let name = google_name(id).ok_or_else(none)?;
    let path = ResourcePath::parse(&name).filter(|path| path.root == Some(&*name));
    let bound = exchange.bind_to(&path.ok_or_else(none)?).await;
    bound.map_err(|fault| if fault.status == StatusCode::NOT_FOUND { none() } else { fault })?;
    let kept = find::<Input>(&exchange.gateway.resources, id_of(&name)).await?;
    let kept = kept.ok_or_else(|| {
        let message = format!(
            "The file {id} was not uploaded with the purpose 'batch' by way of OpenAI's API."
        );
        at(FIELD, "invalid_value", message)
    })?;
    Ok((name, kept.what))
}

/// The last part of a file's name.
pub(crate) fn id_of(name: &str) -> &str {
    name.strip_prefix("files/").unwrap_or(name)
}

/// What is wrong with the lines, where this is asked of them.
fn mistakes(input: &mut Input, endpoint: Endpoint) -> Vec<Mistake> {
    let mut mistakes = std::mem::take(&mut input.mistakes);
    if let Some(asked) = input.endpoint.filter(|asked| *asked != endpoint && mistakes.is_empty()) {
        let message = format!("The lines of the file ask {asked}, the batch is one of {endpoint}.");
        mistakes.push(Mistake::new("mismatched_endpoint", Some("url"), message).at(1));
    }
    mistakes
}

/// A batch that never begins.
async fn failed(
    exchange: &mut Exchange,
    asked: Asked,
    input: &Input,
    mistakes: Vec<Mistake>,
) -> Result<Batch, Box<Response<Body>>> {
    let id = format!("batch_{}", Uuid::now_v7().simple());
    let mut batch = Batch::new(id, asked, input, now());
    batch.fail(mistakes, now());
    keep(exchange, Record { batch, google: None, contexts: Vec::new() }).await
}

async fn begin(
    exchange: &mut Exchange,
    asked: Asked,
    file: &str,
    input: Input,
) -> Result<Batch, Box<Response<Body>>> {
    if let Some(fault) = exchange.filtered(&input.model) {
        return Err(Box::new(exchange.reject(&fault)));
    }
    // Nobody tells what its answers will be, and nobody asks at this gateway when they are there.
    if let Err(refused) = exchange.enter(&input.model, Size::Tokens(input.tokens)).await {
        return Err(Box::new(exchange.refuse(&refused)));
    }
    let name = call_google(exchange, asked.endpoint, file, &input).await?;
    let (prompt, total) = (input.tokens, input.tokens);
    exchange.entry.usage(Usage { prompt, total, ..Usage::default() });
    let id = format!("batch_{}", name.strip_prefix("batches/").unwrap_or(&name));
    let batch = Batch::new(id, asked, &input, now());
    keep(exchange, Record { batch, google: Some(name), contexts: input.contexts }).await
}

/// Begins it at Google; gives Google's name of it.
async fn call_google(
    exchange: &mut Exchange,
    endpoint: Endpoint,
    file: &str,
    input: &Input,
) -> Result<String, Box<Response<Body>>> {
    #[derive(Deserialize)]
    struct Begun {
        name: String,
    }
    let version = &exchange.configuration.settings.upstream.default_version;
    let model = &input.model;
    let collection = if model.contains('/') { "" } else { "models/" };
    let method = match endpoint {
        Endpoint::Chat => "batchGenerateContent",
        Endpoint::Embeddings => "asyncBatchEmbedContent",
    };
    let target = format!("/{version}/{collection}{model}:{method}");
    let label = id_of(file);
    let body = json!({"batch": {"displayName": label, "inputConfig": {"fileName": file}}});
    let plan = plan(&Method::POST, &target, body.to_string().into(), Some(model));
    let judge = |_: &HeaderMap, body: &Bytes| {
        let begun: Option<Begun> = serde_json::from_slice(body).ok();
        let name = begun.map(|begun| begun.name);
        let name = name.filter(|name| kind_of_root(name) == Some("batches"));
        let name = name.ok_or_else(|| Unusable::Malformed("it names no batch.".to_owned()))?;
        Ok(((name, body.clone()), Usage::default()))
    };
    let (name, answered) = match attempts::whole(exchange, &plan, judge).await {
        Ok((_, begun)) => begun,
        Err(lost) => return Err(Box::new(exchange.lose(lost))),
    };
    match exchange.learn(&answered, None).await {
        Ok(()) => Ok(name),
        Err(fault) => Err(Box::new(exchange.reject(&fault))),
    }
}

async fn keep(exchange: &mut Exchange, record: Record) -> Result<Batch, Box<Response<Body>>> {
    if exchange.tie.is_none() {
        return Err(Box::new(exchange.reject(&malformed("nobody knows its project"))));
    }
    match kept::keep(exchange, &record.batch.id, &record).await {
        Ok(()) => Ok(record.batch),
        Err(fault) => Err(Box::new(exchange.reject(&fault))),
    }
}
