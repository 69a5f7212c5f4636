//! `import`: moving in from the Python or the Next.js project.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _};

use anyhow::Context as _;
use import::{Counts, ImportError, Line, Options, Progress, Report, Target, Verdict};
use store::OpenError;

use super::audited;
use crate::boot::Boot;
use crate::cli::{Import, Project};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{self, Table};

/// A longer value is cut in the table.
const WIDEST: usize = 40;

/// Does what the command line says about an import.
pub(crate) async fn run(environment: Environment, arguments: Import) -> Result<(), Failure> {
    let reference = match &arguments.source {
        Some(source) => source.clone(),
        None => standard_input()?,
    };
    let options = Options {
        project: arguments.from.map(|project| match project {
            Project::Python => import::Project::Python,
            Project::Nextjs => import::Project::NextJs,
        }),
        timezone: arguments.timezone,
        overwrite: arguments.overwrite,
        without_logs: arguments.without_logs,
    };
    // A source that cannot be read leaves no database of ours behind.
    let source = import::Import::open(reference.trim(), options).await.map_err(explained)?;
    let boot = Boot::open(environment).await?;
    let target = Target { store: &boot.store, resolved: &boot.resolved };
    let report = if arguments.dry_run {
        source.plan(&target, &tell).await
    } else {
        source.apply(&target, &tell).await
    };
    let report = report.map_err(explained)?;
    if !arguments.dry_run {
        let detail = serde_json::json!({
            "keys": report.keys, "tokens": report.tokens, "requests": report.requests,
            "errors": report.errors,
        });
        audited::note(&boot.store, "import", &report.place, &detail.to_string()).await?;
    }
    if arguments.json { output::print_json(&report) } else { output::print(&text(&report)?) }
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
    Ok(text)
}

/// What was named is wrong, or something failed.
fn explained(error: ImportError) -> Failure {
    match error {
        ImportError::Open(OpenError::Unreachable { .. } | OpenError::Busy { .. })
        | ImportError::Read { .. }
        | ImportError::Store(_) => Failure::Failed(error.into()),
        _ => Failure::configuration(error.to_string()),
    }
}

/// Says now and then how far a long log is, where a person looks on.
fn tell(progress: Progress) {
    const STEP: u64 = 50_000;
    if progress.done.is_multiple_of(STEP) && std::io::stderr().is_terminal() {
        output::hint(&format!("{}: {}", progress.log, progress.done));
    }
}

fn text(report: &Report) -> Result<String, Failure> {
    let mut text = format!("{} ({})\n\n", report.place, report.kind);
    text.push_str(&counts(report).to_string());
    if let Some(settings) = settings(report) {
        write!(text, "\n{settings}").context("the table cannot be written")?;
    }
    let files = (report.files > 0).then(|| {
        format!(
            "files: {}, not taken over (Google deletes each 48 hours after its upload)",
            report.files
        )
    });
    let malformed = report.malformed.iter().map(|problem| format!("malformed: {problem}"));
    let notes = report.notes.iter().map(|note| format!("note: {note}"));
    for line in files.into_iter().chain(malformed).chain(notes) {
        write!(text, "\n{line}").context("the line cannot be written")?;
    }
    let end = if report.applied { "Done." } else { "Nothing was changed: this was a dry run." };
    Ok(format!("{}\n\n{end}", text.trim_end()))
}

fn counts(report: &Report) -> Table<6> {
    let mut table = Table::new(["", "FOUND", "NEW", "HERE ALREADY", "REMOVED HERE", "MALFORMED"]);
    let rows: [(&str, Counts); 4] = [
        ("keys", report.keys),
        ("client tokens", report.tokens),
        ("requests", report.requests),
        ("errors", report.errors),
    ];
    for (name, counts) in rows {
        let numbers =
            [counts.found, counts.new, counts.duplicate, counts.removed, counts.malformed];
        let [found, new, duplicate, removed, malformed] = numbers.map(|number| number.to_string());
        table.row([name.to_owned(), found, new, duplicate, removed, malformed]);
    }
    table
}

/// All settings but those that are the same here.
fn settings(report: &Report) -> Option<Table<3>> {
    let same = report.settings.iter().filter(|line| line.verdict == Verdict::Same).count();
    if report.settings.is_empty() {
        return None;
    }
    let mut table = Table::new(["SETTING", "VALUE", "WHAT BECOMES OF IT"]);
    for line in report.settings.iter().filter(|line| line.verdict != Verdict::Same) {
        let value = line.value.as_deref().unwrap_or_default();
        table.row([line.name.clone(), output::cut(value, WIDEST), becomes(line)]);
    }
    if same > 0 {
        table.row([output::count(same as u64, "other"), String::new(), "the same here".to_owned()]);
    }
    Some(table)
}

fn becomes(line: &Line) -> String {
    let word = match line.verdict {
        Verdict::New if line.effective => "saved",
        Verdict::New => "saved, but without an effect in this version",
        Verdict::Same => "the same here",
        Verdict::Kept => "stays as it was saved here (--overwrite takes theirs)",
        Verdict::Unknown => "unknown here, left out",
        Verdict::Invalid => "invalid, left out",
        Verdict::LeftOut => "left out",
    };
    line.reason.as_ref().map_or_else(|| word.to_owned(), |reason| format!("{word}: {reason}"))
}
