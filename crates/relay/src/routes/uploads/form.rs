//! The file of a form, with the fields before it.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use hyper::body::Incoming;
use upstream::Outflow;

use super::begin::{start, start_headers};
use super::incoming::{Failed, Guarded, guarded};
use super::related::{PartHead, Related};
use super::{header, plan};
use crate::answer::Fault;
use crate::attempts;
use crate::body::Body;
use crate::exchange::Exchange;

/// A form has few fields.
const MOST_FIELDS: usize = 32;

/// The bytes of a form's file, as they come.
pub(crate) type Content = Related<Guarded>;

/// A form that was read as far as the bytes of its file.
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    file: PartHead,
    body: Content,
    failed: Failed,
}

impl Form {
    /// Reads the fields before `file`; those behind it are not looked at.
    pub(crate) async fn read(
        exchange: &Exchange,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Result<Self, Fault> {
        let media_type = header(headers, CONTENT_TYPE.as_str()).to_owned();
        if !media_type.to_ascii_lowercase().starts_with("multipart/form-data") {
            let message = "The body must be multipart/form-data.";
            return Err(Fault::new(StatusCode::BAD_REQUEST, "invalid_multipart", message));
        }
        let (body, _) = guarded(exchange, body);
        let failed = body.failed();
        let read = async {
            let mut body = Related::new(body, &media_type, failed.clone())?;
            let mut fields = Vec::new();
            while fields.len() < MOST_FIELDS {
                let head = body.next_part().await?;
                let name = head.name.clone().unwrap_or_default();
                if name == "file" {
                    let failed = failed.clone();
                    return Ok(Self { fields, file: head, body, failed });
                }
                let value = body.text().await?;
                fields.push((name, String::from_utf8_lossy(&value).into_owned()));
            }
            let message = "The form has too many fields before its file.";
            Err(Fault::new(StatusCode::BAD_REQUEST, "invalid_multipart", message))
        };
        read.await.map_err(|fault| failed.take().unwrap_or(fault))
    }

    /// A field's value.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The file is of this media type, whatever the client says.
    pub(crate) fn is(&mut self, mime: &'static str) {
        self.file.mime = Some(HeaderValue::from_static(mime));
    }

    /// What the client calls the file.
    pub(crate) fn file_name(&self) -> Option<&str> {
        self.file.file_name.as_deref()
    }
}

/// Uploads the file of a form to Google, as `flow` gives it out; gives what Google says of it.
pub(crate) async fn upload_form(
    exchange: &mut Exchange,
    path: &str,
    metadata: Bytes,
    form: Form,
    flow: impl FnOnce(&Exchange, Content) -> Outflow,
) -> Result<Bytes, Box<Response<Body>>> {
    let Form { file, body, failed, .. } = form;
    let headers = start_headers(file.mime.as_ref(), None);
    let (target, _) = start(exchange, path, "", &headers, metadata).await?;
    let mut headers = HeaderMap::new();
    headers.insert("x-goog-upload-command", HeaderValue::from_static("upload, finalize"));
    headers.insert("x-goog-upload-offset", HeaderValue::from_static("0"));
    let plan = plan(&Method::POST, &target, headers, Bytes::new(), false);
    let outflow = flow(exchange, body);
    let sent = attempts::once(exchange, &plan, outflow).await;
    let (_, answered) = sent.map_err(|lost| match failed.take() {
        Some(fault) => Box::new(exchange.reject(&fault)),
        None => Box::new(exchange.lose(lost)),
    })?;
    let learned = exchange.learn(&answered, None).await;
    learned.map_err(|fault| Box::new(exchange.reject(&fault)))?;
    Ok(answered)
}
