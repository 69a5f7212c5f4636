//! The client's own batches, the newest first.

use futures_util::future::join_all;
use http::Response;
use serde_json::{Value, json};
use store::ResourcePlace;

use super::asked::at;
use super::kept::{Keep as _, Kept, Record, name};
use super::{look, own};
use crate::answer::Fault;
use crate::body::Body;
use crate::exchange::Exchange;

/// How many a page has, and may have.
const USUAL: u64 = 20;
const MOST: u64 = 100;

/// A page of the list.
pub(super) async fn page(exchange: &Exchange, query: &str) -> Result<Value, Fault> {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let limit = value("limit").map_or(Ok(USUAL), |text| {
        let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        let message =
            || format!("Invalid value for 'limit': a number from 1 to {MOST} is expected.");
        limit.ok_or_else(|| at("limit", "invalid_value", message()))
    })?;
    let resources = &exchange.gateway.resources;
    let behind = match value("after") {
        None => None,
        Some(id) => {
            own(exchange, id).await?;
            let name = name::<Record>(id);
            let found = resources.fetch(&name).await?;
            found.map(|found| ResourcePlace { created_at: found.created_at, name })
        }
    };
    let owner = exchange.entry.token_id();
    let mut found = resources.list(Record::KIND, Some(&owner), behind, limit + 1).await?;
    let has_more = found.len() as u64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let found: Vec<Kept<Record>> = found.into_iter().map(Kept::of).collect::<Result<_, _>>()?;
    let shown = join_all(found.into_iter().map(|kept| shown(exchange, kept))).await;
    let data: Vec<Value> =
        shown.into_iter().filter_map(|one| serde_json::to_value(one).ok()).collect();
    let id = |batch: Option<&Value>| batch.map_or(Value::Null, |batch| batch["id"].clone());
    let (first, last) = (id(data.first()), id(data.last()));
    Ok(
        json!({"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": has_more}),
    )
}

/// A batch as it stands now, or as it last stood if Google does not say.
async fn shown(exchange: &Exchange, mut kept: Kept<Record>) -> super::object::Batch {
    let mut branch = exchange.branch(false);
    let _: Result<(), Box<Response<Body>>> = look(&mut branch, &mut kept).await;
    kept.what.batch
}
