use std::fmt;

use jiff::tz::TimeZone;
use keypool::Timestamp;
use settings::Resolved;
use store::{ForeignRow, Store};

use crate::credentials::Credentials;
use crate::keyring::Keyring;
use crate::logs::{OldLog, OldLogs};
use crate::records::{OldRequest, Reading};
use crate::remark::{NoSource, OldLogName, Remark};
use crate::report::{Report, Walked};
use crate::saved::{Here, Judged, days_kept};
use crate::source::{Project, Source};
use crate::{ImportError, nextjs, python};

/// The time zone of the Python project's container.
const CONTAINER_ZONE: &str = "Asia/Shanghai";

const DAY: i64 = 24 * 60 * 60 * 1000;

/// What is to be known besides the source.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which project it must be; otherwise it is found out.
    pub project: Option<Project>,
    /// The zone of the clock that the Python project ran by, by its name; otherwise its container's,
    /// `Asia/Shanghai`.
    pub timezone: Option<String>,
    /// Settings that were saved here give way to those of the source.
    pub overwrite: bool,
    /// Logs stay behind.
    pub without_logs: bool,
}

/// Where it goes.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The database.
    pub store: &'a Store,
    /// The settings in effect.
    pub resolved: &'a Resolved,
}

/// How far a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// `requests` or `errors`.
    pub log: &'static str,
    /// Rows that were looked at. How many there are is not asked: to count them all may take a
    /// database longer than to read some.
    pub done: u64,
}

/// An opened source that can be taken over.
pub struct Import {
    source: Source,
    options: Options,
    zone: TimeZone,
}

impl Import {
    /// Opens a file or the database that a URL names, and finds out what it is.
    pub async fn open(reference: &str, options: Options) -> Result<Self, ImportError> {
        let zone = zone(&options)?;
        let source = Source::open(reference, options.project).await?;
        Ok(Self { source, options, zone })
    }

    /// Takes a text for what it is: a `.env` file, or a list of keys. `place` names it in the report.
    pub fn of_text(place: &str, text: String) -> Result<Self, ImportError> {
        let options = Options::default();
        Ok(Self { source: Source::text(place, text)?, zone: zone(&options)?, options })
    }

    /// What [`Import::apply`] would do. Changes nothing.
    pub async fn plan(
        &self,
        target: &Target<'_>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Report, ImportError> {
        self.run(target, false, progress).await
    }

    /// Takes over what is new. Dropped or failed half-way, it goes on where it was when it is called
    /// again.
    pub async fn apply(
        &self,
        target: &Target<'_>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Report, ImportError> {
        self.run(target, true, progress).await
    }

    async fn run(
        &self,
        target: &Target<'_>,
        write: bool,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Report, ImportError> {
        let mut report = Report {
            place: self.source.place().to_owned(),
            kind: self.source.kind(),
            applied: write,
            ..Report::default()
        };
        let content = self.source.content().await?;
        let credentials = Credentials::read(&content, &mut report);
        credentials.take_over(target.store, &mut report, write).await?;
        let here = Here {
            resolved: target.resolved,
            stored: target.store.stored_settings().await?,
            credentials: &credentials,
            overwrite: self.options.overwrite,
        };
        let judge = |(name, text): &(String, String)| here.judge(name, text);
        let judged: Vec<Judged> = content.settings.iter().map(judge).collect();
        report.settings = judged.iter().map(|judged| judged.line.clone()).collect();
        note_password(&mut report, &credentials);
        if write {
            for judged in &judged {
                judged.save(target.store).await?;
            }
        }
        let log = Log { target, credentials: &credentials, judged: &judged, write, progress };
        self.logs(&log, &mut report).await?;
        Ok(report)
    }

    async fn logs(&self, log: &Log<'_>, report: &mut Report) -> Result<(), ImportError> {
        let Source::Database { project, foreign } = &self.source else { return Ok(()) };
        if self.options.without_logs {
            report.note(Remark::LogsStay);
            return Ok(());
        }
        let unreadable = |error| self.source.unreadable(error);
        let store = log.target.store;
        let pool = store.list_keys().await?;
        let keyring = Keyring::new(&pool, log.credentials.secrets());
        let zone = if *project == Project::Python { &self.zone } else { &TimeZone::UTC };
        let reading = &Reading { zone, keyring: &keyring };
        let OldLogs { requests, errors, error } = match project {
            Project::Python => python::logs(foreign).await,
            Project::NextJs => nextjs::logs(foreign).await,
        }
        .map_err(unreadable)?;
        if let Some(table) = requests {
            let read = |row, cells: &ForeignRow| OldRequest::of(cells).record(row, reading);
            let old = OldLog { foreign, table };
            let walked = old.walk(store, read, log.write, log.progress).await?;
            report.requests = walked.counts;
            log.note(report, &walked, OldLogName::Requests);
        }
        if let Some(table) = errors {
            let read = |row, cells: &ForeignRow| error(cells).record(row, reading);
            let old = OldLog { foreign, table };
            let walked = old.walk(store, read, log.write, log.progress).await?;
            report.errors = walked.counts;
            log.note(report, &walked, OldLogName::Errors);
        }
        if *project == Project::Python {
            note_python(report, &self.zone);
            report.files = python::files(foreign).await.map_err(unreadable)?;
        }
        Ok(())
    }
}

/// What taking over the logs needs.
struct Log<'a> {
    target: &'a Target<'a>,
    credentials: &'a Credentials,
    judged: &'a [Judged],
    write: bool,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
}

impl Log<'_> {
    /// Says what will soon be deleted, and what was malformed.
    fn note(&self, report: &mut Report, walked: &Walked, log: OldLogName) {
        if walked.counts.malformed > 0 {
            report.explain(Remark::NoTime { log, count: walked.counts.malformed });
        }
        let days = days_kept(self.judged, self.target.resolved, log.setting());
        let Some(days) = days else { return };
        let limit = jiff::Timestamp::now().as_millisecond() - i64::from(days) * DAY;
        if walked.oldest.is_some_and(|oldest| oldest < Timestamp::from_millis(limit)) {
            report.note(Remark::SoonDeleted { log, days });
        }
    }
}

fn zone(options: &Options) -> Result<TimeZone, ImportError> {
    let name = options.timezone.as_deref().unwrap_or(CONTAINER_ZONE);
    TimeZone::get(name)
        .map_err(|_| ImportError::Source { place: name.to_owned(), problem: NoSource::NoTimeZone })
}

fn note_password(report: &mut Report, credentials: &Credentials) {
    let password = report.settings.iter().find(|line| line.name == "AUTH_TOKEN");
    let is_taken = password.is_some_and(|line| line.verdict == crate::Verdict::New);
    let is_missing = password.is_none_or(|line| line.verdict == crate::Verdict::Same);
    if is_taken {
        report.note(Remark::PasswordOnly);
    } else if is_missing && credentials.has_tokens() && !report.settings.is_empty() {
        report.note(Remark::TokenIsNoPassword);
    }
}

fn note_python(report: &mut Report, zone: &TimeZone) {
    if report.requests.found + report.errors.found > 0 {
        report.note(Remark::TimesOf(zone.iana_name().unwrap_or("that zone").to_owned()));
    }
}

impl fmt::Debug for Import {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Import")
            .field("place", &self.source.place())
            .field("kind", &self.source.kind())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An import may run in a task of its own.
    #[test]
    fn an_import_may_move_between_threads() {
        fn applied<'a>(import: &'a Import, target: &'a Target<'a>) -> impl Future + Send + 'a {
            import.apply(target, &|_| {})
        }
        let _ = applied;
    }
}
