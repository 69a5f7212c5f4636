//! `GET /v1/responses/{id}/input_items`, and the answer to `DELETE`.

use bytes::BufMut;
use serde_json::value::RawValue;

use super::stored::{StoredResponse, item_id};
use crate::{DialectError, gemini::content::write_list, json};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    after: Option<String>,
    limit: usize,
    ascending: bool,
}

impl Page {
    /// Reads the parameters of the query.
    pub fn read(
        after: Option<&str>,
        limit: Option<&str>,
        order: Option<&str>,
    ) -> Result<Self, DialectError> {
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(text) => {
                let number = text.parse().ok().filter(|number| (1..=MAX_LIMIT).contains(number));
                number.ok_or_else(|| {
                    let message =
                        format!("Invalid value for 'limit': must be from 1 to {MAX_LIMIT}.");
                    DialectError::invalid("limit", message)
                })?
            }
        };
        let ascending = match order {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(other) => {
                let message = format!("Invalid value for 'order': '{other}' is none of asc, desc.");
                return Err(DialectError::invalid("order", message));
            }
        };
        Ok(Self { after: after.map(str::to_owned), limit, ascending })
    }
}

/// The input of a response as a list of the API.
pub fn input_items(stored: &StoredResponse, page: &Page) -> Vec<u8> {
    let mut items: Vec<&RawValue> = stored.input_items().collect();
    if !page.ascending {
        items.reverse();
    }
    if let Some(after) = &page.after {
        let position = items.iter().position(|item| item_id(item).as_ref() == Some(after));
        items.drain(..position.map_or(items.len(), |position| position + 1));
    }
    let has_more = items.len() > page.limit;
    items.truncate(page.limit);
    let id = |item: Option<&&RawValue>| item.and_then(|item| item_id(item)).unwrap_or_default();
    let mut out = br#"{"object":"list","data":"#.to_vec();
    write_list(&items, &mut out, |item, out| out.put_slice(item.get().as_bytes()));
    out.put_slice(br#","first_id":"#);
    json::push(&mut out, &id(items.first()));
    out.put_slice(br#","last_id":"#);
    json::push(&mut out, &id(items.last()));
    out.put_slice(br#","has_more":"#);
    json::push(&mut out, &has_more);
    out.put_u8(b'}');
    out
}

/// The answer to `DELETE /v1/responses/{id}`.
pub fn deleted(id: &str) -> Vec<u8> {
    json::to_vec(&serde_json::json!({"id": id, "object": "response", "deleted": true}))
}
