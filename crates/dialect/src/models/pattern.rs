//! What a model's name alone tells.

use super::rules::{Family, Level, Levels, Rules, Thinking};

/// The rules for a name that the registry may not know. Unknown names count as the newest
/// generation, since Google releases models faster than we do.
pub(super) fn rules(name: &str) -> Rules {
    let family = family(name);
    Rules {
        family,
        thinking: thinking(name, family),
        max_output: None,
        sampling: family < Family::Gemini36,
        penalties: !name.starts_with("gemini-2.5"),
        candidates: family <= Family::Gemini25,
        prefill: family < Family::Gemini36,
        system_instruction: family != Family::Gemma,
        images: makes_pictures(name),
        speech: name.contains("-tts") || name.contains("native-audio"),
    }
}

/// The name is that of a model that makes pictures.
pub(super) fn makes_pictures(name: &str) -> bool {
    name.contains("-image") || name.contains("banana")
}

/// Google gives none of it away: what makes pictures, films and music, Pro models, the largest of
/// the fourth generation.
pub(super) fn is_paid_only(name: &str) -> bool {
    let paid = ["veo-", "lyria-", "gemini-omni-", "gemini-4-argon", "gemini-pro-latest"];
    let is_pro = || name.contains("-pro") && version(name).is_some_and(|version| version >= (2, 5));
    makes_pictures(name) || paid.iter().any(|prefix| name.starts_with(prefix)) || is_pro()
}

fn family(name: &str) -> Family {
    if name.starts_with("gemma") {
        return Family::Gemma;
    }
    let old = ["gemini-1", "gemini-2", "gemini-robotics-er-1.5", "tunedModels/", "learnlm"];
    if old.iter().any(|prefix| name.starts_with(prefix))
        || matches!(name, "gemini-pro" | "gemini-pro-vision")
    {
        return Family::Gemini25;
    }
    match version(name) {
        Some((3, minor)) if minor < 5 => Family::Gemini3,
        Some((3, 5)) if !name.starts_with("gemini-3.5-flash-lite") => Family::Gemini3,
        Some((major, _)) if major >= 4 => Family::Gemini4,
        _ => Family::Gemini36,
    }
}

/// `(3, 8)` of `gemini-3.8-flash`.
pub(super) fn version(name: &str) -> Option<(u32, u32)> {
    let number = name.strip_prefix("gemini-")?.split('-').next()?;
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    Some((major.parse().ok()?, minor.parse().unwrap_or(0)))
}

fn thinking(name: &str, family: Family) -> Thinking {
    let thoughtless = ["-tts", "-image", "banana", "embedding", "transcribe", "-live", "-audio"];
    if family == Family::Gemma || thoughtless.iter().any(|mark| name.contains(mark)) {
        return Thinking::None;
    }
    if family == Family::Gemini25 {
        return budget(name);
    }
    let lowest = if starts_at_low(name, family) { Level::Low } else { Level::Minimal };
    let highest = if name.contains("hydrogen") { Level::XHigh } else { Level::High };
    Thinking::Level(Levels::range(lowest, highest))
}

fn budget(name: &str) -> Thinking {
    if !name.starts_with("gemini-2.5") {
        return Thinking::None;
    }
    if name.contains("pro") {
        Thinking::Budget { min: 128, max: 32_768, can_disable: false }
    } else if name.contains("lite") {
        Thinking::Budget { min: 512, max: 24_576, can_disable: true }
    } else {
        Thinking::Budget { min: 0, max: 24_576, can_disable: true }
    }
}

fn starts_at_low(name: &str, family: Family) -> bool {
    let lite = name.contains("-lite");
    let flash = name.contains("-flash") && !lite;
    let late_flash = flash && version(name).is_none_or(|version| version >= (3, 7));
    family == Family::Gemini4 || name.contains("-pro") || late_flash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_generation() {
        let check = |name: &str, expected: Family| assert_eq!(family(name), expected, "{name}");
        check("gemini-2.5-flash-preview-09-2025", Family::Gemini25);
        check("gemini-1.5-pro", Family::Gemini25);
        check("gemini-pro", Family::Gemini25);
        check("gemini-3-flash-preview", Family::Gemini3);
        check("gemini-3.5-flash", Family::Gemini3);
        check("gemini-3.5-flash-lite-preview", Family::Gemini36);
        check("gemini-3.9-flash", Family::Gemini36);
        check("gemini-flash-latest", Family::Gemini36);
        check("gemini-5-neon", Family::Gemini4);
        check("gemma-5-1b", Family::Gemma);
        check("something-else", Family::Gemini36);
    }

    #[test]
    fn names_tell_what_has_no_free_tier() {
        let paid = [
            "gemini-3.1-flash-image",
            "nano-banana-pro-preview",
            "veo-3.1-fast-generate-preview",
            "lyria-3.5",
            "gemini-omni-1.2-flash",
            "gemini-3.1-pro-preview",
            "gemini-2.5-pro-preview-tts",
            "gemini-4-argon",
        ];
        let free = [
            "gemini-3.8-flash",
            "gemini-3.5-flash-lite",
            "gemini-2.5-flash-preview-tts",
            "gemini-embedding-2",
            "gemma-4-31b-it",
            "gemini-1.5-pro",
            "something-pro",
        ];
        for name in paid {
            assert!(is_paid_only(name), "{name}");
        }
        for name in free {
            assert!(!is_paid_only(name), "{name}");
        }
    }

    #[test]
    fn unknown_models_never_get_a_level_they_may_refuse() {
        let lowest = |name: &str| match rules(name).thinking {
            Thinking::Level(levels) => levels.lowest(),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(lowest("gemini-3.9-pro"), Level::Low);
        assert_eq!(lowest("gemini-3.9-flash"), Level::Low);
        assert_eq!(lowest("gemini-3.9-flash-lite"), Level::Minimal);
        assert_eq!(lowest("gemini-4-neon"), Level::Low);
        assert_eq!(rules("gemini-2.0-flash").thinking, Thinking::None);
        assert_eq!(rules("gemini-3.9-flash-image").thinking, Thinking::None);
    }
}
