//! What one model is called, whether it is offered, and who answers in its place: changes of the
//! settings about models.

use std::collections::BTreeMap;

use serde::Serialize;

use super::settings as changes;
use crate::State;
use crate::access::Identity;
use crate::error::Error;

/// A change that concerns one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModelChange {
    /// Hides it from lists, and refuses it.
    Hide,
    Show,
    /// Clients may call it by this name, too.
    Alias(String),
    /// Not by this name any more.
    Unalias(String),
    /// Those that are asked when it cannot answer, in this order.
    Fallbacks(Vec<String>),
}

impl ModelChange {
    pub(crate) fn of_name(name: &str, value: &str) -> Result<Self, Error> {
        let value = value.trim();
        let names = value.split([',', ' ', '\n', '\r']).filter(|name| !name.is_empty());
        match name {
            "hide" => Ok(Self::Hide),
            "show" => Ok(Self::Show),
            "alias" | "unalias" if value.is_empty() => Err(Error::invalid("value", "is empty")),
            "alias" => Ok(Self::Alias(value.to_owned())),
            "unalias" => Ok(Self::Unalias(value.to_owned())),
            "fallbacks" => Ok(Self::Fallbacks(names.map(str::to_owned).collect())),
            _ => {
                let accepted = "accepted are hide, show, alias, unalias and fallbacks";
                Err(Error::invalid("action", accepted))
            }
        }
    }
}

/// Changes what holds for a model, through the settings, with their history.
pub(crate) async fn change(
    state: &State,
    identity: &Identity,
    model: &str,
    change: ModelChange,
) -> Result<(), Error> {
    let mut models = changes::resolved(state).await?.settings.models;
    let (setting, text) = match change {
        ModelChange::Hide | ModelChange::Show => {
            models.filtered.retain(|name| name != model);
            if change == ModelChange::Hide {
                models.filtered.push(model.to_owned());
            }
            ("FILTERED_MODELS", json(&models.filtered)?)
        }
        ModelChange::Alias(alias) => {
            if let Some(other) = models.aliases.get(&alias).filter(|other| *other != model) {
                return Err(Error::invalid("value", format!("{alias} stands for {other} already")));
            }
            models.aliases.insert(alias, model.to_owned());
            ("MODEL_ALIASES", json(&models.aliases)?)
        }
        ModelChange::Unalias(alias) => {
            models.aliases.retain(|name, meant| *name != alias || meant != model);
            ("MODEL_ALIASES", json(&models.aliases)?)
        }
        ModelChange::Fallbacks(next) => {
            models.fallbacks.retain(|name, _| name != model);
            if !next.is_empty() {
                models.fallbacks.insert(model.to_owned(), next);
            }
            ("MODEL_FALLBACKS", json(&models.fallbacks)?)
        }
    };
    let wanted = BTreeMap::from([(setting.to_owned(), Some(text))]);
    let planned = changes::plan(state, &wanted).await?;
    changes::save(state, identity, &planned).await
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| Error::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_read_from_what_was_typed() {
        let read = |name, value| ModelChange::of_name(name, value).map_err(|_| ());
        assert_eq!(read("hide", ""), Ok(ModelChange::Hide));
        assert_eq!(read("alias", " gpt-4o "), Ok(ModelChange::Alias("gpt-4o".to_owned())));
        let fallbacks = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(read("fallbacks", "a, b\r\nc"), Ok(ModelChange::Fallbacks(fallbacks)));
        assert_eq!(read("fallbacks", " "), Ok(ModelChange::Fallbacks(Vec::new())));
        assert_eq!(read("alias", " "), Err(()));
        assert_eq!(read("dance", "x"), Err(()));
    }
}
