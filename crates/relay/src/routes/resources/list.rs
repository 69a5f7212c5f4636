//! Lists of what a client has made, whatever the projects it is in: from the register, for Google's
//! own lists show one project, and all that is in it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderMap, Method, Response, StatusCode};
use keypool::{Timestamp, Usage};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use store::{Resource, ResourcePlace};
use upstream::Payload;

use super::ResourceCall;
use crate::answer::{self, Fault};
use crate::attempts::{self, Plan, Repair, Unusable};
use crate::body::Body;
use crate::exchange::Exchange;
use crate::lost::Lost;
use crate::resources::Known;
use crate::resources::told::Told;

/// Answers a list of the client's own.
pub(super) async fn answer(
    mut exchange: Exchange,
    call: &ResourceCall<'_>,
    query: &str,
) -> Response<Body> {
    match page(&exchange, call, query).await {
        Ok(page) => {
            exchange.entry.ends(StatusCode::OK, "served");
            answer::json(StatusCode::OK, page)
        }
        Err(fault) => exchange.reject(&fault),
    }
}

async fn page(exchange: &Exchange, call: &ResourceCall<'_>, query: &str) -> Result<String, Fault> {
    let is_file = call.path.kind == "files";
    let (usual, most) = if is_file { (10, 100) } else { (50, 1000) };
    let size = match value(query, ["pageSize", "page_size"]) {
        None | Some("0") => usual,
        Some(text) => text.parse::<u64>().map_err(|_| wrong("pageSize"))?.min(most),
    };
    let behind = value(query, ["pageToken", "page_token"]).filter(|token| !token.is_empty());
    let behind = behind.map(|token| place(token).ok_or_else(|| wrong("pageToken"))).transpose()?;
    let owner = exchange.entry.token_id();
    let owner = (!is_file || exchange.files_are_isolated()).then_some(&*owner);
    let resources = &exchange.gateway.resources;
    let mut found = resources.list(call.path.kind, owner, behind, size + 1).await?;
    let has_more = found.len() as u64 > size;
    found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| has_more).map(token);
    let version = call.upstream_path.split('/').nth(1).unwrap_or_default();
    let shown = join_all(found.into_iter().map(|one| shown(exchange, version, one))).await;
    let shown: Vec<Box<RawValue>> = shown.into_iter().flatten().collect();
    let mut list = Map::new();
    if !shown.is_empty() {
        list.insert(call.path.list_field().to_owned(), json!(shown));
    }
    if let Some(next) = next {
        let is_snake = matches!(call.path.family.collection, "interactions" | "agents");
        let field = if is_snake { "next_page_token" } else { "nextPageToken" };
        list.insert(field.to_owned(), next.into());
    }
    Ok(Value::Object(list).to_string())
}

/// A member of a list, as Google has it now if it may have changed; `None` if it is no more.
async fn shown(exchange: &Exchange, version: &str, resource: Resource) -> Option<Box<RawValue>> {
    let Resource { name, state, body, .. } = &resource;
    if !Told::may_change(state, body) {
        return RawValue::from_string(resource.body).ok();
    }
    let mut branch = exchange.branch(false);
    let target = format!("/{version}/{name}");
    let plan = Plan {
        method: &Method::GET,
        path_and_query: &target,
        headers: HeaderMap::new(),
        body: Payload::default(),
        model: None,
        repeatable: true,
        kin: None,
        repair: Repair::No,
    };
    branch.tie(name, Known::of(&resource)).ok()?;
    let judge = |_: &HeaderMap, body: &Bytes| Ok::<_, Unusable>((body.clone(), Usage::default()));
    match attempts::whole(&mut branch, &plan, judge).await {
        Ok((_, now)) => {
            // What cannot be written down now will be asked for again.
            let _ = branch.learn(&now, Some(&resource.kind)).await;
            serde_json::from_slice(&now).ok()
        }
        Err(Lost::Refused(refused)) if matches!(refused.status.as_u16(), 403 | 404) => {
            let _ = exchange.gateway.resources.forget(name).await;
            None
        }
        Err(_) => RawValue::from_string(resource.body).ok(),
    }
}

fn value<'q>(query: &'q str, names: [&str; 2]) -> Option<&'q str> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| names.contains(name)).map(|(_, value)| value).next_back()
}

/// The token of the page that begins behind a resource.
fn token(last: &Resource) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{}", last.created_at.millis(), last.name))
}

fn place(token: &str) -> Option<ResourcePlace> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (at, name) = text.split_once(':')?;
    let created_at = Timestamp::from_millis(at.parse().ok()?);
    Some(ResourcePlace { created_at, name: name.to_owned() })
}

fn wrong(field: &str) -> Fault {
    let message = format!("Invalid value at '{field}'.");
    let fault = Fault::new(StatusCode::BAD_REQUEST, "invalid_value", message);
    Fault { param: Some(field.to_owned()), ..fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_a_page_reads_back() {
        assert_eq!(value("pageSize=3&page_token=x&key=y", ["pageToken", "page_token"]), Some("x"));
        let at = Timestamp::from_millis(1_795_847_334_123);
        let text = URL_SAFE_NO_PAD.encode(format!("{}:files/a:b", at.millis()));
        assert_eq!(
            place(&text),
            Some(ResourcePlace { created_at: at, name: "files/a:b".to_owned() })
        );
        assert!(place("x").is_none() && place("").is_none());
    }
}
