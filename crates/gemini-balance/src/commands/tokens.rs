//! `tokens`: who may use the API.

use anyhow::{Context as _, anyhow};
use secret::ClientToken;
use serde::Serialize;
use store::{Store, StoreError, StoredToken, TokenUpdate};

use crate::boot::Boot;
use crate::cli::{EditToken, Tokens};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{self, Table};

/// Does what the command line says about tokens.
pub(crate) async fn run(environment: Environment, command: Tokens) -> Result<(), Failure> {
    let store = Boot::open(environment).await?.store;
    match command {
        Tokens::Create { name, tags, json } => create(&store, &name, &tags, json).await,
        Tokens::Edit(arguments) => edit(&store, arguments).await,
        Tokens::List { json } => list(&store, json).await,
        Tokens::Revoke { token } => revoke(&store, &token).await,
    }
}

async fn create(store: &Store, name: &str, tags: &[String], json: bool) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Created<'a> {
        id: String,
        name: &'a str,
        token: &'a str,
    }
    let name = checked(name)?;
    let token = ClientToken::generate().context("no token could be made")?;
    let id = store.create_token(name, &token, tags).await.map_err(explained)?;
    if json {
        return output::print_json(&Created { id, name, token: token.expose() });
    }
    output::print(token.expose())?;
    output::hint("Keep it now: only its digest is stored, so it cannot be shown again.");
    Ok(())
}

/// Changes a token's name or tags.
async fn edit(store: &Store, arguments: EditToken) -> Result<(), Failure> {
    let EditToken { token, name, tags, no_tags } = arguments;
    let tags = (no_tags || !tags.is_empty()).then_some(tags);
    if name.is_none() && tags.is_none() {
        return Err(Failure::configuration(
            "nothing to change was named; `tokens edit --help` shows what can be",
        ));
    }
    let name = name.as_deref().map(checked).transpose()?.map(str::to_owned);
    let changes = TokenUpdate { name, tags };
    let Some(token) = store.update_token(&token, changes).await.map_err(explained)? else {
        return Err(unknown());
    };
    let tags = if token.tags.is_empty() { "any key".to_owned() } else { token.tags.join(", ") };
    output::print(&format!("changed {} ({}): served by {tags}", token.name, token.mask))
}

fn checked(name: &str) -> Result<&str, Failure> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Failure::configuration("the token needs a name, such as whose or what for"));
    }
    Ok(name)
}

fn unknown() -> Failure {
    anyhow!("no active token has this id or name; `tokens list` shows all").into()
}

fn explained(error: StoreError) -> Failure {
    match error {
        StoreError::NameTaken(_) => {
            anyhow!("{error}; revoke that one first, or take another name").into()
        }
        StoreError::TooLong { .. } | StoreError::Tag(_) => {
            Failure::configuration(error.to_string())
        }
        error => error.into(),
    }
}

async fn list(store: &Store, json: bool) -> Result<(), Failure> {
    let tokens = store.list_tokens().await?;
    if json {
        let items: Vec<Item<'_>> = tokens.iter().map(Item::new).collect();
        return output::print_json(&items);
    }
    if tokens.is_empty() {
        return output::print(
            "No client tokens: nobody gets in. `gemini-balance tokens create NAME` makes one.",
        );
    }
    let mut table =
        Table::new(["ID", "NAME", "TOKEN", "TAGS", "STATE", "SOURCE", "CREATED", "LAST USED"]);
    for token in &tokens {
        table.row([
            token.id.clone(),
            token.name.clone(),
            token.mask.clone(),
            token.tags.join(","),
            if token.revoked_at.is_some() { "revoked" } else { "active" }.to_owned(),
            token.source.to_string(),
            output::moment(token.created_at),
            token.last_used_at.map(output::moment).unwrap_or_default(),
        ]);
    }
    output::print(&table.to_string())
}

async fn revoke(store: &Store, reference: &str) -> Result<(), Failure> {
    let Some(token) = store.revoke_token(reference).await? else {
        return Err(unknown());
    };
    output::print(&format!("revoked {} ({})", token.name, token.mask))
}

/// A token as `--json` shows it.
#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    name: &'a str,
    token: &'a str,
    tags: &'a [String],
    active: bool,
    source: &'static str,
    created_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
}

impl<'a> Item<'a> {
    fn new(token: &'a StoredToken) -> Self {
        Self {
            id: &token.id,
            name: &token.name,
            token: &token.mask,
            tags: &token.tags,
            active: token.revoked_at.is_none(),
            source: token.source.as_str(),
            created_at: output::iso(token.created_at),
            revoked_at: token.revoked_at.and_then(output::iso),
            last_used_at: token.last_used_at.and_then(output::iso),
        }
    }
}
