use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;

use crate::OpenError;

/// Where the database is, read from its URL.
pub(crate) struct Location {
    /// The URL without its password.
    pub(crate) shown: String,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    Memory,
    Files { control: PathBuf, logs: PathBuf },
    Postgres(Box<PgConnectOptions>),
    MySql(Box<MySqlConnectOptions>),
}

impl Location {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let url = url.trim();
        let shown = without_password(url);
        let problem = |problem: String| OpenError::Url { url: shown.clone(), problem };
        let (scheme, rest) =
            url.split_once(':').ok_or_else(|| problem("this is no database URL".to_owned()))?;
        let place = match scheme {
            "sqlite" => sqlite(rest).map_err(&problem)?,
            "postgres" | "postgresql" => {
                let options =
                    PgConnectOptions::from_str(url).map_err(|error| problem(reason(&error)))?;
                Place::Postgres(Box::new(options.disable_statement_logging()))
            }
            "mysql" | "mariadb" => {
                let options =
                    MySqlConnectOptions::from_str(url).map_err(|error| problem(reason(&error)))?;
                if options.get_database().is_none_or(str::is_empty) {
                    return Err(problem("the URL names no database".to_owned()));
                }
                Place::MySql(Box::new(options.disable_statement_logging()))
            }
            other => return Err(problem(format!("{other:?} is no known kind of database"))),
        };
        Ok(Self { shown, place })
    }
}

/// `rest` is what follows `sqlite:`.
fn sqlite(rest: &str) -> Result<Place, String> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    match path {
        ":memory:" => return Ok(Place::Memory),
        "" => return Err("the URL names no file".to_owned()),
        _ => {}
    }
    // Written by other programs for "create the file if missing", which we do anyway.
    if !matches!(query, "" | "mode=rwc" | "mode=rw") {
        return Err(format!("unknown parameters {query:?}"));
    }
    let control = PathBuf::from(path);
    if path.ends_with('/') || control.file_name().is_none() {
        return Err("the URL names a directory, not a file".to_owned());
    }
    let logs = logs_beside(&control);
    Ok(Place::Files { control, logs })
}

/// `data/name.db` has its logs in `data/name-logs.db`.
fn logs_beside(control: &Path) -> PathBuf {
    let mut name = control.file_stem().unwrap_or_default().to_owned();
    name.push("-logs");
    if let Some(extension) = control.extension() {
        name.push(".");
        name.push(extension);
    }
    control.with_file_name(name)
}

/// The URL as people may see it: without the password, also where it is a parameter.
fn without_password(url: &str) -> String {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let base = match base.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = match rest.find('/') {
                // A password may hold an unescaped slash: what precedes the last "@" is never shown.
                Some(slash) if !rest[slash..].contains('@') => rest.split_at(slash),
                _ => (rest, ""),
            };
            let shown = match authority.rsplit_once('@') {
                Some((user, host)) => {
                    let user = user.split_once(':').map_or(user, |(name, _)| name);
                    format!("{user}@{host}")
                }
                None => authority.to_owned(),
            };
            format!("{scheme}://{shown}{path}")
        }
        None => base.to_owned(),
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.to_ascii_lowercase().starts_with("password"))
        .collect();
    if kept.is_empty() { base } else { format!("{base}?{}", kept.join("&")) }
}

/// The driver's words for a URL that it does not accept.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Configuration(source) => source.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(url: &str) -> (String, String) {
        match Location::parse(url).map(|location| location.place) {
            Ok(Place::Files { control, logs }) => {
                (control.display().to_string(), logs.display().to_string())
            }
            _ => panic!("{url} is no file"),
        }
    }

    #[test]
    fn sqlite_paths_may_be_relative_or_absolute() {
        let pair = |control: &str, logs: &str| (control.to_owned(), logs.to_owned());
        assert_eq!(files("sqlite://data/gb.db"), pair("data/gb.db", "data/gb-logs.db"));
        assert_eq!(files("sqlite:///var/gb.sqlite"), pair("/var/gb.sqlite", "/var/gb-logs.sqlite"));
        assert_eq!(files("sqlite:gb"), pair("gb", "gb-logs"));
        assert_eq!(files("sqlite://./a.b/x.db?mode=rwc"), pair("./a.b/x.db", "./a.b/x-logs.db"));
        assert!(matches!(
            Location::parse("sqlite::memory:").map(|location| location.place),
            Ok(Place::Memory)
        ));
    }

    #[test]
    fn passwords_are_never_shown() {
        let cases = [
            ("postgres://gb:hunter2@db:5432/gb", "postgres://gb@db:5432/gb"),
            ("mysql://gb:hu@nter2@db/gb", "mysql://gb@db/gb"),
            ("mysql://gb:hun/ter2@db/gb", "mysql://gb@db/gb"),
            ("postgres://db/gb?user=gb&password=hunter2", "postgres://db/gb?user=gb"),
            ("sqlite://data/gb.db", "sqlite://data/gb.db"),
        ];
        for (url, shown) in cases {
            assert_eq!(without_password(url), shown);
        }
        for url in
            ["mysql://gb:hunter2@db:port/gb", "postgres://gb:hunter2@[/", "oracle://a:hunter2@b"]
        {
            let line =
                Location::parse(url).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!line.is_empty() && !line.contains("hunter2"), "{line}");
        }
    }

    #[test]
    fn what_is_no_database_url_is_refused() {
        for url in ["", "data/gb.db", "sqlite://", "sqlite://data/", "http://x", "mysql://u:p@h"] {
            assert!(matches!(Location::parse(url), Err(OpenError::Url { .. })), "{url}");
        }
    }
}
