//! Names of voices.

/// Gemini's prebuilt voices.
pub const GEMINI: [&str; 30] = [
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

/// OpenAI's voices, and those of Gemini's that sound most like them.
const OPENAI: [(&str, &str); 13] = [
    ("alloy", "Kore"),
    ("ash", "Orus"),
    ("ballad", "Umbriel"),
    ("cedar", "Charon"),
    ("coral", "Leda"),
    ("echo", "Puck"),
    ("fable", "Aoede"),
    ("marin", "Despina"),
    ("nova", "Zephyr"),
    ("onyx", "Algenib"),
    ("sage", "Sulafat"),
    ("shimmer", "Achernar"),
    ("verse", "Fenrir"),
];

/// Gemini's name of a voice that has one of Gemini's or of OpenAI's names.
pub(super) fn find(name: &str) -> Option<&'static str> {
    let name = name.trim();
    let of_gemini = GEMINI.into_iter().find(|known| known.eq_ignore_ascii_case(name));
    let of_openai = || OPENAI.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    of_gemini.or_else(|| of_openai().map(|(_, voice)| voice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_are_found_in_any_case() {
        assert_eq!(find("kore"), Some("Kore"));
        assert_eq!(find(" SULAFAT"), Some("Sulafat"));
        assert_eq!(find("Alloy"), Some("Kore"));
        assert_eq!(find("nobody"), None);
    }

    #[test]
    fn every_voice_stands_for_one_of_geminis() {
        for (name, voice) in OPENAI {
            assert!(GEMINI.contains(&voice), "{name}");
        }
    }
}
