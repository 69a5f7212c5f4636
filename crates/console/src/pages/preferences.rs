//! `POST /admin/preferences`: language, light and what single keys do, kept in cookies, also before
//! signing in.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use http::HeaderMap;
use http::header::{REFERER, SET_COOKIE};
use serde::Deserialize;

use crate::error::Error;
use crate::words::Language;

#[derive(Deserialize)]
pub(crate) struct Preferences {
    language: Option<String>,
    theme: Option<String>,
    /// Whether single keys do something.
    single_keys: Option<String>,
}

pub(crate) async fn keep(
    headers: HeaderMap,
    preferences: Result<Form<Preferences>, FormRejection>,
) -> Result<Response, Error> {
    let Form(preferences) = preferences?;
    let mut cookies = Vec::new();
    if let Some(language) = &preferences.language {
        let language = Language::of_tag(language)
            .ok_or_else(|| Error::invalid("language", "accepted are en and zh-CN"))?;
        cookies.push((SET_COOKIE, cookie("gb_language", language.tag())));
    }
    match preferences.theme.as_deref() {
        None => {}
        Some(theme @ ("light" | "dark" | "system")) => {
            cookies.push((SET_COOKIE, cookie("gb_theme", theme)));
        }
        Some(_) => return Err(Error::invalid("theme", "accepted are light, dark and system")),
    }
    match preferences.single_keys.as_deref() {
        None => {}
        Some(keys @ ("on" | "off")) => cookies.push((SET_COOKIE, cookie("gb_keys", keys))),
        Some(_) => return Err(Error::invalid("single_keys", "accepted are on and off")),
    }
    Ok((AppendHeaders(cookies), Redirect::to(&back(&headers))).into_response())
}

fn cookie(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/admin; Max-Age=31536000; SameSite=Strict")
}

/// The page that the form stood on: its path only, so that nobody is sent elsewhere.
pub(super) fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(REFERER).and_then(|referer| referer.to_str().ok());
    let uri: Option<http::Uri> = referer.and_then(|referer| referer.parse().ok());
    uri.as_ref()
        .and_then(http::Uri::path_and_query)
        .map(http::uri::PathAndQuery::as_str)
        .filter(|path| path.starts_with("/admin"))
        .unwrap_or("/admin")
        .to_owned()
}
