//! How pictures are made, and where those lie that answers name by their address.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of pictures.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "CREATE_IMAGE_MODEL",
        Kind::Text,
        "gemini-3.1-flash-image",
        "Model that makes pictures when the client names none, or one of OpenAI. With the ending \
         -chat it is offered in chats too. Imagen, which Google has switched off, stands for \
         gemini-3.1-flash-image.",
    ),
    Definition::new(
        "UPLOAD_PROVIDER",
        Kind::Choice(&["gateway", "smms", "picgo", "cloudflare_imgbed", "aliyun_oss", "s3"]),
        "gateway",
        "Where pictures lie whose address is wanted instead of the picture. gateway keeps them \
         itself; so it is with all others until they are configured. With another host, or with \
         PUBLIC_URL, pictures in answers to chats become links too.",
    ),
    Definition::new(
        "IMAGE_RETENTION",
        Kind::Seconds { min: 60, max: 31_536_000 },
        "86400s",
        "How long the gateway keeps pictures, and how long links to them work.",
    ),
    Definition::new("SMMS_SECRET_TOKEN", Kind::Secret, "", "Token at SM.MS."),
    Definition::new(
        "SMMS_API_URL",
        Kind::Url,
        "https://sm.ms/api/v2/upload",
        "Address that SM.MS takes uploads at.",
    ),
    Definition::new("PICGO_API_KEY", Kind::Secret, "", "Key at PicGo or a Chevereto server."),
    Definition::new(
        "PICGO_API_URL",
        Kind::Url,
        "https://www.picgo.net/api/1/upload",
        "Address that PicGo or a Chevereto server takes uploads at.",
    ),
    Definition::new(
        "CLOUDFLARE_IMGBED_URL",
        Kind::Url,
        "",
        "Address that a Cloudflare ImgBed takes uploads at.",
    ),
    Definition::new(
        "CLOUDFLARE_IMGBED_AUTH_CODE",
        Kind::Secret,
        "",
        "Upload code of the Cloudflare ImgBed.",
    ),
    Definition::new(
        "CLOUDFLARE_IMGBED_UPLOAD_FOLDER",
        Kind::Text,
        "",
        "Folder at the Cloudflare ImgBed.",
    ),
    Definition::new(
        "OSS_ENDPOINT",
        Kind::Text,
        "",
        "Endpoint of Aliyun OSS, like oss-cn-hangzhou.aliyuncs.com.",
    ),
    Definition::new(
        "OSS_ENDPOINT_INNER",
        Kind::Text,
        "",
        "Endpoint of Aliyun OSS inside its network.",
    )
    .idle(),
    Definition::new("OSS_ACCESS_KEY", Kind::Secret, "", "Access key at Aliyun OSS."),
    Definition::new("OSS_ACCESS_KEY_SECRET", Kind::Secret, "", "Secret of that access key."),
    Definition::new("OSS_BUCKET_NAME", Kind::Text, "", "Bucket at Aliyun OSS."),
    Definition::new(
        "OSS_REGION",
        Kind::Text,
        "",
        "Region of the bucket; the endpoint says it already.",
    )
    .idle(),
    Definition::new(
        "S3_ENDPOINT",
        Kind::Url,
        "",
        "Address of a server that speaks S3, like https://s3.eu-central-1.amazonaws.com.",
    ),
    Definition::new("S3_BUCKET", Kind::Text, "", "Bucket there."),
    Definition::new("S3_REGION", Kind::Text, "us-east-1", "Region of the bucket."),
    Definition::new("S3_ACCESS_KEY", Kind::Secret, "", "Access key of the bucket."),
    Definition::new("S3_SECRET_KEY", Kind::Secret, "", "Secret of that access key."),
    Definition::new(
        "S3_PUBLIC_URL",
        Kind::Url,
        "",
        "Address at which everybody can read what is in the bucket. Without, that is endpoint and \
         bucket.",
    ),
];
