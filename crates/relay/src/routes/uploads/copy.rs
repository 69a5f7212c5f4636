//! A file that comes from another project.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::json;
use upstream::Outflow;

use super::begin::{start, start_headers};
use super::plan;
use crate::attempts;
use crate::exchange::Exchange;
use crate::resources::name::kind_of_root;
use crate::resources::told::told;

/// Uploads it to the project that the exchange is bound to; gives its name there, or why it has none.
pub(crate) async fn upload_copy(
    exchange: &mut Exchange,
    mime: &str,
    label: &str,
    outflow: Outflow,
) -> Result<String, String> {
    let version = &exchange.configuration.settings.upstream.default_version;
    let path = format!("/upload/{version}/files");
    let metadata = json!({"file": {"displayName": label}}).to_string();
    let headers = start_headers(HeaderValue::from_str(mime).ok().as_ref(), None);
    let begun = start(exchange, &path, "", &headers, metadata.into()).await;
    let (target, _) = begun.map_err(|_| "its upload could not begin.".to_owned())?;
    let mut headers = HeaderMap::new();
    headers.insert("x-goog-upload-command", HeaderValue::from_static("upload, finalize"));
    headers.insert("x-goog-upload-offset", HeaderValue::from_static("0"));
    let plan = plan(&Method::POST, &target, headers, Bytes::new(), false);
    let sent = attempts::once(exchange, &plan, outflow).await;
    let (_, answered) = sent.map_err(|lost| lost.message().to_owned())?;
    let learned = exchange.learn(&answered, None).await;
    learned.map_err(|fault| fault.message)?;
    let told = told(&answered, None, crate::clock::now());
    let file =
        told.into_iter().map(|told| told.name).find(|name| kind_of_root(name) == Some("files"));
    file.ok_or_else(|| "Google's answer to its upload describes no file.".to_owned())
}
