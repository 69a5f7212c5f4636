//! Tiny proxies that keep a journal.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use crate::server::Server;

/// What a proxy was asked for: where to, and with which login.
pub(crate) type Journal = Arc<Mutex<Vec<(String, String)>>>;

/// A proxy that tunnels by CONNECT, only with this login if one is given.
pub(crate) async fn http(login: Option<&'static str>) -> (Server, Journal) {
    let journal = Journal::default();
    let seen = Arc::clone(&journal);
    let server = Server::start(move |mut peer| {
        let seen = Arc::clone(&seen);
        async move {
            let Some(request) = peer.request().await else { return };
            let field = |name: &str| {
                let line = request.lines().find(|line| line.starts_with(name));
                line.map_or(String::new(), |line| line[name.len()..].to_owned())
            };
            let target = request.split(' ').nth(1).unwrap().to_owned();
            let given = field("Proxy-Authorization: ");
            seen.lock().unwrap().push((target.clone(), given.clone()));
            assert!(request.starts_with("CONNECT "), "{request}");
            if login.is_some_and(|login| login != given) {
                peer.write("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n").await;
                return;
            }
            let Ok(mut onward) = TcpStream::connect(&target).await else {
                peer.write("HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
                return;
            };
            peer.write("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n").await;
            let _ = copy_bidirectional(&mut peer.stream, &mut onward).await;
        }
    })
    .await;
    (server, journal)
}

/// A SOCKS 5 proxy, only with this login (`user:password`) if one is given. Names lead to this
/// machine.
pub(crate) async fn socks(login: Option<&'static str>) -> (Server, Journal) {
    let journal = Journal::default();
    let seen = Arc::clone(&journal);
    let server = Server::start(move |mut peer| {
        let seen = Arc::clone(&seen);
        async move {
            let _ = serve_socks(&mut peer.stream, login, &seen).await;
        }
    })
    .await;
    (server, journal)
}

async fn serve_socks(
    stream: &mut TcpStream,
    login: Option<&str>,
    seen: &Journal,
) -> std::io::Result<()> {
    assert_eq!(stream.read_u8().await?, 5);
    let methods = text(stream).await?;
    let method = if login.is_some() { 2 } else { 0 };
    if !methods.as_bytes().contains(&method) {
        return stream.write_all(&[5, 0xff]).await;
    }
    stream.write_all(&[5, method]).await?;
    let mut given = String::new();
    if let Some(login) = login {
        assert_eq!(stream.read_u8().await?, 1);
        given = format!("{}:{}", text(stream).await?, text(stream).await?);
        let refused = u8::from(given != login);
        stream.write_all(&[1, refused]).await?;
        if refused == 1 {
            seen.lock().unwrap().push((String::new(), given));
            return Ok(());
        }
    }
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let host = match head {
        [5, 1, 0, 1] => {
            stream.read_u32().await?.to_be_bytes().map(|part| part.to_string()).join(".")
        }
        [5, 1, 0, 3] => text(stream).await?,
        _ => panic!("{head:?}"),
    };
    let port = stream.read_u16().await?;
    seen.lock().unwrap().push((format!("{host}:{port}"), given));
    match TcpStream::connect(("127.0.0.1", port)).await {
        Ok(mut onward) => {
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
            copy_bidirectional(stream, &mut onward).await?;
        }
        Err(_) => stream.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await?,
    }
    Ok(())
}

async fn text(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(String::from_utf8(bytes).unwrap())
}
