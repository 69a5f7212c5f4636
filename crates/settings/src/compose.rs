//! Settings that are put together from others.

use url::Url;

use crate::error::SettingError;
use crate::hidden::Hidden;
use crate::layers::{Origin, Values};
use crate::value::Value;

/// Before the stored layer: what only the environment can give.
pub(crate) fn before_store(values: &mut Values, errors: &mut Vec<SettingError>) {
    listen(values);
    match database(values) {
        Ok(Some((url, via))) => {
            values.put("DATABASE_URL", Value::Secret(url), Origin::Environment, via);
        }
        Ok(None) => {}
        Err(error) => errors.push(error),
    }
}

/// After the stored layer: `TIME_OUT` stands in for two others.
pub(crate) fn after_store(values: &mut Values) {
    let Some(entry) = values.entry("TIME_OUT") else { return };
    let (Some(value), origin) = (entry.value.clone(), entry.origin) else { return };
    for name in ["FIRST_BYTE_TIMEOUT", "IDLE_TIMEOUT"] {
        if !values.given(name) {
            values.put(name, value.clone(), origin, "TIME_OUT");
        }
    }
}

fn listen(values: &mut Values) {
    if values.given("LISTEN") || !(values.given("HOST") || values.given("PORT")) {
        return;
    }
    let mut address = values.address("LISTEN");
    if let Some(host) = values.text("HOST").and_then(|host| host.parse().ok()) {
        address.set_ip(host);
    }
    if values.given("PORT") {
        address.set_port(u16::try_from(values.number("PORT")).unwrap_or_default());
    }
    let via = if values.given("HOST") { "HOST" } else { "PORT" };
    values.put("LISTEN", Value::Address(address), Origin::Environment, via);
}

type Database = Option<(Hidden, &'static str)>;

fn database(values: &Values) -> Result<Database, SettingError> {
    if values.given("DATABASE_URL") {
        return Ok(None);
    }
    let mysql = values.given("MYSQL_HOST") || values.given("MYSQL_SOCKET");
    match values.text("DATABASE_TYPE") {
        Some("mysql") => mysql_url(values).map(Some),
        None if mysql && !values.given("SQLITE_DATABASE") => mysql_url(values).map(Some),
        Some(_) | None => sqlite_url(values),
    }
}

fn sqlite_url(values: &Values) -> Result<Database, SettingError> {
    let Some(name) = values.text("SQLITE_DATABASE") else { return Ok(None) };
    if name.contains(['/', '\\', '?', '#', '%']) {
        return Err(SettingError::Invalid {
            name: "SQLITE_DATABASE".to_owned(),
            problem: format!("{name:?} is no plain file name"),
            accepted: "the name of a file below data/ (a path goes into DATABASE_URL)".to_owned(),
        });
    }
    Ok(Some((Hidden::new(&format!("sqlite://data/{name}")), "SQLITE_DATABASE")))
}

fn mysql_url(values: &Values) -> Result<(Hidden, &'static str), SettingError> {
    let need = |name: &'static str| {
        values.text(name).ok_or_else(|| SettingError::Invalid {
            name: name.to_owned(),
            problem: "is not set, but DATABASE_TYPE=mysql needs it".to_owned(),
            accepted: "a text, or the whole address as DATABASE_URL".to_owned(),
        })
    };
    let socket = values.text("MYSQL_SOCKET");
    let host = if socket.is_some() { "localhost" } else { need("MYSQL_HOST")? };
    let (user, database) = (need("MYSQL_USER")?, need("MYSQL_DATABASE")?);
    let via = if socket.is_some() { "MYSQL_SOCKET" } else { "MYSQL_HOST" };
    let url = address(host, user, database, values).ok_or_else(|| SettingError::Invalid {
        name: "MYSQL_HOST".to_owned(),
        problem: format!("{host:?} is no host"),
        accepted: "a host name or an IP address".to_owned(),
    })?;
    Ok((Hidden::new(&url), via))
}

fn address(host: &str, user: &str, database: &str, values: &Values) -> Option<String> {
    let mut url = Url::parse("mysql://localhost").ok()?;
    url.set_host(Some(host)).ok()?;
    if values.given("MYSQL_PORT") {
        url.set_port(u16::try_from(values.number("MYSQL_PORT")).ok()).ok()?;
    }
    url.set_username(user).ok()?;
    let password = values.secret("MYSQL_PASSWORD");
    url.set_password(password.as_ref().map(Hidden::expose)).ok()?;
    url.path_segments_mut().ok()?.push(database);
    if let Some(socket) = values.text("MYSQL_SOCKET") {
        url.query_pairs_mut().append_pair("socket", socket);
    }
    Some(url.into())
}
