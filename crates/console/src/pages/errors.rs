//! `/admin/errors`: failed attempts put together by what went wrong, with what helps.

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::response::Redirect;
use serde::Deserialize;

use super::logs::{LogFilter, RANGES};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::errors as changes;
use crate::error::Error;
use crate::groups::{Choice, Group, Groups, Lately, Standing};
use crate::page::Page;
use crate::shell::Shell;
use crate::words::errors::ErrorsWords;
use crate::words::logs::LogsWords;
use crate::words::outcomes::OutcomesWords;

/// The most groups that are shown.
const SHOWN_GROUPS: usize = 50;

/// How much of a message is shown, in characters.
const SHOWN: usize = 300;

#[derive(Template)]
#[template(path = "errors.html")]
pub(crate) struct ErrorsPage {
    shell: Shell,
    w: &'static LogsWords,
    ew: &'static ErrorsWords,
    outcomes: &'static OutcomesWords,
    wanted: Wanted,
    groups: Groups,
}

/// Which groups are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    /// `1h`, `24h`, `7d` or `30d`; anything else is a day.
    range: String,
    /// `all`, `open`, `ignored` or `resolved`; the open ones if nothing is said.
    state: String,
    /// The only one that is wanted, whatever its state.
    group: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<ErrorsPage>, Error> {
    let Query(wanted) = wanted?;
    let wanted = wanted.completed();
    let choice = wanted.choice()?;
    let groups = Groups::read(&console.store, &wanted.lately(), &choice).await?;
    let w = LogsWords::of(shell.language);
    let ew = ErrorsWords::of(shell.language);
    let outcomes = OutcomesWords::of(shell.language);
    Ok(Page(ErrorsPage { shell, w, ew, outcomes, wanted, groups }))
}

/// What a form says about a group, and which groups the page shows that it stands on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Decided {
    /// The group's name.
    label: String,
    /// `open`, `ignored` or `resolved`; or `verify` or `disable`.
    action: String,
    range: String,
    state: String,
    group: String,
}

/// `POST /admin/errors/mark`: ignores a group, declares it dealt with, or takes that back.
pub(crate) async fn mark(
    State(console): State<Console>,
    identity: Identity,
    decided: Result<Form<Decided>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Decided { label, action, range, state, group }) = decided?;
    changes::mark(&console, &identity, &label, Standing::of_name(&action)?).await?;
    let wanted = Wanted { range, state, group }.completed();
    Ok(Redirect::to(&format!("/admin/errors?{}", wanted.with("", ""))))
}

/// `POST /admin/errors/act`: does something to the keys that met a group's errors.
pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    decided: Result<Form<Decided>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Decided { label, action, range, .. }) = decided?;
    let lately = Wanted { range, ..Wanted::default() }.completed().lately();
    let job = changes::act(&console, &identity, &label, &action, &lately).await?;
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

impl Wanted {
    /// With what is meant where nothing is said.
    fn completed(mut self) -> Self {
        if !RANGES.iter().any(|(name, _)| *name == self.range) {
            "24h".clone_into(&mut self.range);
        }
        if self.state.is_empty() {
            Standing::Open.as_str().clone_into(&mut self.state);
        }
        self
    }

    fn lately(&self) -> Lately {
        let hours = RANGES.iter().find(|(name, _)| *name == self.range).map(|(_, hours)| *hours);
        let hours = hours.and_then(|hours| hours.try_into().ok()).unwrap_or(24);
        Lately::hours(hours, relay::now())
    }

    fn choice(&self) -> Result<Choice, Error> {
        let label = Some(self.group.clone()).filter(|group| !group.is_empty());
        let standing = Standing::of_filter(&self.state)?.filter(|_| label.is_none());
        Ok(Choice { standing, label, most: SHOWN_GROUPS })
    }

    /// As it stands in addresses, with one field changed.
    fn with(&self, field: &str, value: &str) -> String {
        let state = if self.state == Standing::Open.as_str() { "" } else { &self.state };
        let fields = [("range", &*self.range), ("state", state), ("group", &self.group)];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, own) in fields {
            let text = if name == field { value } else { own };
            if !text.is_empty() {
                query.append_pair(name, text);
            }
        }
        query.finish()
    }
}

impl ErrorsPage {
    /// The states to choose from, with how many groups each has.
    fn states(&self) -> [(&'static str, &'static str, usize); 4] {
        let [open, ignored, resolved] = self.groups.counts;
        [
            ("open", self.ew.open, open),
            ("ignored", self.ew.ignored, ignored),
            ("resolved", self.ew.resolved, resolved),
            ("all", self.ew.all, open + ignored + resolved),
        ]
    }

    /// What can be decided of a group, as names and words.
    fn decisions(&self, group: &Group) -> Vec<(&'static str, &'static str)> {
        match group.standing {
            Standing::Open => vec![("resolved", self.ew.resolve), ("ignored", self.ew.ignore)],
            Standing::Ignored | Standing::Resolved => vec![("open", self.ew.reopen)],
        }
    }

    /// What was decided of a group, in words.
    fn decided(&self, group: &Group) -> &'static str {
        match group.standing {
            Standing::Ignored => self.ew.ignored_by,
            Standing::Open | Standing::Resolved => self.ew.resolved_by,
        }
    }

    /// Whom a group concerns, in words.
    fn concerns(&self, group: &Group) -> String {
        let [keys, clients] = [group.met.keys, group.met.tokens].map(crate::format::count);
        let concerns = crate::words::fill2(self.ew.met_of, keys, clients);
        if !group.is_bounded() {
            return concerns;
        }
        let newest = crate::format::count(group.met.attempts);
        format!("{concerns} {}", crate::words::fill(self.ew.of_newest, newest))
    }

    /// Where the requests are listed that ended like this group's attempts.
    fn requests(&self, group: &Group) -> String {
        let filter = LogFilter {
            model: group.kind.model.clone().unwrap_or_default(),
            outcome: group.kind.outcome.clone(),
            range: self.wanted.range.clone(),
            ..LogFilter::default()
        };
        format!("/admin/logs?{}", filter.query())
    }
}

/// The address of a group.
pub(crate) fn address(group: &Group, range: &str) -> String {
    let wanted = Wanted { range: range.to_owned(), group: group.label(), ..Wanted::default() };
    format!("/admin/errors?{}", wanted.completed().with("", ""))
}

/// The beginning of a message.
fn beginning(message: &str) -> String {
    let mut beginning: String = message.chars().take(SHOWN).collect();
    if beginning.len() < message.len() {
        beginning.push('…');
    }
    beginning
}
