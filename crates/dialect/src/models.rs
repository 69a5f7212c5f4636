//! What is known of each model, and what is assumed of models that are not known.
//!
//! [`find`] looks into the registry (`data/models.json`); [`rules()`] says how to write a request for
//! any name: by the registry where it knows, by the pattern of the name elsewhere.
//!
//! [`Offers`] are names that only the gateway knows; what they ask for beside a model are
//! [`Changes`] of Gemini's request, and [`extend`] puts them into Gemini's list.

mod additions;
mod changes;
mod list;
mod offers;
mod pattern;
mod patterns;
mod registry;
mod rules;
mod speaking;

pub use additions::Additions;
pub(crate) use additions::ROOM;
pub(crate) use changes::Complete;
pub use changes::{Changed, Changes, Think};
pub use list::extend;
pub use offers::{BuiltIns, Offers, Resolved};
pub use patterns::Patterns;
pub use registry::{FreeTier, Model, all, find};
pub use rules::{Family, Level, Levels, Rules, Thinking, rules};
pub use speaking::{Speaking, speaking};

/// A model name without what clients put before it: `models/`, `google/`, `gemini/`.
pub fn strip_prefix(name: &str) -> &str {
    let mut name = name.trim();
    while let Some(rest) =
        ["models/", "google/", "gemini/"].iter().find_map(|prefix| name.strip_prefix(prefix))
    {
        name = rest;
    }
    name
}

/// The model has no free tier at all: keys of projects without billing have no quota of it. Told by
/// its name alone, for this is asked about every request.
pub fn needs_billing(name: &str) -> bool {
    pattern::is_paid_only(name)
}

/// The name can become part of an upstream path.
pub(crate) fn is_path(name: &str) -> bool {
    let clean = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:@".contains(&byte);
    let mut segments = name.split('/');
    name.bytes().all(clean) && segments.all(|segment| !matches!(segment, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_taken_off() {
        assert_eq!(strip_prefix("google/models/gemini-3.8-flash"), "gemini-3.8-flash");
        assert_eq!(strip_prefix("tunedModels/x"), "tunedModels/x");
    }
}
