//! A form with pictures, read while it arrives: pictures become base64 at once, so that no more than
//! that lies in memory.

use std::io::Write as _;
use std::time::Duration;

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderStringWriter;
use bytes::Bytes;
use dialect::openai::images::{Attached, Form};
use futures_util::stream::{self, Stream};
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use multer::{Field, Multipart};

use crate::answer::Fault;
use crate::request_body::{broken_off, too_large, too_slow};

/// More fields are in no form that is meant.
const MAX_FIELDS: usize = 64;

/// Longest text of a field.
const MAX_TEXT: usize = 1 << 20;

/// Reads the form of a request, of at most `limit` bytes and with no pause longer than `idle`.
pub(super) async fn read(
    request: Request<Incoming>,
    limit: usize,
    idle: Duration,
) -> Result<Form, Fault> {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(|value| multer::parse_boundary(value).ok());
    let boundary = boundary.ok_or_else(no_form)?;
    let body = request.into_body();
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(limit));
    }
    let mut multipart = Multipart::new(pieces(body, limit, idle), boundary);
    let mut form = Form::default();
    while let Some(field) = multipart.next_field().await.map_err(fault)? {
        if form.fields.len() + form.files.len() == MAX_FIELDS {
            return Err(invalid(&format!("it has more than {MAX_FIELDS} fields")));
        }
        take(&mut form, field).await?;
    }
    Ok(form)
}

async fn take(form: &mut Form, mut field: Field<'static>) -> Result<(), Fault> {
    let name = field.name().unwrap_or_default().to_owned();
    if field.file_name().is_some() {
        let mime = field.content_type().map(|mime| mime.essence_str().to_owned());
        let mut data = EncoderStringWriter::new(&STANDARD);
        while let Some(chunk) = field.chunk().await.map_err(fault)? {
            // Writing into memory cannot fail.
            let _ = data.write_all(&chunk);
        }
        form.files.push(Attached { field: name, mime, data: data.into_inner() });
        return Ok(());
    }
    let mut text = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(fault)? {
        if text.len() + chunk.len() > MAX_TEXT {
            return Err(invalid(&format!("the field '{name}' is too long")));
        }
        text.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(text);
    let text = text.map_err(|_| invalid(&format!("the field '{name}' is not UTF-8")))?;
    form.fields.push((name, text));
    Ok(())
}

/// Why the form does not go on, carried through the parser.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
struct Stopped(Fault);

fn pieces(
    body: Incoming,
    limit: usize,
    idle: Duration,
) -> impl Stream<Item = Result<Bytes, Stopped>> + Send + 'static {
    stream::unfold((body, 0), move |(mut body, mut size)| async move {
        loop {
            let Ok(frame) = tokio::time::timeout(idle, body.frame()).await else {
                return Some((Err(Stopped(too_slow(idle))), (body, size)));
            };
            let Ok(frame) = frame? else {
                return Some((Err(Stopped(broken_off())), (body, size)));
            };
            let Ok(data) = frame.into_data() else { continue };
            size += data.len();
            let piece = if size > limit { Err(Stopped(too_large(limit))) } else { Ok(data) };
            return Some((piece, (body, size)));
        }
    })
}

fn fault(error: multer::Error) -> Fault {
    match error {
        multer::Error::StreamReadFailed(error) => match error.downcast::<Stopped>() {
            Ok(stopped) => stopped.0,
            Err(_) => broken_off(),
        },
        error => invalid(&error.to_string()),
    }
}

fn invalid(why: &str) -> Fault {
    let message = format!("The form cannot be read: {why}.");
    Fault::new(StatusCode::BAD_REQUEST, "invalid_form", message)
}

fn no_form() -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        "invalid_form",
        "Send the pictures as multipart/form-data with a boundary.",
    )
}
