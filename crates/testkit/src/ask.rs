//! One request on a connection of its own.

use std::net::SocketAddr;
use std::str::FromStr as _;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::{Answer, Live, in_time};

/// A request that has not been sent yet.
#[derive(Clone, Debug)]
pub struct Ask {
    address: SocketAddr,
    request: Request<Bytes>,
}

impl Ask {
    pub(crate) fn new(address: SocketAddr, method: &str, path: &str) -> Self {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, address.to_string())
            .body(Bytes::new())
            .unwrap();
        Self { address, request }
    }

    /// One more header; not instead of one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_str(name).unwrap();
        self.request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// No such header.
    pub fn without(mut self, name: &str) -> Self {
        self.request.headers_mut().remove(name);
        self
    }

    /// The body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    /// Sends it and reads the answer to its end, whatever end that is.
    pub async fn send(self) -> Answer {
        let shown = format!("{} {}", self.request.method(), self.request.uri());
        let answer = in_time(&shown, self.try_send()).await;
        answer.unwrap_or_else(|error| panic!("{shown}: {error}"))
    }

    /// As [`Ask::send`], where the gateway may be gone.
    pub async fn try_send(self) -> Result<Answer, String> {
        let (response, connection) = self.exchange().await.map_err(|error| error.to_string())?;
        let mut live = Live::new(response, connection);
        let mut body = Vec::new();
        while let Some(chunk) = live.chunk().await {
            body.extend_from_slice(&chunk);
        }
        let ended_well = live.ended_well();
        Ok(Answer {
            status: live.status,
            headers: live.headers.clone(),
            body: body.into(),
            ended_well,
        })
    }

    /// Sends it and reads the answer's head only; dropping what it gives closes the connection.
    pub async fn open(self) -> Live {
        let shown = format!("{} {}", self.request.method(), self.request.uri());
        let opened = in_time(&shown, self.exchange()).await;
        let (response, connection) = opened.unwrap_or_else(|error| panic!("{shown}: {error}"));
        Live::new(response, connection)
    }

    async fn exchange(self) -> Result<(Response<Incoming>, Connection), Unsent> {
        let stream = TcpStream::connect(self.address).await.map_err(Unsent::Unreachable)?;
        stream.set_nodelay(true).unwrap();
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(Unsent::Broken)?;
        let connection = Connection(tokio::spawn(async move {
            // How it ends is seen by whoever reads the answer.
            let _ = connection.await;
        }));
        let response =
            sender.send_request(self.request.map(Full::new)).await.map_err(Unsent::Broken)?;
        Ok((response, connection))
    }
}

/// Closed when dropped.
#[derive(Debug)]
pub(crate) struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Why there is no answer.
#[derive(Debug)]
enum Unsent {
    Unreachable(std::io::Error),
    Broken(hyper::Error),
}

impl std::fmt::Display for Unsent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(error) => write!(f, "nobody listens: {error}"),
            Self::Broken(error) => write!(f, "no answer: {error:?}"),
        }
    }
}
