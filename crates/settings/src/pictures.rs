//! What the settings of pictures mean.

use std::time::Duration;

use crate::hidden::Hidden;
use crate::layers::Values;

/// How pictures are made and handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// Model that makes pictures when the client names none (`CREATE_IMAGE_MODEL`).
    pub model: Option<String>,
    /// Where pictures lie (`UPLOAD_PROVIDER`); the gateway's own place where another one is not
    /// wholly configured.
    pub host: PictureHost,
    /// How long the gateway keeps pictures (`IMAGE_RETENTION`).
    pub retention: Duration,
}

/// Where pictures lie, with what it takes to put them there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PictureHost {
    /// In the gateway's database.
    Gateway,
    /// At SM.MS (`SMMS_…`).
    Smms {
        /// Takes uploads.
        url: String,
        /// Of an account.
        token: Hidden,
    },
    /// At `PicGo` or a Chevereto server (`PICGO_…`).
    PicGo {
        /// Takes uploads.
        url: String,
        /// Of an account.
        key: Hidden,
        /// It is `PicGo` itself, which takes the key in a header.
        is_picgo: bool,
    },
    /// At a Cloudflare `ImgBed` (`CLOUDFLARE_IMGBED_…`).
    CloudflareImgBed {
        /// Takes uploads.
        url: String,
        /// Lets one upload.
        auth_code: Hidden,
        /// Where uploads go.
        folder: Option<String>,
    },
    /// In a bucket of Aliyun OSS (`OSS_…`).
    AliyunOss {
        /// With a scheme or without.
        endpoint: String,
        /// The bucket's name.
        bucket: String,
        /// Who writes.
        access_key: Hidden,
        /// The secret of it.
        secret_key: Hidden,
    },
    /// In a bucket of S3 (`S3_…`).
    S3 {
        /// Address of the server.
        endpoint: String,
        /// The bucket's name.
        bucket: String,
        /// The bucket's region.
        region: String,
        /// Who writes.
        access_key: Hidden,
        /// The secret of it.
        secret_key: Hidden,
        /// Address at which the bucket can be read.
        public_url: Option<String>,
    },
}

/// The address of `PicGo` itself.
const PICGO: &str = "https://www.picgo.net/";

impl Pictures {
    pub(crate) fn read(values: &Values) -> Self {
        Self {
            model: values.text("CREATE_IMAGE_MODEL").map(str::to_owned),
            host: host(values).unwrap_or(PictureHost::Gateway),
            retention: values.duration("IMAGE_RETENTION"),
        }
    }
}

/// `None` where something is missing.
fn host(values: &Values) -> Option<PictureHost> {
    let text = |name| values.text(name).map(str::to_owned);
    Some(match values.text("UPLOAD_PROVIDER")? {
        "smms" => PictureHost::Smms {
            url: text("SMMS_API_URL")?,
            token: values.secret("SMMS_SECRET_TOKEN")?,
        },
        "picgo" => {
            let url = text("PICGO_API_URL")?;
            let is_picgo = url.starts_with(PICGO);
            PictureHost::PicGo { url, key: values.secret("PICGO_API_KEY")?, is_picgo }
        }
        "cloudflare_imgbed" => PictureHost::CloudflareImgBed {
            url: text("CLOUDFLARE_IMGBED_URL")?,
            auth_code: values.secret("CLOUDFLARE_IMGBED_AUTH_CODE")?,
            folder: text("CLOUDFLARE_IMGBED_UPLOAD_FOLDER"),
        },
        "aliyun_oss" => PictureHost::AliyunOss {
            endpoint: text("OSS_ENDPOINT")?,
            bucket: text("OSS_BUCKET_NAME")?,
            access_key: values.secret("OSS_ACCESS_KEY")?,
            secret_key: values.secret("OSS_ACCESS_KEY_SECRET")?,
        },
        "s3" => PictureHost::S3 {
            endpoint: address(values, "S3_ENDPOINT")?,
            bucket: text("S3_BUCKET")?,
            region: text("S3_REGION")?,
            access_key: values.secret("S3_ACCESS_KEY")?,
            secret_key: values.secret("S3_SECRET_KEY")?,
            public_url: address(values, "S3_PUBLIC_URL"),
        },
        _ => return None,
    })
}

/// Without a slash at the end.
fn address(values: &Values, name: &str) -> Option<String> {
    values.text(name).map(|url| url.trim_end_matches('/').to_owned())
}
