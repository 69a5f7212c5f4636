//! `POST /admin/settings/test`: what was typed, tried out before it is saved.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::review::wanted;
use super::{SettingsPage, Wanted};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::settings as changes;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::trials::Trial;

/// Answers with the settings as they were typed, and how those at the other end answered.
pub(crate) async fn test(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    fields: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Result<Response, Error> {
    let Form(fields) = fields?;
    let name = fields.get("_test").map(String::as_str).unwrap_or_default();
    let trial = Trial::of_name(name).ok_or(Error::NotFound("There is no such test."))?;
    let group = fields.get("_group").cloned().unwrap_or_default();
    let shown = Wanted { group, ..Wanted::default() };
    let planned = changes::plan(&console, &wanted(&console, &fields)).await;
    let tried = match planned {
        Ok(planned) => {
            let then = changes::foreseen(&console, &planned).await?;
            trial.run(&console, &then.settings).await
        }
        Err(error) => Err(error),
    };
    match tried {
        Ok(tried) => {
            console.store.note(&identity.actor, "settings.test", trial.name(), "").await?;
            let page = SettingsPage::new(&console, shell, shown, String::new(), fields).await?;
            Ok(Page(SettingsPage { tried: Some(tried), ..page }).into_response())
        }
        Err(Error::Invalid { problem, .. }) => {
            let page = SettingsPage::new(&console, shell, shown, problem, fields).await?;
            Ok((StatusCode::BAD_REQUEST, Page(page)).into_response())
        }
        Err(error) => Err(error),
    }
}
