//! `/admin/api`: what scripts may ask for, with examples to copy.

use askama::Template;
use http::HeaderMap;

use crate::error::Error;
use crate::openapi::{self, Chapter, Component, Described};
use crate::page::Page;
use crate::shell::{self, Shell};
use crate::words::api::ApiWords;

#[derive(Template)]
#[template(path = "api.html")]
pub(crate) struct ApiPage {
    shell: Shell,
    w: &'static ApiWords,
    base: String,
    chapters: Vec<Chapter>,
    components: Vec<Component>,
}

pub(crate) async fn show(shell: Shell, headers: HeaderMap) -> Result<Page<ApiPage>, Error> {
    let document = serde_json::to_value(openapi::document()).map_err(|_| Error::Internal)?;
    let Described { chapters, components } = openapi::read(&document);
    let (w, base) = (ApiWords::of(shell.language), shell::base(&headers));
    Ok(Page(ApiPage { shell, w, base, chapters, components }))
}
