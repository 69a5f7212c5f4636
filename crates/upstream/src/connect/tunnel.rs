//! HTTP proxies: a tunnel by CONNECT, for plain targets too.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Failed, Target};
use crate::wire::Wire;

/// The longest head that a proxy may answer with.
const LONGEST_HEAD: usize = 8 * 1024;

/// Asks the proxy at the other end of `wire` to pass bytes on to `target`.
pub(super) async fn connect(
    mut wire: Wire,
    target: &Target,
    login: Option<&(String, String)>,
) -> Result<Wire, Failed> {
    let request = request(target, login);
    wire.write_all(request.as_bytes()).await.map_err(|_| broke())?;
    wire.flush().await.map_err(|_| broke())?;
    let mut head = Vec::with_capacity(512);
    // Byte by byte would cost a system call each; the target does not speak before it is spoken
    // to, so nothing of it can be read along.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD {
            return Err("the proxy's answer is too large".into());
        }
        if wire.read_buf(&mut head).await.map_err(|_| broke())? == 0 {
            return Err("the proxy closed the connection".into());
        }
    }
    let mut lines = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut lines);
    match response.parse(&head) {
        Ok(httparse::Status::Complete(_)) => {}
        _ => return Err("the proxy does not speak HTTP".into()),
    }
    match response.code {
        Some(200..=299) => Ok(wire),
        Some(407) => Err("the proxy refuses the login".into()),
        Some(status) => Err(format!("the proxy refuses to connect: status {status}").into()),
        None => Err("the proxy does not speak HTTP".into()),
    }
}

fn request(target: &Target, login: Option<&(String, String)>) -> String {
    let (open, close) = if target.host.contains(':') { ("[", "]") } else { ("", "") };
    let to = format!("{open}{}{close}:{}", target.host, target.port);
    let login = login.map_or_else(String::new, |(user, password)| {
        let login = BASE64_STANDARD.encode(format!("{user}:{password}"));
        format!("Proxy-Authorization: Basic {login}\r\n")
    });
    format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{login}\r\n")
}

fn broke() -> Failed {
    "the connection to the proxy broke".into()
}
