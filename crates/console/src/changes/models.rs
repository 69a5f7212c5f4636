//! What one model is called, whether it is offered, and who answers in its place: changes of the
//! settings about models.

use std::collections::BTreeMap;

use serde::Serialize;
use settings::Models;

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
    /// One more of them, after all others.
    Fallback(String),
    /// One of them no more.
    NoFallback(String),
    /// One of them before the one that it came after.
    Raise(String),
    /// One of them after the one that it came before.
    Lower(String),
}

impl ModelChange {
    pub(crate) fn of_name(name: &str, value: &str) -> Result<Self, Error> {
        let value = value.trim();
        let names = value.split([',', ' ', '\n', '\r']).filter(|name| !name.is_empty());
        match name {
            "hide" => Ok(Self::Hide),
            "show" => Ok(Self::Show),
            "fallbacks" => Ok(Self::Fallbacks(names.map(str::to_owned).collect())),
            "alias" | "unalias" | "fallback" | "unfallback" | "raise" | "lower"
                if value.is_empty() =>
            {
                Err(Error::invalid("value", "is empty"))
            }
            "alias" => Ok(Self::Alias(value.to_owned())),
            "unalias" => Ok(Self::Unalias(value.to_owned())),
            "fallback" => Ok(Self::Fallback(value.to_owned())),
            "unfallback" => Ok(Self::NoFallback(value.to_owned())),
            "raise" => Ok(Self::Raise(value.to_owned())),
            "lower" => Ok(Self::Lower(value.to_owned())),
            _ => {
                let accepted = "accepted are hide, show, alias, unalias, fallback, unfallback, \
                    fallbacks, raise and lower";
                Err(Error::invalid("action", accepted))
            }
        }
    }
}

/// Changes what holds for a model, through the settings, with their history: all of it or nothing.
pub(crate) async fn change(
    state: &State,
    identity: &Identity,
    model: &str,
    wanted: Vec<ModelChange>,
) -> Result<(), Error> {
    let wanted = wanted.into_iter().map(|change| (model.to_owned(), change)).collect();
    change_many(state, identity, wanted).await
}

/// Hides models, or offers them again.
pub(crate) async fn hide(
    state: &State,
    identity: &Identity,
    models: Vec<String>,
    action: &str,
) -> Result<(), Error> {
    let change = match action {
        "hide" => ModelChange::Hide,
        "show" => ModelChange::Show,
        _ => return Err(Error::invalid("action", "accepted are hide and show")),
    };
    if models.is_empty() {
        return Err(Error::invalid("models", "no model is meant"));
    }
    let wanted = models.into_iter().map(|model| (model, change.clone())).collect();
    change_many(state, identity, wanted).await
}

/// Changes what holds for several models, as one entry of the settings' history.
async fn change_many(
    state: &State,
    identity: &Identity,
    wanted: Vec<(String, ModelChange)>,
) -> Result<(), Error> {
    let before = changes::resolved(state).await?.settings.models;
    let mut after = before.clone();
    for (model, change) in wanted {
        apply(&mut after, &model, change)?;
    }
    let mut wanted = BTreeMap::new();
    if after.filtered != before.filtered {
        wanted.insert("FILTERED_MODELS".to_owned(), Some(json(&after.filtered)?));
    }
    if after.aliases != before.aliases {
        wanted.insert("MODEL_ALIASES".to_owned(), Some(json(&after.aliases)?));
    }
    if after.fallbacks != before.fallbacks {
        wanted.insert("MODEL_FALLBACKS".to_owned(), Some(json(&after.fallbacks)?));
    }
    let planned = changes::plan(state, &wanted).await?;
    changes::save(state, identity, &planned).await
}

fn apply(models: &mut Models, model: &str, change: ModelChange) -> Result<(), Error> {
    match change {
        ModelChange::Hide if models.filtered.iter().any(|name| name == model) => {}
        ModelChange::Hide => models.filtered.push(model.to_owned()),
        ModelChange::Show => models.filtered.retain(|name| name != model),
        ModelChange::Alias(alias) => {
            if let Some(other) = models.aliases.get(&alias).filter(|other| *other != model) {
                return Err(Error::invalid("value", format!("{alias} stands for {other} already")));
            }
            models.aliases.insert(alias, model.to_owned());
        }
        ModelChange::Unalias(alias) => {
            models.aliases.retain(|name, meant| *name != alias || meant != model);
        }
        ModelChange::Fallbacks(next) => set_chain(models, model, next),
        change => {
            let mut chain = models.fallbacks.get(model).cloned().unwrap_or_default();
            rearrange(&mut chain, change);
            set_chain(models, model, chain);
        }
    }
    Ok(())
}

fn set_chain(models: &mut Models, model: &str, next: Vec<String>) {
    models.fallbacks.retain(|name, _| name != model);
    if !next.is_empty() {
        models.fallbacks.insert(model.to_owned(), next);
    }
}

/// Changes one place of a chain; what is not in it stays where it is.
fn rearrange(chain: &mut Vec<String>, change: ModelChange) {
    let place = |chain: &[String], name: &str| chain.iter().position(|one| one == name);
    match change {
        ModelChange::Fallback(name) if place(chain, &name).is_none() => chain.push(name),
        ModelChange::NoFallback(name) => chain.retain(|one| *one != name),
        ModelChange::Raise(name) => {
            if let Some(at) = place(chain, &name).filter(|at| *at > 0) {
                chain.swap(at, at - 1);
            }
        }
        ModelChange::Lower(name) => {
            if let Some(at) = place(chain, &name).filter(|at| at + 1 < chain.len()) {
                chain.swap(at, at + 1);
            }
        }
        _ => {}
    }
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

    #[test]
    fn a_chain_is_rearranged_one_place_at_a_time() {
        let after = |action: &str, value: &str| {
            let mut chain = ["a", "b", "c"].map(str::to_owned).to_vec();
            rearrange(&mut chain, ModelChange::of_name(action, value).unwrap());
            chain.concat()
        };
        assert_eq!([after("raise", "c"), after("raise", "a")], ["acb", "abc"]);
        assert_eq!([after("lower", "a"), after("lower", "c")], ["bac", "abc"]);
        assert_eq!([after("fallback", "d"), after("fallback", "b")], ["abcd", "abc"]);
        assert_eq!([after("unfallback", "b"), after("raise", "z")], ["ac", "abc"]);
    }
}
