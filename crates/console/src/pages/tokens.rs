//! `/admin/tokens`: the clients' tokens, and how to connect a client with one.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Redirect;
use http::HeaderMap;
use secret::ClientToken;
use serde::Deserialize;
use store::{Store, StoredToken};

use crate::access::Identity;
use crate::changes::{Made, labels, tokens as changes};
use crate::error::Error;
use crate::page::Page;
use crate::shell::{self, Shell};
use crate::words::tokens::TokensWords;

#[derive(Template)]
#[template(path = "tokens.html")]
pub(crate) struct TokensPage {
    shell: Shell,
    w: &'static TokensWords,
    tokens: Vec<StoredToken>,
}

#[derive(Template)]
#[template(path = "token_created.html")]
pub(crate) struct CreatedPage {
    shell: Shell,
    w: &'static TokensWords,
    name: String,
    token: String,
    base: String,
}

#[derive(Deserialize)]
pub(crate) struct NewToken {
    name: String,
    #[serde(default)]
    tags: String,
}

pub(crate) async fn list(
    State(store): State<Store>,
    shell: Shell,
) -> Result<Page<TokensPage>, Error> {
    let w = TokensWords::of(shell.language);
    let tokens = store.list_tokens().await?;
    Ok(Page(TokensPage { shell, w, tokens }))
}

/// `POST /admin/tokens`: makes one, and shows it this once.
pub(crate) async fn create(
    State(store): State<Store>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    token: Result<Form<NewToken>, FormRejection>,
) -> Result<Page<CreatedPage>, Error> {
    let Form(NewToken { name, tags }) = token?;
    let made = changes::create(&store, &identity, &name, labels(&tags)).await?;
    Ok(Page(CreatedPage::new(shell, &made, shell::base(&headers))))
}

/// `POST /admin/tokens/{id}/revoke`.
pub(crate) async fn revoke(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    changes::revoke(&store, &identity, &id).await?;
    Ok(Redirect::to("/admin/tokens"))
}

/// How one client is connected.
struct Snippet {
    id: &'static str,
    client: &'static str,
    text: String,
}

impl CreatedPage {
    /// `base` is where clients find the gateway.
    pub(super) fn new(shell: Shell, made: &Made<ClientToken>, base: String) -> Self {
        let w = TokensWords::of(shell.language);
        let (name, token) = (made.name.clone(), made.token.expose().to_owned());
        Self { shell, w, name, token, base }
    }

    fn snippets(&self) -> [Snippet; 5] {
        let (base, token) = (&self.base, &self.token);
        let snippet = |id, client, text| Snippet { id, client, text };
        [
            snippet(
                "openai",
                "OpenAI SDK",
                format!("OPENAI_BASE_URL={base}/v1\nOPENAI_API_KEY={token}"),
            ),
            snippet(
                "claude",
                "Claude Code",
                format!("ANTHROPIC_BASE_URL={base}\nANTHROPIC_AUTH_TOKEN={token}"),
            ),
            snippet(
                "gemini",
                "Gemini CLI",
                format!("GOOGLE_GEMINI_BASE_URL={base}\nGEMINI_API_KEY={token}"),
            ),
            snippet(
                "codex",
                "Codex CLI",
                format!(
                    "# ~/.codex/config.toml\nmodel = \"gemini-2.5-flash\"\nmodel_provider = \
                     \"balance\"\n\n[model_providers.balance]\nname = \"gemini-balance\"\n\
                     base_url = \"{base}/v1\"\nenv_key = \"BALANCE_TOKEN\"\nwire_api = \
                     \"responses\"\n\n# in the shell\nexport BALANCE_TOKEN={token}"
                ),
            ),
            snippet(
                "curl",
                "curl",
                format!(
                    "curl {base}/v1/chat/completions -H 'Authorization: Bearer {token}' \\\n  -H \
                     'Content-Type: application/json' \\\n  -d '{{\"model\":\"gemini-2.5-flash\",\
                     \"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'"
                ),
            ),
        ]
    }
}
