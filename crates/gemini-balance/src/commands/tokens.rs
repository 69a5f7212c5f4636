//! `tokens`: who may use the API.

mod item;
mod limits;

use anyhow::{Context as _, anyhow};
use secret::ClientToken;
use serde::Serialize;
use store::{Store, StoreError, StoredToken, TokenGrant, TokenLimits, TokenUpdate};

use self::item::Item;
use super::audited;
use crate::boot::Boot;
use crate::cli::{EditToken, LimitArguments, RotateToken, Tokens};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{self, Table};

/// Does what the command line says about tokens.
pub(crate) async fn run(environment: Environment, command: Tokens) -> Result<(), Failure> {
    let Boot { store, resolved, .. } = Boot::open(environment).await?;
    let day = relay::day_in(&resolved.settings.logging.timezone, output::now());
    match command {
        Tokens::Create { name, tags, limits, json } => {
            create(&store, &name, tags, &limits, json).await
        }
        Tokens::Edit(arguments) => edit(&store, *arguments, &day).await,
        Tokens::Rotate(arguments) => rotate(&store, &arguments).await,
        Tokens::List { json } => list(&store, &day, json).await,
        Tokens::Revoke { token } => revoke(&store, &token).await,
    }
}

/// A token that is shown this once.
#[derive(Serialize)]
struct Shown<'a> {
    id: String,
    name: &'a str,
    token: &'a str,
    /// When the secret before it ends to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    former_secret_ends_at: Option<String>,
}

impl Shown<'_> {
    fn print(&self, json: bool) -> Result<(), Failure> {
        if json {
            return output::print_json(self);
        }
        output::print(self.token)?;
        output::hint("Keep it now: only its digest is stored, so it cannot be shown again.");
        Ok(())
    }
}

async fn create(
    store: &Store,
    name: &str,
    tags: Vec<String>,
    arguments: &LimitArguments,
    json: bool,
) -> Result<(), Failure> {
    let name = checked(name)?;
    let token = ClientToken::generate().context("no token could be made")?;
    let expires_at = arguments.expires.and_then(|expires| expires.from(output::now()));
    let limits = limits::changed(TokenLimits::default(), arguments);
    let grant = TokenGrant { tags, limits, expires_at, note: String::new() };
    let id = store.create_token(name, &token, &grant).await.map_err(explained)?;
    audited::note(store, "tokens.create", &id, name).await?;
    Shown { id, name, token: token.expose(), former_secret_ends_at: None }.print(json)
}

/// Changes what a token is called and what it may do.
async fn edit(store: &Store, arguments: EditToken, day: &str) -> Result<(), Failure> {
    let EditToken { token, name, tags, no_tags, limits, no_models, json } = arguments;
    let tags = (no_tags || !tags.is_empty()).then_some(tags);
    let changes_limits = no_models || limits::is_any(&limits);
    if name.is_none() && tags.is_none() && !changes_limits && limits.expires.is_none() {
        return Err(Failure::configuration(
            "nothing to change was named; `tokens edit --help` shows what can be",
        ));
    }
    let name = name.as_deref().map(checked).transpose()?.map(str::to_owned);
    let expires_at = limits.expires.map(|expires| expires.from(output::now()));
    let changes = |before: &StoredToken| {
        let mut after = limits::changed(before.limits.clone(), &limits);
        if no_models {
            after.models.clear();
        }
        let limits = changes_limits.then_some(after);
        TokenUpdate { name, tags, limits, expires_at, note: None }
    };
    let Some(token) = store.edit_token(&token, changes).await.map_err(explained)? else {
        return Err(unknown());
    };
    audited::note(store, "tokens.edit", &token.id, &token.name).await?;
    if json {
        let usage = store.token_usage_since(month(day), None).await?;
        return output::print_json(&Item::new(&token, &usage, day));
    }
    output::print(&format!("changed {} ({}): {}", token.name, token.mask, in_words(&token)))
}

/// Gives a token another secret.
async fn rotate(store: &Store, arguments: &RotateToken) -> Result<(), Failure> {
    let secret = ClientToken::generate().context("no token could be made")?;
    let rotated = store.rotate_token(&arguments.token, &secret, arguments.overlap).await;
    let Some(token) = rotated.map_err(explained)? else { return Err(unknown()) };
    audited::note(store, "tokens.rotate", &token.id, &token.name).await?;
    let ends = token.former.iter().map(|former| former.valid_until).max();
    let former_secret_ends_at = ends.and_then(output::iso);
    let (id, name) = (token.id, token.name.as_str());
    Shown { id, name, token: secret.expose(), former_secret_ends_at }.print(arguments.json)
}

/// What a token may do: `served by paid; 10 requests/min; expires 2026-12-31 18:00:00Z`.
fn in_words(token: &StoredToken) -> String {
    let tags = if token.tags.is_empty() { "any key".to_owned() } else { token.tags.join(", ") };
    let mut words = vec![format!("served by {tags}")];
    words.extend(Some(limits::in_words(&token.limits)).filter(|words| !words.is_empty()));
    words.extend(token.expires_at.map(|end| format!("expires {}", output::moment(end))));
    words.join("; ")
}

fn month(day: &str) -> &str {
    day.get(..7).unwrap_or(day)
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
        StoreError::TooLong { .. }
        | StoreError::TooLarge { .. }
        | StoreError::Tag(_)
        | StoreError::Model(_) => Failure::configuration(error.to_string()),
        error => error.into(),
    }
}

async fn list(store: &Store, day: &str, json: bool) -> Result<(), Failure> {
    let tokens = store.list_tokens().await?;
    let usage = store.token_usage_since(month(day), None).await?;
    if json {
        let items: Vec<Item<'_>> =
            tokens.iter().map(|token| Item::new(token, &usage, day)).collect();
        return output::print_json(&items);
    }
    if tokens.is_empty() {
        return output::print(
            "No client tokens: nobody gets in. `gemini-balance tokens create NAME` makes one.",
        );
    }
    let mut table = Table::new([
        "ID",
        "NAME",
        "TOKEN",
        "TAGS",
        "LIMITS",
        "STATE",
        "EXPIRES",
        "SOURCE",
        "CREATED",
        "LAST USED",
        "FROM",
    ]);
    for token in &tokens {
        table.row([
            token.id.clone(),
            token.name.clone(),
            token.mask.clone(),
            token.tags.join(","),
            limits::in_words(&token.limits),
            state(token).to_owned(),
            token.expires_at.map(output::moment).unwrap_or_default(),
            token.source.to_string(),
            output::moment(token.created_at),
            token.last_used_at.map(output::moment).unwrap_or_default(),
            token.last_used_from.map(|from| from.to_string()).unwrap_or_default(),
        ]);
    }
    output::print(&table.to_string())
}

fn state(token: &StoredToken) -> &'static str {
    if token.revoked_at.is_some() {
        return "revoked";
    }
    let is_over = token.expires_at.is_some_and(|end| end <= output::now());
    if is_over { "expired" } else { "active" }
}

async fn revoke(store: &Store, reference: &str) -> Result<(), Failure> {
    let Some(token) = store.revoke_token(reference).await? else {
        return Err(unknown());
    };
    audited::note(store, "tokens.revoke", &token.id, &token.name).await?;
    output::print(&format!("revoked {} ({})", token.name, token.mask))
}
