//! SOCKS version 5 (RFC 1928, RFC 1929), names resolved by the proxy.

use std::net::IpAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Failed, Target};
use crate::wire::Wire;

const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
const NO_LOGIN: u8 = 0;
const BY_PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Asks the proxy at the other end of `wire` to pass bytes on to `target`.
pub(super) async fn connect(
    mut wire: Wire,
    target: &Target,
    login: Option<&(String, String)>,
) -> Result<Wire, Failed> {
    let offered: &[u8] = match login {
        Some(_) => &[VERSION, 2, NO_LOGIN, BY_PASSWORD],
        None => &[VERSION, 1, NO_LOGIN],
    };
    let [version, method] = ask(&mut wire, offered).await?;
    match (version, method, login) {
        (VERSION, NO_LOGIN, _) => {}
        (VERSION, BY_PASSWORD, Some((user, password))) => {
            let mut request = vec![LOGIN_VERSION];
            push_text(&mut request, user)?;
            push_text(&mut request, password)?;
            let [_, refused] = ask(&mut wire, &request).await?;
            if refused != 0 {
                return Err("the proxy refuses the login".into());
            }
        }
        (VERSION, _, _) => return Err("the proxy asks for a login".into()),
        _ => return Err("the proxy does not speak SOCKS 5".into()),
    }
    let [version, reply, _, kind] = ask(&mut wire, &request(target)?).await?;
    if version != VERSION {
        return Err("the proxy does not speak SOCKS 5".into());
    }
    if reply != 0 {
        return Err(format!("the proxy refuses to connect: {}", meaning(reply)).into());
    }
    skip_address(&mut wire, kind).await?;
    Ok(wire)
}

fn request(target: &Target) -> Result<Vec<u8>, Failed> {
    let mut request = vec![VERSION, CONNECT, 0];
    match target.host.parse() {
        Ok(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend_from_slice(&address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend_from_slice(&address.octets());
        }
        Err(_) => {
            request.push(NAME);
            push_text(&mut request, &target.host)?;
        }
    }
    request.extend_from_slice(&target.port.to_be_bytes());
    Ok(request)
}

/// The address that the proxy calls from, which is of no use here.
async fn skip_address(wire: &mut Wire, kind: u8) -> Result<(), Failed> {
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(wire.read_u8().await.map_err(|_| broke())?),
        _ => return Err("the proxy does not speak SOCKS 5".into()),
    };
    let mut rest = vec![0; length + 2];
    wire.read_exact(&mut rest).await.map_err(|_| broke())?;
    Ok(())
}

async fn ask<const N: usize>(wire: &mut Wire, request: &[u8]) -> Result<[u8; N], Failed> {
    let mut reply = [0; N];
    wire.write_all(request).await.map_err(|_| broke())?;
    wire.flush().await.map_err(|_| broke())?;
    wire.read_exact(&mut reply).await.map_err(|_| broke())?;
    Ok(reply)
}

fn push_text(request: &mut Vec<u8>, text: &str) -> Result<(), Failed> {
    let length = u8::try_from(text.len()).map_err(|_| "too long for SOCKS 5")?;
    request.push(length);
    request.extend_from_slice(text.as_bytes());
    Ok(())
}

fn meaning(reply: u8) -> &'static str {
    match reply {
        2 => "its rules forbid it",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "it took too long",
        7 | 8 => "not supported",
        _ => "general failure",
    }
}

fn broke() -> Failed {
    "the connection to the proxy broke".into()
}
