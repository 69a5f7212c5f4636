//! Addresses: to listen on, of Google, of databases, of proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use url::Url;

use super::{Problem, quoted};
use crate::hidden::Hidden;

/// `0.0.0.0:8000`; also `localhost:8000`, `:8000`, `*:8000` and a port alone.
pub(super) fn socket(text: &str) -> Result<SocketAddr, Problem> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (name, port) = text.rsplit_once(':').unwrap_or(("", text));
    let port = port.parse().map_err(|_| quoted(text, "has no port from 0 to 65535"))?;
    Ok(SocketAddr::new(host(name)?, port))
}

pub(super) fn host(text: &str) -> Result<IpAddr, Problem> {
    match text {
        "" | "*" => Ok(Ipv4Addr::UNSPECIFIED.into()),
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        _ => text
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .map_err(|_| quoted(text, "is no IP address")),
    }
}

/// An `http` or `https` address without credentials, query and fragment; no slash at its end.
pub(super) fn web(text: &str) -> Result<String, Problem> {
    let url =
        Url::parse(text).map_err(|error| quoted(text, &format!("is no address ({error})")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(quoted(text, "does not start with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password, which does not belong there".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("holds a ? or #, which does not belong there".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// An `http` or `https` address. It may be a secret as a whole, so problems do not quote it.
pub(super) fn secret_web(text: &str) -> Result<Hidden, Problem> {
    let url = Url::parse(text).map_err(|error| format!("is no address ({error})"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("does not start with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password, which does not belong there".to_owned());
    }
    Ok(Hidden::new(text))
}

/// An address with one of the schemes. It may hold a password, so problems do not quote it.
pub(super) fn service(text: &str, schemes: &[&str]) -> Result<Hidden, Problem> {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    if !schemes.contains(&scheme) {
        return Err("does not start with a known scheme".to_owned());
    }
    if scheme == "sqlite" {
        return Ok(Hidden::new(text));
    }
    let url = Url::parse(text).map_err(|error| format!("is no address ({error})"))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err("names no host".to_owned());
    }
    Ok(Hidden::new(text))
}

pub(super) fn proxies(addresses: &[String]) -> Result<Vec<Hidden>, Problem> {
    for (index, address) in addresses.iter().enumerate() {
        let problem = |what: &str| format!("has an entry (number {}) that {what}", index + 1);
        let url = Url::parse(address).map_err(|_| problem("is no address"))?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            return Err(problem("has another scheme"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(problem("names no host"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(problem("goes on behind host and port"));
        }
    }
    Ok(addresses.iter().map(|address| Hidden::new(address)).collect())
}
