//! S3: an object, put there with version 4 of AWS's signature.

use aws_lc_rs::{digest, hmac};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Method};
use url::{Position, Url};

use crate::UploadError;
use crate::upload::{Outgoing, Upload};

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const SIGNED_HEADERS: &str = "content-type;host;x-amz-content-sha256;x-amz-date";

/// A bucket.
pub(crate) struct Place<'s> {
    pub(crate) endpoint: &'s str,
    pub(crate) bucket: &'s str,
    pub(crate) region: &'s str,
    pub(crate) public_url: Option<&'s str>,
}

pub(crate) fn put(
    upload: &Upload<'_>,
    place: &Place<'_>,
    access_key: &str,
    secret_key: &str,
) -> Result<Outgoing, UploadError> {
    let (name, mime) = (upload.name, upload.mime);
    let address = format!("{}/{}/{name}", place.endpoint, place.bucket);
    let url = Url::parse(&address).map_err(|_| UploadError::Address)?;
    let lies_at = place.public_url.map_or(address, |public| format!("{public}/{name}"));
    let content = hex(digest::digest(&digest::SHA256, upload.bytes).as_ref());
    let moment = upload.at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = upload.at.strftime("%Y%m%d").to_string();
    let scope = format!("{day}/{}/s3/aws4_request", place.region);
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let canonical = format!(
        "PUT\n{}\n\ncontent-type:{mime}\nhost:{host}\n{CONTENT_DIGEST}:{content}\n{DATE}:{moment}\n\n\
         {SIGNED_HEADERS}\n{content}",
        url.path()
    );
    let canonical = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let signed = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{canonical}");
    let key = signing_key(secret_key, &day, place.region);
    let signature = hex(sign(key.as_ref(), signed.as_bytes()).as_ref());
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={SIGNED_HEADERS}, \
         Signature={signature}"
    );
    let mut outgoing = Outgoing {
        method: Method::PUT,
        url,
        headers: HeaderMap::new(),
        body: upload.bytes.clone(),
        lies_at: Some(lies_at),
    };
    outgoing.head(&CONTENT_TYPE, mime)?;
    outgoing.head(&CONTENT_DIGEST, &content)?;
    outgoing.head(&DATE, &moment)?;
    outgoing.head(&AUTHORIZATION, &authorization)?;
    Ok(outgoing)
}

fn signing_key(secret_key: &str, day: &str, region: &str) -> hmac::Tag {
    let secret = format!("AWS4{secret_key}");
    let steps = [day, region, "s3", "aws4_request"];
    let first = sign(secret.as_bytes(), steps[0].as_bytes());
    steps[1..].iter().fold(first, |key, step| sign(key.as_ref(), step.as_bytes()))
}

fn sign(key: &[u8], text: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut digits = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS's documentation ("Signature Calculations", derived signing key).
    #[test]
    fn the_signing_key_is_that_of_the_documentation() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let secret_of = format!("AWS4{secret}");
        let mut key = sign(secret_of.as_bytes(), b"20120215");
        for step in ["us-east-1", "iam", "aws4_request"] {
            key = sign(key.as_ref(), step.as_bytes());
        }
        let expected = "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d";
        assert_eq!(hex(key.as_ref()), expected);
        assert_ne!(hex(signing_key(secret, "20120215", "us-east-1").as_ref()), expected);
    }
}
