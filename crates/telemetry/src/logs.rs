//! Log lines, on stderr.
//!
//! Whatever reaches a line, the line that comes out has no credential in it (by pattern, and by the
//! values in use), is one line, has no control characters, and is of bounded length.

use tracing::Subscriber;
use tracing::subscriber::set_global_default;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::reload;

use crate::LiveRedactor;
use crate::logs::line::Lines;

mod filter;
mod line;

pub use filter::InvalidFilter;

/// How logs are written.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// A level (`info`), or levels by module (`info,relay=debug`).
    pub filter: String,
    /// The form of a line.
    pub format: Format,
    /// Knows the credentials in use.
    pub redactor: LiveRedactor,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Pretty,
    /// One JSON object a line: `timestamp`, `level`, `target`, `message` and the event's fields.
    Json,
}

/// Logging could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The filter is wrong.
    #[error(transparent)]
    Filter(#[from] InvalidFilter),
    /// The process has a log already.
    #[error("logging is set up already")]
    AlreadySet,
}

/// Changes what is logged while the program runs.
#[derive(Debug, Clone)]
pub struct LogControl(reload::Handle<EnvFilter, Registry>);

impl LogControl {
    /// From now on logs what `filter` lets through; see [`LogOptions::filter`]. A wrong filter
    /// changes nothing.
    pub fn set_filter(&self, filter: &str) -> Result<(), InvalidFilter> {
        let filter = filter::parse(filter)?;
        // Fails only when the log is gone, and then nothing is filtered.
        self.0.reload(filter).unwrap_or_default();
        Ok(())
    }
}

/// Sends the events of the whole process to stderr. Only once in a process.
pub fn init(options: &LogOptions) -> Result<LogControl, LogError> {
    let (subscriber, control) = subscriber(options, std::io::stderr)?;
    set_global_default(subscriber).map_err(|_| LogError::AlreadySet)?;
    Ok(control)
}

/// What writes events to `out` as `options` says.
fn subscriber<W>(
    options: &LogOptions,
    out: W,
) -> Result<(impl Subscriber + Send + Sync, LogControl), InvalidFilter>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let (filter, handle) = reload::Layer::new(filter::parse(&options.filter)?);
    let lines = Lines::new(out, options.format, options.redactor.clone());
    let layer = fmt::layer().with_writer(lines).with_ansi(false).log_internal_errors(false);
    let layer = match options.format {
        Format::Pretty => layer.boxed(),
        Format::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let layer = layer.with_filter(filter.and(filter::cap()));
    Ok((Registry::default().with(layer), LogControl(handle)))
}

#[cfg(test)]
mod tests;
