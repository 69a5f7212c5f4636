//! Speech, images and files.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of speech, images and files.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "TTS_MODEL",
        Kind::Text,
        "gemini-2.5-flash-preview-tts",
        "Model that turns text into speech when the client names none, or one of OpenAI's.",
    ),
    Definition::new(
        "TTS_VOICE_NAME",
        Kind::Choice(&VOICES),
        "Zephyr",
        "Voice for speech when the client names none of Google's, and none of OpenAI's, which have \
         counterparts.",
    ),
    Definition::new(
        "TTS_SPEED",
        Kind::Choice(&["slow", "normal", "fast"]),
        "normal",
        "How fast speech is asked to be when the client does not say.",
    ),
    Definition::new(
        "TRANSCRIPTION_MODEL",
        Kind::Text,
        "gemini-3.5-transcribe",
        "Model that writes down speech when the client names none, or one of OpenAI's.",
    ),
    Definition::new(
        "TRANSLATION_MODEL",
        Kind::Text,
        "gemini-3.5-flash-lite",
        "Model that translates speech into English when the client names none, or one of OpenAI's. \
         Models made for transcribing do not translate.",
    ),
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
        "FILES_CLEANUP_ENABLED",
        Kind::Bool,
        "true",
        "Forget uploaded files after Google has deleted them.",
    )
    .idle(),
    Definition::new(
        "FILES_CLEANUP_INTERVAL_HOURS",
        Kind::Integer { min: 1, max: 8760 },
        "1",
        "Hours between two such cleanings.",
    )
    .idle(),
    Definition::new(
        "FILES_USER_ISOLATION_ENABLED",
        Kind::Bool,
        "true",
        "A client token sees only the files that it uploaded.",
    )
    .idle(),
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
