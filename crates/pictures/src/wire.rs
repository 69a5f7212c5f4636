//! One request over a connection of its own.

use std::time::Duration;

use bytes::Bytes;
use fetch::Network;
use http::header::{CONNECTION, HOST, USER_AGENT};
use http::{HeaderValue, Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use url::Position;

use crate::{Outgoing, UploadError, address};

const CONNECT: Duration = Duration::from_secs(10);
const TOTAL: Duration = Duration::from_mins(1);

/// No host has more to say.
const LARGEST_ANSWER: usize = 1 << 20;

/// Sends an upload. Returns where the picture lies then.
pub async fn send(network: &Network, outgoing: &Outgoing) -> Result<String, UploadError> {
    timeout(TOTAL, exchange(network, outgoing)).await.unwrap_or(Err(UploadError::TooSlow))
}

async fn exchange(network: &Network, outgoing: &Outgoing) -> Result<String, UploadError> {
    let host = outgoing.url.host().ok_or(UploadError::Address)?.to_owned();
    let port = outgoing.url.port_or_known_default().ok_or(UploadError::Address)?;
    let name = host.to_string();
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let connecting = timeout(CONNECT, TcpStream::connect((name, port)));
    let stream = connecting
        .await
        .map_err(|_| UploadError::TooSlow)?
        .map_err(|_| UploadError::Unreachable)?;
    if outgoing.url.scheme() == "https" {
        let securing = timeout(CONNECT, network.secure(stream, &host));
        let stream = securing
            .await
            .map_err(|_| UploadError::TooSlow)?
            .map_err(|_| UploadError::Unreachable)?;
        return ask(stream, outgoing).await;
    }
    ask(stream, outgoing).await
}

async fn ask<S>(stream: S, outgoing: &Outgoing) -> Result<String, UploadError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let broken = |_| UploadError::Broken;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let _driver = AbortOnDropHandle::new(tokio::spawn(async move {
        // Whoever waits for the answer hears of errors, too.
        let _ = connection.await;
    }));
    let response = sender.send_request(request(outgoing)?).await.map_err(broken)?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
    let body = body.map_err(|_| UploadError::Broken)?.to_bytes();
    address(outgoing, status, &body)
}

fn request(outgoing: &Outgoing) -> Result<Request<Full<Bytes>>, UploadError> {
    let url = &outgoing.url;
    let target: Uri = url[Position::BeforePath..Position::AfterQuery]
        .parse()
        .map_err(|_| UploadError::Address)?;
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    let authority = HeaderValue::from_str(authority).map_err(|_| UploadError::Address)?;
    let mut request = Request::new(Full::new(outgoing.body.clone()));
    *request.method_mut() = outgoing.method.clone();
    *request.uri_mut() = target;
    let headers = request.headers_mut();
    headers.clone_from(&outgoing.headers);
    headers.insert(HOST, authority);
    headers.insert(USER_AGENT, HeaderValue::from_static("gemini-balance"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}
