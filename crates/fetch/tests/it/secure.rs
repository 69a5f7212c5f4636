//! TLS.

use std::sync::Arc;

use fetch::{Fetcher, Network, Policy, Reason};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::addresses::Answers;
use crate::server::{PNG, Server, moved, whole};
use crate::{limits, list, unavailable};

const ROOT: &[u8] = include_bytes!("../../../upstream/tests/data/tls/root.der");
const LEAF: &[u8] = include_bytes!("../../../upstream/tests/data/tls/localhost.der");
const KEY: &[u8] = include_bytes!("../../../upstream/tests/data/tls/localhost-key.der");

/// Shows a certificate for `localhost` and answers each request with these bytes.
async fn server(bytes: Vec<u8>) -> Server {
    let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(LEAF)], PrivateKeyDer::try_from(KEY).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::start(move |peer| {
        let (acceptor, bytes) = (acceptor.clone(), bytes.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(peer.stream).await else { return };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(&bytes).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    })
    .await
}

/// Trusts the test's root; every name is this machine.
fn fetcher() -> Fetcher {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ROOT)).unwrap();
    let network = Network::system().unwrap().with_roots(roots).unwrap();
    let answers = Answers::new(&[&["127.0.0.1"], &["127.0.0.1"]]);
    Fetcher::over(network.with_resolver(answers), Policy::Listed(list("127.0.0.1")))
}

#[tokio::test]
async fn a_file_is_fetched_when_the_certificate_is_good() {
    let server = server(whole(PNG)).await;
    let url = format!("https://LOCALHOST.:{}/", server.port);
    let fetched = fetcher().fetch(&url, &limits()).await.unwrap();
    assert_eq!(&fetched.bytes[..], PNG);
}

#[tokio::test]
async fn foreign_names_and_unknown_roots_are_refused() {
    let server = server(whole(PNG)).await;
    for host in ["other.example", "127.0.0.1"] {
        let url = format!("https://{host}:{}/", server.port);
        assert_eq!(unavailable(fetcher().fetch(&url, &limits()).await), Reason::Tls, "{host}");
    }
    let url = format!("https://localhost:{}/", server.port);
    let unknown_root = crate::fetcher().fetch(&url, &limits()).await;
    assert_eq!(unavailable(unknown_root), Reason::Tls);
}

#[tokio::test]
async fn a_server_without_tls_is_refused() {
    let plain = Server::answering(whole(PNG)).await;
    let url = format!("https://127.0.0.1:{}/", plain.port);
    let refused = unavailable(fetcher().fetch(&url, &limits()).await);
    assert!(matches!(refused, Reason::Tls | Reason::TooSlow), "{refused:?}");
}

#[tokio::test]
async fn redirects_do_not_leave_https() {
    let plain = Server::answering(whole(PNG)).await;
    let server = server(moved(&plain.url())).await;
    let url = format!("https://localhost:{}/", server.port);
    assert_eq!(unavailable(fetcher().fetch(&url, &limits()).await), Reason::Redirect);
    assert_eq!(plain.connections(), 0);
}
