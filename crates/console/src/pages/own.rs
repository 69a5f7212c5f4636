//! `/admin/own/…`: what people set for themselves: how tables look, and filters with a name.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, RawForm, State};
use axum::response::Redirect;
use http::HeaderMap;
use serde::Deserialize;
use store::Store;

use super::keys::{Look, read_filter};
use super::logs::LogFilter;
use super::preferences::back;
use crate::access::Identity;
use crate::error::Error;

/// `POST /admin/own/look`: which columns the table of keys has, and how dense it is.
pub(crate) async fn look(
    State(store): State<Store>,
    identity: Identity,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Result<Redirect, Error> {
    let look = Look::read(&form)?;
    let person = &identity.actor;
    store.set_preference(person, Look::COLUMNS, &look.column_names()).await?;
    store.set_preference(person, Look::DENSITY, look.density.as_str()).await?;
    Ok(Redirect::to(&back(&headers)))
}

#[derive(Deserialize)]
pub(crate) struct NewView {
    /// `keys` or `logs`.
    page: String,
    name: String,
    #[serde(default)]
    query: String,
    pinned: Option<String>,
}

/// `POST /admin/own/views`: keeps a filter under a name.
pub(crate) async fn save_view(
    State(store): State<Store>,
    identity: Identity,
    headers: HeaderMap,
    view: Result<Form<NewView>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(NewView { page, name, query, pinned }) = view?;
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "is empty, or has characters that cannot be seen"));
    }
    // Read and written again, so that nothing is kept but a filter.
    let query = match page.as_str() {
        "keys" => read_filter(&query)?.with("page", ""),
        "logs" => LogFilter::read(&query)?.query(),
        _ => return Err(Error::invalid("page", "accepted are keys and logs")),
    };
    store.save_view(&identity.actor, &page, name, &query, pinned.is_some()).await?;
    Ok(Redirect::to(&back(&headers)))
}

#[derive(Deserialize)]
pub(crate) struct Pin {
    pinned: bool,
}

/// `POST /admin/own/views/{id}/pin`: into the navigation, or out of it.
pub(crate) async fn pin_view(
    State(store): State<Store>,
    identity: Identity,
    headers: HeaderMap,
    Path(id): Path<String>,
    pin: Result<Form<Pin>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Pin { pinned }) = pin?;
    let is_there = store.pin_view(&identity.actor, &id, pinned).await?;
    there(is_there, &headers)
}

/// `POST /admin/own/views/{id}/forget`.
pub(crate) async fn forget_view(
    State(store): State<Store>,
    identity: Identity,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    let is_there = store.delete_view(&identity.actor, &id).await?;
    there(is_there, &headers)
}

fn there(is_there: bool, headers: &HeaderMap) -> Result<Redirect, Error> {
    if is_there {
        Ok(Redirect::to(&back(headers)))
    } else {
        Err(Error::NotFound("There is no such view of yours."))
    }
}
