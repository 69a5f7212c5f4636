//! `/admin/tokens/{id}/connect`: how clients are connected with a token, and a message to try it.

use askama::Template;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::{Form, Json};
use http::HeaderMap;
use secret::ClientToken;
use serde::Deserialize;
use serde_json::{Value, json};
use store::StoredToken;

use crate::State as Console;
use crate::access::Identity;
use crate::changes::{Made, tokens as changes};
use crate::connect::{self, App, Block, Facts, PLACEHOLDER, Protocol, Told};
use crate::error::Error;
use crate::page::Page;
use crate::qr::Picture;
use crate::shell::Shell;
use crate::words::connect::ConnectWords;
use crate::words::setup::SetupWords;

#[derive(Template)]
#[template(path = "connect.html")]
pub(crate) struct ConnectPage {
    shell: Shell,
    w: &'static ConnectWords,
    id: String,
    name: String,
    /// The token itself, in the one moment in which it is known.
    secret: Option<String>,
    /// Whether it lets anybody in.
    in_use: bool,
    base: String,
    app: App,
    model: String,
    told: Option<Told>,
    /// Within the setup, whose last step this is.
    setup: Option<&'static SetupWords>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    app: String,
}

#[derive(Deserialize)]
pub(crate) struct LinkWanted {
    app: String,
    token: String,
}

#[derive(Deserialize)]
pub(crate) struct Trial {
    protocol: String,
    model: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    headers: HeaderMap,
    Path(id): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<ConnectPage>, Error> {
    let Query(Wanted { app }) = wanted?;
    let mut page =
        ConnectPage::new(&console, shell, &headers, changes::find(&console.store, &id).await?);
    page.app = App::of_id(&app).unwrap_or(App::ALL[0]);
    Ok(Page(page))
}

/// `POST /admin/tokens/{id}/connect/link`: the link that tells a client everything. It holds the
/// token, so it is made when somebody asks, and nobody keeps it.
pub(crate) async fn link(
    State(console): State<Console>,
    headers: HeaderMap,
    Path(id): Path<String>,
    wanted: Result<Form<LinkWanted>, FormRejection>,
) -> Result<Json<Value>, Error> {
    let Form(LinkWanted { app, token }) = wanted?;
    let app = App::of_id(&app).ok_or_else(|| Error::invalid("app", "is none that is known"))?;
    let stored = changes::find(&console.store, &id).await?;
    let token = token.trim();
    if !changes::is_secret_of(&stored, token) {
        return Err(Error::invalid("token", "is not the secret of this client token"));
    }
    if !connect::fits_links(token) {
        return Err(Error::invalid("token", "has letters that a link cannot carry"));
    }
    let base = connect::address(&console, &headers);
    let link = app.link(Facts { base: &base, token });
    let link = link.ok_or_else(|| Error::invalid("app", "takes no link"))?;
    Ok(Json(json!({"link": link})))
}

/// `POST /admin/tokens/{id}/connect/test`: sends a message as a client with this token would.
pub(crate) async fn test(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    Path(id): Path<String>,
    trial: Result<Form<Trial>, FormRejection>,
) -> Result<Page<ConnectPage>, Error> {
    let Form(Trial { protocol, model }) = trial?;
    let stored = changes::find(&console.store, &id).await?;
    let told = changes::try_out(&console, &identity, &stored, &protocol, &model).await?;
    let mut page = ConnectPage::new(&console, shell, &headers, stored);
    model.trim().clone_into(&mut page.model);
    page.told = Some(told);
    Ok(Page(page))
}

/// A client, and what it is told.
struct Section {
    app: App,
    blocks: Vec<Block>,
}

/// A protocol, and how a message went if one was sent just now.
struct Tried<'p> {
    protocol: Protocol,
    told: Option<&'p Told>,
}

impl ConnectPage {
    fn new(console: &Console, shell: Shell, headers: &HeaderMap, token: StoredToken) -> Self {
        let now = relay::now();
        Self {
            w: ConnectWords::of(shell.language),
            shell,
            in_use: token.revoked_at.is_none() && token.expires_at.is_none_or(|end| end > now),
            id: token.id,
            name: token.name,
            secret: None,
            base: connect::address(console, headers),
            app: App::ALL[0],
            model: console.gateway.configuration().settings.models.test_model.clone(),
            told: None,
            setup: None,
        }
    }

    /// The page of a token that was made just now: it shows the secret, this once.
    pub(crate) fn of_made(
        console: &Console,
        shell: Shell,
        headers: &HeaderMap,
        made: &Made<ClientToken>,
    ) -> Self {
        Self {
            w: ConnectWords::of(shell.language),
            shell,
            in_use: true,
            id: made.id.clone(),
            name: made.name.clone(),
            secret: Some(made.token.expose().to_owned()),
            base: connect::address(console, headers),
            app: App::ALL[0],
            model: console.gateway.configuration().settings.models.test_model.clone(),
            told: None,
            setup: None,
        }
    }

    /// The same as the last step of the setup.
    pub(crate) fn within_setup(self) -> Self {
        Self { setup: Some(SetupWords::of(self.shell.language)), ..self }
    }

    /// All clients while the token is known, since another page would not know it; else the chosen one.
    fn sections(&self) -> Vec<Section> {
        let token = self.secret.as_deref().unwrap_or(PLACEHOLDER);
        let facts = Facts { base: &self.base, token };
        let shown = App::ALL.into_iter().filter(|app| self.secret.is_some() || *app == self.app);
        shown.map(|app| Section { app, blocks: app.blocks(facts) }).collect()
    }

    /// The token for phones to read, in the same moment.
    fn picture(&self) -> Option<Picture> {
        Picture::of(self.secret.as_deref()?)
    }

    /// The three addresses, for clients that are not in the list.
    fn addresses(&self) -> [(&'static str, String); 3] {
        let base = &self.base;
        [("OpenAI", format!("{base}/v1")), ("Anthropic", base.clone()), ("Gemini", base.clone())]
    }

    fn trials(&self) -> [Tried<'_>; 4] {
        Protocol::ALL.map(|protocol| {
            let told = self.told.as_ref().filter(|told| told.protocol == protocol);
            Tried { protocol, told }
        })
    }

    /// What helps against an answer of this kind.
    fn helps(&self, told: &Told) -> &'static str {
        match told.status {
            Some(400) => self.w.helps_400,
            Some(401) => self.w.helps_401,
            Some(403) => self.w.helps_403,
            Some(404) => self.w.helps_404,
            Some(429) => self.w.helps_429,
            Some(503) => self.w.helps_503,
            _ => self.w.helps_otherwise,
        }
    }
}
