//! Forms with files in them, read while they arrive.

use std::io::Write as _;
use std::time::Duration;

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderStringWriter;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use http_body::Body;
use http_body_util::BodyExt as _;
use multer::{Field, Multipart};

use crate::answer::Fault;
use crate::request_body::{broken_off, too_large, too_slow};

/// More fields are in no form that is meant.
const MAX_FIELDS: usize = 128;

/// Longest text of a field.
const MAX_TEXT: usize = 1 << 20;

/// What becomes of a file's bytes.
pub(crate) trait Keep: Default {
    /// Takes the next of them.
    fn push(&mut self, bytes: &[u8]);
}

impl Keep for Vec<u8> {
    fn push(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// They become base64, so that no more than that lies in memory.
pub(crate) struct Base64(EncoderStringWriter<'static, base64::engine::GeneralPurpose, String>);

impl Default for Base64 {
    fn default() -> Self {
        Self(EncoderStringWriter::new(&STANDARD))
    }
}

impl Base64 {
    /// All of it.
    pub(crate) fn into_text(self) -> String {
        self.0.into_inner()
    }
}

impl Keep for Base64 {
    fn push(&mut self, bytes: &[u8]) {
        // Writing into memory cannot fail.
        let _ = self.0.write_all(bytes);
    }
}

/// A form, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Form<K> {
    /// Names and values, in the order in which they stand in the form.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) files: Vec<File<K>>,
}

/// A file of a form.
#[derive(Debug)]
pub(crate) struct File<K> {
    /// The field that holds it.
    pub(crate) field: String,
    /// What the client calls it.
    pub(crate) name: Option<String>,
    /// What the client says it is.
    pub(crate) content_type: Option<String>,
    pub(crate) content: K,
}

impl<K: Keep> Form<K> {
    /// Reads a form of at most `limit` bytes, with no pause longer than `idle`.
    pub(crate) async fn read<B>(
        headers: &HeaderMap,
        body: B,
        limit: usize,
        idle: Duration,
    ) -> Result<Self, Fault>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = content_type.and_then(|value| multer::parse_boundary(value).ok());
        let boundary = boundary.ok_or_else(|| {
            invalid("send it as multipart/form-data with a boundary in its Content-Type")
        })?;
        if body.size_hint().lower() > limit as u64 {
            return Err(too_large(limit));
        }
        let mut multipart = Multipart::new(pieces(body, limit, idle), boundary);
        let mut form = Self { fields: Vec::new(), files: Vec::new() };
        while let Some(field) = multipart.next_field().await.map_err(fault)? {
            if form.fields.len() + form.files.len() == MAX_FIELDS {
                return Err(invalid(&format!("it has more than {MAX_FIELDS} fields")));
            }
            form.take(field).await?;
        }
        Ok(form)
    }

    async fn take(&mut self, mut field: Field<'static>) -> Result<(), Fault> {
        let field_name = field.name().unwrap_or_default().to_owned();
        if let Some(name) = field.file_name().map(str::to_owned) {
            let content_type = field.content_type().map(|mime| mime.essence_str().to_owned());
            let mut content = K::default();
            while let Some(chunk) = field.chunk().await.map_err(fault)? {
                content.push(&chunk);
            }
            self.files.push(File { field: field_name, name: Some(name), content_type, content });
            return Ok(());
        }
        let mut text = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(fault)? {
            if text.len() + chunk.len() > MAX_TEXT {
                return Err(invalid(&format!("the field '{field_name}' is too long")));
            }
            text.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(text);
        let text = text.map_err(|_| invalid(&format!("the field '{field_name}' is not UTF-8")))?;
        self.fields.push((field_name, text));
        Ok(())
    }

    /// The file of this field; that it is missing is told as OpenAI tells it.
    pub(crate) fn file(&self, field: &str) -> Result<&File<K>, Fault> {
        let found = self.files.iter().find(|file| file.field == field);
        found.ok_or_else(|| {
            let message = format!("Missing required parameter: '{field}'.");
            let code = "missing_required_parameter";
            let fault = Fault::new(StatusCode::BAD_REQUEST, code, message);
            Fault { param: Some(field.to_owned()), ..fault }
        })
    }
}

/// Why the form does not go on, carried through the parser.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
struct Stopped(Fault);

fn pieces<B>(
    body: B,
    limit: usize,
    idle: Duration,
) -> impl Stream<Item = Result<Bytes, Stopped>> + Send + 'static
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
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

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http_body_util::Full;

    use super::*;

    async fn read<K: Keep>(
        content_type: &'static str,
        body: &'static str,
    ) -> Result<Form<K>, Fault> {
        let headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        let body = Full::new(Bytes::from_static(body.as_bytes()));
        Form::read(&headers, body, 1000, Duration::from_secs(5)).await
    }

    const TYPE: &str = "multipart/form-data; boundary=x";

    const FORM: &str = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
        Content-Type: audio/wav; q=1\r\n\r\nRIFF\r\n--x--\r\n";

    #[tokio::test]
    async fn fields_and_files_are_told_apart() {
        let form = read::<Vec<u8>>(TYPE, FORM).await.unwrap();
        assert_eq!(form.fields, [("model".to_owned(), "whisper-1".to_owned())]);
        let file = form.file("file").unwrap();
        assert_eq!((file.name.as_deref(), &*file.content), (Some("a.wav"), b"RIFF".as_slice()));
        assert_eq!(file.content_type.as_deref(), Some("audio/wav"));
        assert_eq!(form.file("mask").err().unwrap().param.as_deref(), Some("mask"));
        let form = read::<Base64>(TYPE, FORM).await.ok().unwrap();
        let file = form.files.into_iter().next().unwrap();
        assert_eq!(file.content.into_text(), "UklGRg==");
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        for (content_type, body) in [
            ("application/json", "{}"),
            ("multipart/form-data", FORM),
            (TYPE, "--x\r\nContent-Disposition: form-da"),
            (TYPE, ""),
        ] {
            let fault = read::<Vec<u8>>(content_type, body).await.unwrap_err();
            assert_eq!(fault.code, Some("invalid_form"), "{content_type} {body:?}");
        }
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(TYPE))]);
        let body = Full::new(Bytes::from_static(FORM.as_bytes()));
        let read = Form::<Vec<u8>>::read(&headers, body, 100, Duration::from_secs(5)).await;
        assert_eq!(read.unwrap_err().status, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
