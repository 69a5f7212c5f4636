use std::time::Duration;

use bytes::Bytes;
use http::Method;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::AnswerBody;
use crate::connection::Connection;

const ROOT: &[u8] = include_bytes!("../../../tests/data/tls/root.der");
const LEAF: &[u8] = include_bytes!("../../../tests/data/tls/localhost.der");
const KEY: &[u8] = include_bytes!("../../../tests/data/tls/localhost-key.der");

/// A wire to a server that shows the leaf for `localhost`, reads `length` bytes and then answers
/// with the same bytes in reverse order behind `head`.
async fn wire(length: usize, head: &'static str) -> Wire {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let provider = aws_lc_rs::default_provider();
        let config = ServerConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(LEAF)],
                PrivateKeyDer::try_from(KEY).unwrap(),
            )
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
            return;
        };
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await.unwrap();
        bytes.reverse();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        stream.shutdown().await.unwrap();
    });
    Wire::Tcp(TcpStream::connect(address).await.unwrap())
}

fn trusting_the_root() -> Tls {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ROOT)).unwrap();
    Tls::with_roots(roots).unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn bytes_pass_when_the_certificate_is_good() {
    let mut wire = trusting_the_root().secure(wire(4, "").await, "localhost").await.unwrap();
    wire.write_all(b"ping").await.unwrap();
    wire.flush().await.unwrap();
    let mut bytes = Vec::new();
    wire.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, b"gnip");
}

#[tokio::test(flavor = "current_thread")]
async fn a_foreign_name_or_an_unknown_root_is_refused() {
    let wrong_name = trusting_the_root().secure(wire(4, "").await, "google.example").await;
    assert!(wrong_name.unwrap_err().contains("certificate is not valid"));
    let unknown_root = Tls::new().unwrap().secure(wire(4, "").await, "localhost").await;
    assert!(unknown_root.unwrap_err().contains("certificate is not valid"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_server_without_tls_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let wire = Wire::Tcp(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
    let (mut stream, _) = listener.accept().await.unwrap();
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    let refused = trusting_the_root().secure(wire, "localhost").await.unwrap_err();
    assert!(refused.starts_with("TLS failed"), "{refused}");
}

#[tokio::test(flavor = "current_thread")]
async fn large_bodies_pass_both_ways() {
    const SIZE: usize = 3 << 20;
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 3145732\r\n\r\n";
    let wire = trusting_the_root().secure(wire(SIZE + 4, head).await, "localhost").await.unwrap();
    let mut connection = Box::new(Connection::new(wire));
    connection.outgoing.extend_from_slice(b"head");
    let body: Bytes = (0..SIZE).map(|at| (at % 251) as u8).collect();
    let (second, deadline) = (Duration::from_secs(1), Instant::now() + Duration::from_secs(5));
    let head =
        connection.exchange(&Method::POST, &body.clone().into(), 4096, deadline).await.unwrap();
    assert!(head.keep_alive);
    let answer = AnswerBody::new(connection, head.framing, None, second, None);
    let answer = answer.collect(SIZE + 4).await.unwrap();
    assert!(answer.iter().rev().eq(b"head".iter().chain(&body)));
}
