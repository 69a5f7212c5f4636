//! What each host is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use settings::PictureHost;
use url::Url;

use crate::{UploadError, form, oss, s3};

/// A picture on its way to a host.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'p> {
    /// Path and name, as in `2026/11/26/0123456789abcdef.png`.
    pub name: &'p str,
    /// Its media type.
    pub mime: &'p str,
    /// All of it.
    pub bytes: &'p Bytes,
    /// When it is signed.
    pub at: Timestamp,
}

/// A request that is ready to be sent.
#[derive(Debug)]
pub struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Where the picture lies afterwards, if that is known beforehand.
    pub(crate) lies_at: Option<String>,
}

impl Upload<'_> {
    /// What `host` is sent; `None` for the gateway itself, which keeps pictures otherwise.
    pub fn request(&self, host: &PictureHost) -> Option<Result<Outgoing, UploadError>> {
        let outgoing = match host {
            PictureHost::Gateway => return None,
            PictureHost::Smms { url, token } => {
                let token = format!("Basic {}", token.expose());
                self.form(url, "smfile", &[(AUTHORIZATION, token)])
            }
            PictureHost::PicGo { url, key, is_picgo: true } => {
                let name = HeaderName::from_static("x-api-key");
                self.form(url, "source", &[(name, key.expose().to_owned())])
            }
            PictureHost::PicGo { url, key, is_picgo: false } => {
                with_query(url, &[("key", key.expose())])
                    .and_then(|url| self.form(url.as_str(), "source", &[]))
            }
            PictureHost::CloudflareImgBed { url, auth_code, folder } => {
                let folder = folder.as_deref().unwrap_or_default();
                let pairs = [
                    ("uploadFolder", folder),
                    ("authCode", auth_code.expose()),
                    ("uploadNameType", "origin"),
                ];
                with_query(url, &pairs).and_then(|url| self.form(url.as_str(), "file", &[]))
            }
            PictureHost::AliyunOss { endpoint, bucket, access_key, secret_key } => {
                oss::put(self, endpoint, bucket, access_key.expose(), secret_key.expose())
            }
            PictureHost::S3 { endpoint, bucket, region, access_key, secret_key, public_url } => {
                let place =
                    s3::Place { endpoint, bucket, region, public_url: public_url.as_deref() };
                s3::put(self, &place, access_key.expose(), secret_key.expose())
            }
        };
        Some(outgoing)
    }

    fn form(
        &self,
        url: &str,
        field: &str,
        headers: &[(HeaderName, String)],
    ) -> Result<Outgoing, UploadError> {
        let (content_type, body) = form::of_one_file(field, self.name, self.mime, self.bytes);
        let mut outgoing = Outgoing {
            method: Method::POST,
            url: Url::parse(url).map_err(|_| UploadError::Address)?,
            headers: HeaderMap::new(),
            body,
            lies_at: None,
        };
        outgoing.head(&CONTENT_TYPE, &content_type)?;
        for (name, value) in headers {
            outgoing.head(name, value)?;
        }
        Ok(outgoing)
    }
}

impl Outgoing {
    /// One more header.
    pub(crate) fn head(&mut self, name: &HeaderName, value: &str) -> Result<(), UploadError> {
        let mut value = HeaderValue::from_str(value).map_err(|_| UploadError::Address)?;
        value.set_sensitive(*name != CONTENT_TYPE);
        self.headers.insert(name.clone(), value);
        Ok(())
    }
}

fn with_query(url: &str, pairs: &[(&str, &str)]) -> Result<Url, UploadError> {
    let mut url = Url::parse(url).map_err(|_| UploadError::Address)?;
    url.query_pairs_mut().extend_pairs(pairs);
    Ok(url)
}

/// Base64 of a digest.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
