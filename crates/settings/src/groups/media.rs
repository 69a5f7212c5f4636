//! Speech, images and files.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of speech, images and files.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "TTS_MODEL",
        Kind::Text,
        "gemini-2.5-flash-preview-tts",
        "Model that turns text into speech.",
    )
    .idle(),
    Definition::new(
        "TTS_VOICE_NAME",
        Kind::Choice(&VOICES),
        "Zephyr",
        "Voice for speech when the client names none of Google's.",
    )
    .idle(),
    Definition::new(
        "TTS_SPEED",
        Kind::Choice(&["slow", "normal", "fast"]),
        "normal",
        "How fast speech is asked to be.",
    )
    .idle(),
    Definition::new(
        "CREATE_IMAGE_MODEL",
        Kind::Text,
        "imagen-3.0-generate-002",
        "Model that makes images when the client names none.",
    )
    .idle(),
    Definition::new(
        "UPLOAD_PROVIDER",
        Kind::Choice(&["smms", "picgo", "cloudflare_imgbed", "aliyun_oss"]),
        "smms",
        "Image host for pictures in answers. Until it is configured, they are handed over \
         inside the answer.",
    )
    .idle(),
    Definition::new("SMMS_SECRET_TOKEN", Kind::Secret, "", "Token at SM.MS.").idle(),
    Definition::new("PICGO_API_KEY", Kind::Secret, "", "Key at PicGo or a Chevereto server.")
        .idle(),
    Definition::new(
        "PICGO_API_URL",
        Kind::Url,
        "https://www.picgo.net/api/1/upload",
        "Address that PicGo or a Chevereto server takes uploads at.",
    )
    .idle(),
    Definition::new(
        "CLOUDFLARE_IMGBED_URL",
        Kind::Url,
        "",
        "Address that a Cloudflare ImgBed takes uploads at.",
    )
    .idle(),
    Definition::new(
        "CLOUDFLARE_IMGBED_AUTH_CODE",
        Kind::Secret,
        "",
        "Upload code of the Cloudflare ImgBed.",
    )
    .idle(),
    Definition::new(
        "CLOUDFLARE_IMGBED_UPLOAD_FOLDER",
        Kind::Text,
        "",
        "Folder at the Cloudflare ImgBed.",
    )
    .idle(),
    Definition::new(
        "OSS_ENDPOINT",
        Kind::Text,
        "",
        "Endpoint of Aliyun OSS, like oss-cn-hangzhou.aliyuncs.com.",
    )
    .idle(),
    Definition::new(
        "OSS_ENDPOINT_INNER",
        Kind::Text,
        "",
        "Endpoint of Aliyun OSS inside its network.",
    )
    .idle(),
    Definition::new("OSS_ACCESS_KEY", Kind::Secret, "", "Access key at Aliyun OSS.").idle(),
    Definition::new("OSS_ACCESS_KEY_SECRET", Kind::Secret, "", "Secret of that access key.").idle(),
    Definition::new("OSS_BUCKET_NAME", Kind::Text, "", "Bucket at Aliyun OSS.").idle(),
    Definition::new("OSS_REGION", Kind::Text, "", "Region of the bucket.").idle(),
    Definition::new(
        "FILE_AFFINITY",
        Kind::Seconds { min: 0, max: 172_800 },
        "600s",
        "Files that a client uploads within this time of its last one go to the same project of \
         Google, if its key can serve: one request can only use files of one project. 0 spreads \
         them.",
    ),
    Definition::new(
        "FILES_CLEANUP_ENABLED",
        Kind::Bool,
        "true",
        "Forget files, caches and whatever else clients made at Google once it has expired there.",
    ),
    Definition::new(
        "FILES_CLEANUP_INTERVAL_HOURS",
        Kind::Integer { min: 1, max: 8760 },
        "1",
        "Hours between two such cleanings.",
    ),
    Definition::new(
        "FILES_USER_ISOLATION_ENABLED",
        Kind::Bool,
        "true",
        "A client token sees only the files that it uploaded. Without, every token may list, read, \
         use and delete the files of all; anything else stays with whoever made it.",
    ),
];

/// Google's prebuilt voices.
const VOICES: [&str; 30] = [
    "Zephyr",
    "Puck",
    "Charon",
    "Kore",
    "Fenrir",
    "Leda",
    "Orus",
    "Aoede",
    "Callirrhoe",
    "Autonoe",
    "Enceladus",
    "Iapetus",
    "Umbriel",
    "Algieba",
    "Despina",
    "Erinome",
    "Algenib",
    "Rasalgethi",
    "Laomedeia",
    "Achernar",
    "Alnilam",
    "Schedar",
    "Gacrux",
    "Pulcherrima",
    "Achird",
    "Zubenelgenubi",
    "Vindemiatrix",
    "Sadachbia",
    "Sadaltager",
    "Sulafat",
];
