//! `GET /v1/models` and `GET /v1/models/{id}`, as OpenAI and as Anthropic answer them.

use std::sync::Arc;

use bytes::Bytes;
use dialect::anthropic::models::Window;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::Usage;
use serde::Deserialize;
use upstream::Payload;

use crate::answer;
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::exchange::Exchange;
use crate::lost::Lost;
use crate::path::is_plain_name;

/// Google's largest page is 1000 models; a list that goes on and on is not one.
const MAX_PAGES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    next_page_token: String,
}

/// All models that the pool's keys can see.
pub(crate) async fn list(exchange: Exchange, request: &Request<Incoming>) -> Response<Body> {
    let configuration = Arc::clone(&exchange.configuration);
    listed(exchange, request, |pages, keep| {
        let pages = pages.iter().map(AsRef::as_ref);
        dialect::openai::models::offered(pages, keep, &configuration.offering.offers)
    })
    .await
}

/// The body of that list.
pub(crate) async fn offered(exchange: &mut Exchange) -> Result<Vec<u8>, Lost> {
    exchange.entry.asks("models", None, false);
    let pages = pages(exchange).await?;
    let pages = pages.iter().map(AsRef::as_ref);
    let offers = &exchange.configuration.offering.offers;
    let list = dialect::openai::models::offered(pages, &|id| exchange.lists(id), offers);
    exchange.entry.ends(StatusCode::OK, "served");
    Ok(list)
}

/// Google's own list.
pub(crate) async fn of_google(exchange: &mut Exchange) -> Result<Vec<Bytes>, Lost> {
    exchange.entry.asks("models", None, false);
    let pages = pages(exchange).await?;
    exchange.entry.ends(StatusCode::OK, "served");
    Ok(pages)
}

/// The same for Anthropic's clients, who may ask for a piece of it.
pub(crate) async fn list_for_anthropic(
    exchange: Exchange,
    request: &Request<Incoming>,
) -> Response<Body> {
    let query: Vec<_> =
        url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).collect();
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let window = Window {
        limit: value("limit").and_then(|limit| limit.parse().ok()),
        after_id: value("after_id"),
        before_id: value("before_id"),
    };
    listed(exchange, request, |pages, keep| {
        dialect::anthropic::models::list(pages.iter().map(AsRef::as_ref), keep, window)
    })
    .await
}

async fn listed(
    mut exchange: Exchange,
    request: &Request<Incoming>,
    told: impl FnOnce(&[Bytes], &dyn Fn(&str) -> bool) -> Vec<u8>,
) -> Response<Body> {
    exchange.entry.asks("models", None, false);
    if *request.method() != Method::GET {
        return answer::method_not_allowed(exchange.dialect, "GET");
    }
    let pages = match pages(&mut exchange).await {
        Ok(pages) => pages,
        Err(lost) => return exchange.lose(lost),
    };
    let body = told(&pages, &|id| exchange.lists(id));
    answer::json(StatusCode::OK, body)
}

/// Google's list, page by page.
async fn pages(exchange: &mut Exchange) -> Result<Vec<Bytes>, Lost> {
    let mut pages = Vec::new();
    let mut token = String::new();
    while pages.len() < MAX_PAGES {
        let page = page(exchange, &token).await?;
        token = serde_json::from_slice::<Page>(&page)
            .map(|page| page.next_page_token)
            .unwrap_or_default();
        pages.push(page);
        if token.is_empty() {
            break;
        }
    }
    Ok(pages)
}

async fn page(exchange: &mut Exchange, token: &str) -> Result<Bytes, Lost> {
    let version = exchange.configuration.settings.upstream.default_version.clone();
    let mut target = format!("/{version}/models?pageSize=1000");
    if !token.is_empty() {
        let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
        target.push_str("&pageToken=");
        target.push_str(&token);
    }
    get(exchange, &target).await
}

/// One model, if Google knows it.
pub(crate) async fn one(
    exchange: Exchange,
    request: &Request<Incoming>,
    id: &str,
) -> Response<Body> {
    let name = id.strip_prefix("models/").unwrap_or(id);
    let model = exchange.configuration.offering.offers.resolve(name, 0).model;
    known(exchange, request, &model, |_| dialect::openai::models::one(name)).await
}

/// The same for Anthropic's clients, who may use a name of Claude.
pub(crate) async fn one_for_anthropic(
    exchange: Exchange,
    request: &Request<Incoming>,
    id: &str,
) -> Response<Body> {
    let configuration = Arc::clone(&exchange.configuration);
    let name = configuration.offering.claude.resolve(id);
    known(exchange, request, name, |body| dialect::anthropic::models::one(id, body)).await
}

async fn known(
    mut exchange: Exchange,
    request: &Request<Incoming>,
    name: &str,
    told: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Response<Body> {
    exchange.entry.asks("models", None, false);
    if *request.method() != Method::GET {
        return answer::method_not_allowed(exchange.dialect, "GET");
    }
    if !is_plain_name(name) {
        let message = format!("The model `{name}` does not exist.");
        return exchange.reject(&answer::Fault::new(
            StatusCode::NOT_FOUND,
            "model_not_found",
            message,
        ));
    }
    if let Some(fault) = exchange.filtered(name) {
        return exchange.reject(&fault);
    }
    let version = exchange.configuration.settings.upstream.default_version.clone();
    match get(&mut exchange, &format!("/{version}/models/{name}")).await {
        Ok(body) => answer::json(StatusCode::OK, told(&body)),
        Err(lost) => exchange.lose(lost),
    }
}

async fn get(exchange: &mut Exchange, target: &str) -> Result<Bytes, Lost> {
    let plan = Plan {
        method: &Method::GET,
        path_and_query: target,
        headers: HeaderMap::new(),
        body: Payload::default(),
        model: None,
        repeatable: true,
        kin: None,
        repair: Repair::No,
    };
    let judge = |_: &HeaderMap, bytes: &Bytes| {
        if dialect::gemini::observe(bytes).malformed {
            return Err(Unusable::Malformed("is not JSON.".to_owned()));
        }
        Ok((bytes.clone(), Usage::default()))
    };
    attempts::whole(exchange, &plan, judge).await.map(|(_, body)| body)
}
