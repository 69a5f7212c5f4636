//! `/admin/tokens/{id}`: one client token, what it may use, and what it has used.

mod limits;

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Redirect;
use http::HeaderMap;
use relay::Standing;
use serde::Deserialize;
use store::{Cost, StoredToken, TokenUpdate};

use self::limits::{Limits, moment};
use super::connect::ConnectPage;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::{labels, tokens as changes};
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::connect::ConnectWords;
use crate::words::tokens::TokensWords;

/// The longest time that a secret opens after it was replaced, in hours: a month.
const LONGEST_OVERLAP: u64 = 31 * 24;

#[derive(Template)]
#[template(path = "token.html")]
pub(crate) struct TokenPage {
    shell: Shell,
    w: &'static TokensWords,
    cw: &'static ConnectWords,
    token: StoredToken,
    limits: Limits,
    /// Nothing of a token that lets nobody in.
    standing: Option<Standing>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    Path(id): Path<String>,
) -> Result<Page<TokenPage>, Error> {
    let token = changes::find(&console.store, &id).await?;
    let (w, cw) = (TokensWords::of(shell.language), ConnectWords::of(shell.language));
    let standing = console.gateway.token_standing(&id);
    Ok(Page(TokenPage { shell, w, cw, limits: Limits::of(&token), token, standing }))
}

/// What the form says of a token.
#[derive(Deserialize)]
pub(crate) struct Changes {
    name: String,
    tags: String,
    #[serde(flatten)]
    limits: Limits,
}

/// `POST /admin/tokens/{id}/edit`.
pub(crate) async fn edit(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    changes: Result<Form<Changes>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Changes { name, tags, limits }) = changes?;
    let changes = TokenUpdate {
        name: Some(name),
        tags: Some(labels(&tags)),
        expires_at: Some(moment(&limits.expires)?),
        limits: Some(limits.read()?),
    };
    changes::edit(&console.store, &identity, &id, changes).await?;
    Ok(Redirect::to(&format!("/admin/tokens/{id}")))
}

/// `POST /admin/tokens/{id}/copy`: another token that may do the same, shown this once.
pub(crate) async fn copy(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Page<ConnectPage>, Error> {
    let made = changes::copy(&console.store, &identity, &id, None).await?;
    Ok(Page(ConnectPage::of_made(&console, shell, &headers, &made)))
}

#[derive(Deserialize)]
pub(crate) struct Rotation {
    /// For how many hours the secret before opens.
    overlap: u64,
}

/// `POST /admin/tokens/{id}/rotate`: another secret, shown this once.
pub(crate) async fn rotate(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    headers: HeaderMap,
    Path(id): Path<String>,
    rotation: Result<Form<Rotation>, FormRejection>,
) -> Result<Page<ConnectPage>, Error> {
    let Form(Rotation { overlap }) = rotation?;
    if overlap > LONGEST_OVERLAP {
        return Err(Error::invalid("overlap", format!("is at most {LONGEST_OVERLAP} hours")));
    }
    let overlap = Duration::from_hours(overlap);
    let made = changes::rotate(&console.store, &identity, &id, overlap).await?;
    Ok(Page(ConnectPage::of_made(&console, shell, &headers, &made)))
}

impl TokenPage {
    fn is_in_use(&self) -> bool {
        self.token.revoked_at.is_none()
    }

    /// How it stands, as a colour and in a word.
    fn state(&self) -> (&'static str, &'static str) {
        if !self.is_in_use() {
            ("", self.w.revoked)
        } else if self.token.expires_at.is_some_and(|end| end <= relay::now()) {
            ("bad", self.w.expired)
        } else {
            ("good", self.w.in_use)
        }
    }

    fn tags(&self) -> String {
        self.token.tags.join(", ")
    }

    /// What was used beside what may be used.
    fn used(&self) -> Vec<Used<'_>> {
        let Some(standing) = &self.standing else { return Vec::new() };
        let (w, limits) = (self.w, &self.limits);
        let count = |label, used: u64, limit| {
            Used::new(label, crate::format::count(used), used as f64, limit)
        };
        let day_cost = Cost::from_nanos(standing.day.nanos);
        let cost =
            |label, cost: Cost, limit| Used::new(label, format!("${cost}"), cost.dollars(), limit);
        vec![
            count(w.in_flight, standing.in_flight, &limits.concurrency),
            count(w.minute_requests, standing.minute_requests, &limits.requests_per_minute),
            count(w.minute_tokens, standing.minute_tokens, &limits.tokens_per_minute),
            count(w.day_requests, standing.day.requests, &limits.requests_per_day),
            count(w.day_tokens, standing.day.tokens, &limits.tokens_per_day),
            cost(w.day_cost, day_cost, &limits.budget_per_day),
            cost(w.month_cost, standing.month, &limits.budget_per_month),
        ]
    }
}

/// Something that is counted, and may be limited.
struct Used<'p> {
    label: &'static str,
    amount: String,
    /// Empty: there is none.
    limit: &'p str,
    /// How much of it is used, in percent.
    share: Option<u64>,
}

impl<'p> Used<'p> {
    fn new(label: &'static str, amount: String, used: f64, limit: &'p str) -> Self {
        let most: Option<f64> = limit.replace([',', '_', '$'], "").parse().ok();
        let share = |most: f64| {
            if most > 0.0 { (used * 100.0 / most).clamp(0.0, 100.0).round() as u64 } else { 100 }
        };
        Self { label, amount, limit, share: most.map(share) }
    }
}

#[cfg(test)]
mod tests {
    use super::Used;

    #[test]
    fn a_share_is_of_what_is_limited() {
        let share = |used: f64, limit: &str| Used::new("", String::new(), used, limit).share;
        assert_eq!(
            (share(1.0, "2"), share(7.0, "1,000"), share(3.0, "")),
            (Some(50), Some(1), None)
        );
        assert_eq!(
            (share(5.0, "2"), share(0.0, "0"), share(0.5, "2.00")),
            (Some(100), Some(100), Some(25))
        );
    }
}
