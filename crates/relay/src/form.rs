//! Forms with files in them.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use multer::{Field, Multipart};

use crate::answer::Fault;

/// More fields are in no form that is meant.
const MAX_FIELDS: usize = 128;

/// A form, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// Names and values, in the order in which they stand in the form.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) files: Vec<File>,
}

/// A file of a form.
#[derive(Debug)]
pub(crate) struct File {
    /// The field that holds it.
    pub(crate) field: String,
    /// What the client calls it.
    pub(crate) name: Option<String>,
    /// What the client says it is.
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

impl Form {
    /// Reads a body that is all there.
    pub(crate) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, Fault> {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = content_type.and_then(|value| multer::parse_boundary(value).ok());
        let boundary = boundary.ok_or_else(|| {
            invalid("send it as multipart/form-data with a boundary in its Content-Type")
        })?;
        let body = stream::iter([Ok::<_, Infallible>(body)]);
        let mut multipart = Multipart::new(body, boundary);
        let mut form = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
            if form.fields.len() + form.files.len() == MAX_FIELDS {
                return Err(invalid(&format!("it has more than {MAX_FIELDS} fields")));
            }
            form.take(field).await?;
        }
        Ok(form)
    }

    async fn take(&mut self, field: Field<'_>) -> Result<(), Fault> {
        let field_name = field.name().unwrap_or_default().to_owned();
        let name = field.file_name().map(str::to_owned);
        let content_type = field.content_type().map(|mime| mime.essence_str().to_owned());
        let bytes = field.bytes().await.map_err(unreadable)?;
        if name.is_some() {
            self.files.push(File { field: field_name, name, content_type, bytes });
            return Ok(());
        }
        let text = String::from_utf8(bytes.into());
        let text = text.map_err(|_| invalid(&format!("the field '{field_name}' is not UTF-8")))?;
        self.fields.push((field_name, text));
        Ok(())
    }

    /// The file of this field; that it is missing is told as OpenAI tells it.
    pub(crate) fn file(&self, field: &str) -> Result<&File, Fault> {
        let found = self.files.iter().find(|file| file.field == field);
        found.ok_or_else(|| {
            let message = format!("Missing required parameter: '{field}'.");
            let code = "missing_required_parameter";
            let fault = Fault::new(StatusCode::BAD_REQUEST, code, message);
            Fault { param: Some(field.to_owned()), ..fault }
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unreadable(error: multer::Error) -> Fault {
    invalid(&error.to_string())
}

fn invalid(why: &str) -> Fault {
    let message = format!("The form cannot be read: {why}.");
    Fault::new(StatusCode::BAD_REQUEST, "invalid_form", message)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    async fn read(content_type: &'static str, body: &'static str) -> Result<Form, Fault> {
        let headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Form::read(&headers, Bytes::from_static(body.as_bytes())).await
    }

    const FORM: &str = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
        Content-Type: audio/wav; q=1\r\n\r\nRIFF\r\n--x--\r\n";

    #[tokio::test]
    async fn fields_and_files_are_told_apart() {
        let form = read("multipart/form-data; boundary=x", FORM).await.unwrap();
        assert_eq!(form.fields, [("model".to_owned(), "whisper-1".to_owned())]);
        let file = form.file("file").unwrap();
        assert_eq!((file.name.as_deref(), &*file.bytes), (Some("a.wav"), b"RIFF".as_slice()));
        assert_eq!(file.content_type.as_deref(), Some("audio/wav"));
        assert_eq!(form.file("mask").unwrap_err().param.as_deref(), Some("mask"));
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        for (content_type, body) in [
            ("application/json", "{}"),
            ("multipart/form-data", FORM),
            ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-da"),
            ("multipart/form-data; boundary=x", ""),
        ] {
            let fault = read(content_type, body).await.unwrap_err();
            assert_eq!(fault.code, Some("invalid_form"), "{content_type} {body:?}");
        }
    }
}
