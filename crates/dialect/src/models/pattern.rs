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
