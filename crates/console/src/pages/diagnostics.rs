//! `/admin/system/diagnostics`: what is wrong, and what to do about it.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::State;
use doctor::{Check, Verdict};
use keypool::Timestamp;

use crate::State as Console;
use crate::changes::settings as changes;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::system::SystemWords;

#[derive(Template)]
#[template(path = "diagnostics.html")]
pub(crate) struct DiagnosticsPage {
    shell: Shell,
    w: &'static SystemWords,
    checks: Vec<Check>,
    started_at: Timestamp,
    database: &'static str,
}

/// Looks at everything anew; Google is asked through each proxy.
pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
) -> Result<Page<DiagnosticsPage>, Error> {
    let resolved = changes::resolved(&console).await?;
    let url = console.store.shown_url();
    let file = doctor::database_file(url);
    let mut checks: Vec<Check> = file.iter().map(|file| doctor::folder(file)).collect();
    checks.push(Check::ok("database", format!("{url} is open and migrated")));
    checks.extend(doctor::examine(&resolved, &console.store).await);
    let w = SystemWords::of(shell.language);
    let database = ["postgres", "mysql"].into_iter().find(|kind| url.starts_with(kind));
    let (database, started_at) = (database.unwrap_or("sqlite"), console.started_at);
    Ok(Page(DiagnosticsPage { shell, w, checks, started_at, database }))
}

impl DiagnosticsPage {
    /// What is shown to whoever helps. Checks hold no secrets.
    fn bundle(&self) -> String {
        let mut bundle = format!(
            "gemini-balance {} on {} {}, {}, up since {}\n",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
            self.database,
            crate::format::absolute(self.started_at),
        );
        for Check { name, verdict, says, .. } in &self.checks {
            // Writing into a text does not fail.
            let _ = writeln!(bundle, "{}: {name}: {says}", verdict.as_str());
        }
        bundle
    }

    /// For styles.
    fn state(check: &Check) -> &'static str {
        match check.verdict {
            Verdict::Ok => "good",
            Verdict::Warn => "warn",
            Verdict::Fail => "bad",
        }
    }

    fn icon(check: &Check) -> &'static str {
        match check.verdict {
            Verdict::Ok => "circle-check",
            Verdict::Warn => "triangle-alert",
            Verdict::Fail => "circle-x",
        }
    }

    fn word(&self, check: &Check) -> &'static str {
        match check.verdict {
            Verdict::Ok => self.w.well,
            Verdict::Warn => self.w.could_be_better,
            Verdict::Fail => self.w.broken,
        }
    }
}
