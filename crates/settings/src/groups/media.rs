//! Speech and files; pictures are in a file of their own.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of speech and files.
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
        "FILE_AFFINITY",
        Kind::Seconds { min: 0, max: 172_800 },
        "600s",
        "Files that a client uploads, and stores for file search that it makes, within this time \
         of its last file, store or cache go to the same project of Google, if its key can serve: \
         one request can only use what is in one project. 0 spreads them.",
    ),
    Definition::new(
        "FILE_COPY",
        Kind::Bool,
        "false",
        "Where a request names files of two projects of Google, copy the smaller one to the project \
         of the other. That is possible only for files that Google has made itself (films, output \
         of batches), for it hands no uploaded file out again.",
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
