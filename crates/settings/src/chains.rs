//! Whether the models of `MODEL_FALLBACKS` are known.

use crate::error::SettingError;
use crate::kind::Kind;
use crate::layers::{Findings, Values};

const NAME: &str = "MODEL_FALLBACKS";

/// How names of Google's models begin. Newer models than this program knows begin like that too.
const FAMILIES: [&str; 10] = [
    "gemini-",
    "gemma-",
    "learnlm-",
    "tunedModels/",
    "imagen-",
    "veo-",
    "lyria-",
    "nano-banana",
    "deep-research",
    "aqa",
];

/// A name is known that begins like one of Google's or is an alias. What the environment alone says
/// must be right; where a person's saved value is to blame, there are no fallbacks.
pub(crate) fn check(values: &mut Values, findings: &mut Findings) {
    let Some(problem) = problem(values) else { return };
    let error = SettingError::Invalid {
        name: NAME.to_owned(),
        problem,
        accepted: Kind::ModelChains.accepts(),
    };
    let is_stored = |name| values.entry(name).is_some_and(|entry| entry.origin.is_saved());
    if is_stored(NAME) || is_stored("MODEL_ALIASES") {
        findings.warnings.push(error);
        values.unset(NAME);
    } else {
        findings.errors.push(error);
    }
}

fn problem(values: &Values) -> Option<String> {
    let aliases = values.map("MODEL_ALIASES");
    let alias_of = |name: &str| {
        aliases.iter().find(|(alias, _)| is_same(alias, name)).map(|(_, model)| model.as_str())
    };
    let is_known = |name: &str| {
        FAMILIES.iter().any(|start| name.starts_with(start)) || alias_of(name).is_some()
    };
    for (model, next) in values.chains(NAME) {
        let meant = |name: &str| plain(alias_of(name).unwrap_or(name)).to_owned();
        for name in std::iter::once(&model).chain(&next) {
            if !is_known(name) {
                return Some(format!(
                    "names {name:?}, which is neither a model of Google's nor in MODEL_ALIASES"
                ));
            }
        }
        if let Some(same) = next.iter().find(|name| meant(name) == meant(&model)) {
            return Some(format!(
                "goes round in a circle: {model:?} and {same:?} are the same model"
            ));
        }
    }
    None
}

fn is_same(alias: &str, name: &str) -> bool {
    plain(alias) == name
}

fn plain(name: &str) -> &str {
    name.strip_prefix("models/").unwrap_or(name)
}
