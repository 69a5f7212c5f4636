//! `POST /admin/keys/act`: does something to the chosen keys, or to all that the filter finds.

use axum::extract::{RawForm, State};
use axum::response::Redirect;
use keypool::KeyId;

use super::read_filter;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::keys::{self as changes, Meant};
use crate::error::Error;
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
    let filter = read_filter(&wanted.filter)?;
    let back = filter.with("page", &filter.page);
    let meant = if wanted.all { Meant::Matching(filter) } else { Meant::These(wanted.ids) };
    let ids = meant.ids(&console).await?;
    let is_removal = action == Action::Remove;
    if is_removal {
        confirmed(ids.len(), &wanted.confirm)?;
    }
    let job = changes::act(&console, &identity, action, Meant::These(ids)).await?;
    let there = if is_removal {
        let joint = if back.is_empty() { "" } else { "&" };
        format!("/admin/keys?{back}{joint}removed={}", job.id)
    } else {
        format!("/admin/jobs/{}", job.id)
    };
    Ok(Redirect::to(&there))
}

/// Whether so many keys may be deleted by whoever typed this.
pub(crate) fn confirmed(count: usize, typed: &str) -> Result<(), Error> {
    let is_right = typed.trim().replace([',', ' '], "") == count.to_string();
    if count > UNASKED && !is_right {
        return Err(Error::invalid("confirm", format!("is not {count}, the number of keys meant")));
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
