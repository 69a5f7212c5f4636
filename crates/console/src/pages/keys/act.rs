//! `POST /admin/keys/act`: does something to the chosen keys, or to all that the filter finds.

use axum::extract::{RawForm, State};
use axum::response::Redirect;
use keypool::KeyId;

use super::read_filter;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::keys::{self as changes, Meant};
use crate::error::Error;
use crate::format::count;
use crate::shell::Shell;
use crate::words::fill;
use crate::words::keys::KeysWords;
use crate::work::Action;

/// More keys than these are deleted only by whoever typed how many they are.
pub(crate) const UNASKED: usize = 100;

/// What the form of many keys says.
#[derive(Debug, Default)]
struct Wanted {
    action: String,
    label: String,
    minutes: String,
    /// Not those that are chosen, but all that the filter finds.
    all: bool,
    /// The filter of the page that the form stands on.
    filter: String,
    ids: Vec<KeyId>,
    /// How many keys are to be deleted.
    confirm: String,
}

pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    RawForm(form): RawForm,
) -> Result<Redirect, Error> {
    let wanted = Wanted::read(&form);
    let action = Action::of_name(&wanted.action, &wanted.label, &wanted.minutes)?;
    let (filter, confirm) = (read_filter(&wanted.filter)?, wanted.confirm.clone());
    let back = filter.with("page", &filter.page);
    let ids = wanted.meant()?.ids(&console).await?;
    let can_be_undone = action.can_be_undone();
    if action == Action::Remove {
        confirmed(ids.len(), &confirm)?;
    }
    let job = changes::act(&console, &identity, action, Meant::These(ids)).await?;
    let there = if can_be_undone {
        let joint = if back.is_empty() { "" } else { "&" };
        format!("/admin/keys?{back}{joint}job={}", job.id)
    } else {
        format!("/admin/jobs/{}", job.id)
    };
    Ok(Redirect::to(&there))
}

/// `POST /admin/keys/losses`: what goes out of reach if the chosen keys are deleted, in words;
/// nothing if nothing does.
pub(crate) async fn losses(
    State(console): State<Console>,
    shell: Shell,
    RawForm(form): RawForm,
) -> Result<String, Error> {
    let lost = changes::at_stake(&console, &Wanted::read(&form).meant()?).await?.total();
    let w = KeysWords::of(shell.language);
    Ok(if lost == 0 { String::new() } else { fill(w.losses, count(lost)) })
}

/// Whether so many keys may be deleted by whoever typed this.
pub(crate) fn confirmed(keys: usize, typed: &str) -> Result<(), Error> {
    let is_right = typed.trim().replace([',', ' '], "") == keys.to_string();
    if keys > UNASKED && !is_right {
        return Err(Error::invalid("confirm", format!("is not {keys}, the number of keys meant")));
    }
    Ok(())
}

impl Wanted {
    fn read(form: &[u8]) -> Self {
        let mut wanted = Self::default();
        for (name, value) in url::form_urlencoded::parse(form) {
            match &*name {
                "action" => wanted.action = value.into_owned(),
                "label" => wanted.label = value.into_owned(),
                "minutes" => wanted.minutes = value.into_owned(),
                "all" => wanted.all = true,
                "filter" => wanted.filter = value.into_owned(),
                "confirm" => wanted.confirm = value.into_owned(),
                "id" => wanted.ids.push(KeyId::from(value.into_owned())),
                _ => {}
            }
        }
        wanted
    }

    fn meant(self) -> Result<Meant, Error> {
        Ok(if self.all {
            Meant::Matching(Box::new(read_filter(&self.filter)?))
        } else {
            Meant::These(self.ids)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_deleted_only_by_whoever_typed_how_many() {
        assert!(confirmed(UNASKED, "").is_ok());
        assert!(confirmed(1_204, " 1,204").is_ok());
        for typed in ["", "1205", "all"] {
            assert!(confirmed(1_204, typed).unwrap_err().to_string().contains("1204"), "{typed}");
        }
    }
}
