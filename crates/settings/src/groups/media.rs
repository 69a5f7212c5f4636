//! Speech and files; pictures are in a file of their own.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of speech and files.
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
