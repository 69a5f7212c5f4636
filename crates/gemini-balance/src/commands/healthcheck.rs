//! `healthcheck`: asks a running server whether it lives, with nothing but a socket.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use settings::Resolved;

use crate::cli::Healthcheck;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output;

const PATIENCE: Duration = Duration::from_secs(3);

/// A status line is far shorter.
const ENOUGH: usize = 512;

/// Asks once. Succeeds if the answer's status is 200.
pub(crate) fn run(environment: &Environment, arguments: Healthcheck) -> Result<(), Failure> {
    let url = if let Some(url) = arguments.url {
        url
    } else {
        let resolved = Resolved::new(environment, &BTreeMap::new())?;
        format!("http://{}/healthz", reachable(resolved.settings.server.listen))
    };
    let status = ask(&url).with_context(|| format!("{url} does not answer"))?;
    if status == 200 {
        return output::print("healthy");
    }
    Err(anyhow!("{url} answers with status {status}").into())
}

/// Where a server that listens on every address can be reached from here.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn ask(url: &str) -> anyhow::Result<u16> {
    let rest = url.strip_prefix("http://").context("the address must start with http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ENOUGH as u64).read_to_end(&mut answer)?;
    status(&answer).context("that is no answer in HTTP")
}

fn connect(host: &str) -> anyhow::Result<TcpStream> {
    let name = if host.rsplit(']').next().is_some_and(|end| end.contains(':')) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let mut last = None;
    for address in name.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => Err(error.into()),
        None => bail!("{host} has no address"),
    }
}

/// The status code in `HTTP/1.1 200 OK`.
fn status(answer: &[u8]) -> Option<u16> {
    let head = std::str::from_utf8(answer.get(..12)?).ok()?;
    head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_asked_on_the_loopback() {
        let at = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(at("0.0.0.0:8000"), "127.0.0.1:8000");
        assert_eq!(at("[::]:8000"), "[::1]:8000");
        assert_eq!(at("10.0.0.7:80"), "10.0.0.7:80");
    }

    #[test]
    fn only_http_has_a_status() {
        assert_eq!(status(b"HTTP/1.1 200 OK\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.1 503 Service"), Some(503));
        assert_eq!(status(b"SSH-2.0-OpenSSH_9"), None);
        assert_eq!(status(b"HTTP"), None);
    }
}
