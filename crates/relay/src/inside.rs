//! Requests that begin within this process: the console asks the public API as a client would.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1 as asking;
use hyper::server::conn::http1 as answering;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use crate::gateway::Gateway;
use crate::service::Service;

/// So much of an answer waits for whoever asked.
const BUFFER: usize = 64 * 1024;

/// For which client token a request acts that carries none. Only this process can say so: nothing
/// that comes from the network becomes such an extension.
#[derive(Clone, Debug)]
pub(crate) struct ActsFor(pub(crate) Arc<str>);

/// Why there is no answer at all.
#[derive(Debug, thiserror::Error)]
#[error("the request found no way through the gateway: {0}")]
pub struct Unanswered(#[from] hyper::Error);

impl Gateway {
    /// Answers a request to the public API as the front door would, for the client token of this
    /// id: its limits hold, and the request is in the log. Dropping the answer's body ends it.
    pub async fn ask_for(
        self: &Arc<Self>,
        token_id: &str,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Unanswered> {
        request.headers_mut().entry(HOST).or_insert(HeaderValue::from_static("localhost"));
        let (near, far) = tokio::io::duplex(BUFFER);
        let service = Service::new(Arc::clone(self));
        let acts_for = ActsFor(Arc::from(token_id));
        let handler = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(acts_for.clone());
            let service = service.clone();
            async move { Ok::<_, Infallible>(service.call(request).await) }
        });
        let serving = answering::Builder::new().serve_connection(TokioIo::new(far), handler);
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::debug!(%error, "a request of this process ended early");
            }
        });
        let (mut sender, connection) = asking::handshake(TokioIo::new(near)).await?;
        // How it ends is seen by whoever reads the answer.
        tokio::spawn(async move { connection.await.ok() });
        Ok(sender.send_request(request).await?)
    }
}
