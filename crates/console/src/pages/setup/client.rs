//! `/admin/setup/client`: a token for the first client, and how that is connected.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use store::TokenGrant;

use super::Step;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::tokens as changes;
use crate::error::Error;
use crate::page::Page;
use crate::pages::connect::ConnectPage;
use crate::shell::Shell;
use crate::words::setup::SetupWords;

#[derive(Template)]
#[template(path = "setup_client.html")]
struct ClientPage {
    shell: Shell,
    w: &'static SetupWords,
    step: Step,
    problem: String,
}

#[derive(Deserialize)]
pub(crate) struct NewToken {
    name: String,
}

pub(crate) async fn show(shell: Shell) -> Response {
    if !shell.may_change() {
        return Redirect::to("/admin").into_response();
    }
    Page(ClientPage::new(shell, String::new())).into_response()
}

/// `POST /admin/setup/client`: makes the token, and shows it this once.
pub(crate) async fn create(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    token: Result<Form<NewToken>, FormRejection>,
) -> Result<Response, Error> {
    let Form(NewToken { name }) = token?;
    match changes::create(&console.store, &identity, &name, &TokenGrant::default()).await {
        Ok(made) => {
            let page = ConnectPage::of_made(&console, shell, &headers, &made).within_setup();
            Ok(Page(page).into_response())
        }
        Err(error @ (Error::Invalid { .. } | Error::Conflict(_))) => {
            let page = ClientPage::new(shell, error.to_string());
            Ok((StatusCode::BAD_REQUEST, Page(page)).into_response())
        }
        Err(error) => Err(error),
    }
}

impl ClientPage {
    fn new(shell: Shell, problem: String) -> Self {
        let w = SetupWords::of(shell.language);
        Self { shell, w, step: Step::Client, problem }
    }
}
