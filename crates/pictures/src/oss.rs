//! Aliyun OSS: an object that everybody may read, put there with the first version of its signature.

use aws_lc_rs::hmac;
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderName, Method};
use url::Url;

use crate::UploadError;
use crate::upload::{Outgoing, Upload, base64};

const ACL: HeaderName = HeaderName::from_static("x-oss-object-acl");
const PUBLIC: &str = "public-read";

pub(crate) fn put(
    upload: &Upload<'_>,
    endpoint: &str,
    bucket: &str,
    access_key: &str,
    secret_key: &str,
) -> Result<Outgoing, UploadError> {
    let (name, mime) = (upload.name, upload.mime);
    let endpoint = endpoint.trim_end_matches('/');
    let address = if endpoint.contains("://") {
        format!("{endpoint}/{bucket}/{name}")
    } else {
        format!("https://{bucket}.{endpoint}/{name}")
    };
    let date = upload.at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let signed = format!("PUT\n\n{mime}\n{date}\n{ACL}:{PUBLIC}\n/{bucket}/{name}");
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret_key.as_bytes());
    let signature = base64(hmac::sign(&key, signed.as_bytes()).as_ref());
    let mut outgoing = Outgoing {
        method: Method::PUT,
        url: Url::parse(&address).map_err(|_| UploadError::Address)?,
        headers: HeaderMap::new(),
        body: upload.bytes.clone(),
        lies_at: Some(address),
    };
    outgoing.head(&CONTENT_TYPE, mime)?;
    outgoing.head(&DATE, &date)?;
    outgoing.head(&ACL, PUBLIC)?;
    outgoing.head(&AUTHORIZATION, &format!("OSS {access_key}:{signature}"))?;
    Ok(outgoing)
}
