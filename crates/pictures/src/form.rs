//! Forms of one file.

use bytes::Bytes;

/// Stands in no picture but by intent; who sends one that holds it gets no picture.
const BOUNDARY: &str = "gemini-balance-4b1e6d0f9a7c4e2d8f35";

/// The content type and the body.
pub(crate) fn of_one_file(field: &str, name: &str, mime: &str, bytes: &Bytes) -> (String, Bytes) {
    // Hosts name files as they like; slashes confuse some.
    let name = name.rsplit('/').next().unwrap_or(name);
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         Content-Type: {mime}\r\n\r\n"
    );
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    let body = [head.as_bytes(), bytes, end.as_bytes()].concat();
    (format!("multipart/form-data; boundary={BOUNDARY}"), body.into())
}
