//! Asking the gateway from within its process, by the very HTTP that clients speak: over a connection
//! that is memory, to a [`Service`] like that of any worker.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::{self, Either};
use http::header::HOST;
use http::{HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use keypool::{EgressId, KeyId};
use store::{RequestRecord, TokenLimits};
use tokio::sync::oneshot;

use crate::clock;
use crate::exchange::InProgress;
use crate::gateway::Gateway;
use crate::limits::Meter;
use crate::service::Service;
use crate::tokens::Client;

/// What the log has in place of a client token's id.
const TOKEN_ID: &str = "console";

/// So much of an answer lies in memory until it is taken.
const BUFFER: usize = 64 * 1024;

/// Whoever asks the gateway from within. No client token is needed, and no limits of one hold.
#[derive(Clone, Debug)]
pub struct Behalf {
    /// Under which name the log has it.
    pub name: String,
    /// Labels, of which a key must have one to serve; without any, all keys do.
    pub tags: Vec<String>,
    /// The key that is to serve, or another one of its project.
    pub key: Option<KeyId>,
    /// The way out that it takes, whatever becomes of it; one of [`Way::all`](crate::Way::all).
    pub way: Option<EgressId>,
}

/// What asks the gateway that it is in.
#[derive(Clone)]
pub struct Within {
    service: Service,
}

/// The connection broke off, which no peer can do: the gateway has ended the request.
#[derive(Debug, thiserror::Error)]
#[error("the gateway ended the request")]
pub struct BrokenOff;

impl Within {
    /// With connections of its own to Google.
    pub fn new(gateway: Arc<Gateway>) -> Self {
        Self { service: Service::new(gateway) }
    }

    /// Asks. Dropping the answer, or this future, is what a client does that leaves.
    pub async fn ask(
        &self,
        behalf: Behalf,
        request: Request<Bytes>,
    ) -> Result<Response<Reply>, BrokenOff> {
        let (told, record) = oneshot::channel();
        self.ask_as(Guest::new(behalf, told), record, request).await
    }

    /// Asks on behalf of a client token, whose limits hold. One that lets nobody in is refused as at
    /// the front door.
    pub async fn ask_for(
        &self,
        token_id: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Reply>, BrokenOff> {
        let configuration = self.service.gateway().configuration();
        let client = configuration.tokens.valid_client(token_id, clock::now()).cloned();
        let (told, record) = oneshot::channel();
        let guest = Guest { client, wishes: Wishes::default(), witness: Witness::new(told) };
        self.ask_as(guest, record, request).await
    }

    async fn ask_as(
        &self,
        guest: Guest,
        record: oneshot::Receiver<RequestRecord>,
        mut request: Request<Bytes>,
    ) -> Result<Response<Reply>, BrokenOff> {
        request.headers_mut().entry(HOST).or_insert(HeaderValue::from_static("localhost"));
        let service = self.service.clone();
        let handler = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(guest.clone());
            let service = service.clone();
            async move { Ok::<_, Infallible>(service.call(request).await) }
        });
        let (near, far) = tokio::io::duplex(BUFFER);
        let server = hyper::server::conn::http1::Builder::new();
        let server = server.serve_connection(TokioIo::new(far), handler);
        // Without its type, which is as deep as the gateway.
        let server: Connection = Box::pin(async move { drop(server.await) });
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(near)).await;
        let (mut sender, client) = shaken.map_err(|_| BrokenOff)?;
        let connection = async move { drop(future::join(server, client).await) };
        let connection: Connection = Box::pin(connection);
        let asked = Box::pin(sender.send_request(request.map(Full::new)));
        match future::select(asked, connection).await {
            Either::Left((Ok(response), connection)) => {
                let connection = Some(connection);
                Ok(response.map(|body| Reply { connection, body, record }))
            }
            _ => Err(BrokenOff),
        }
    }
}

impl std::fmt::Debug for Within {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Within").finish_non_exhaustive()
    }
}

/// Both ends of the connection.
type Connection = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The body of an answer, which drives the connection that it comes over.
pub struct Reply {
    connection: Option<Connection>,
    body: Incoming,
    record: oneshot::Receiver<RequestRecord>,
}

impl Reply {
    /// Ends the request if it is not over, and returns what was written down of it; nothing of one that
    /// was not let in.
    pub async fn record(self) -> Option<RequestRecord> {
        let Self { connection, body, record } = self;
        drop((connection, body));
        record.await.ok()
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reply").finish_non_exhaustive()
    }
}

impl http_body::Body for Reply {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Some(connection) = &mut self.connection
            && connection.as_mut().poll(context).is_ready()
        {
            self.connection = None;
        }
        let frame = Pin::new(&mut self.body).poll_frame(context);
        frame.map(|frame| frame.map(|frame| frame.map_err(|_| BrokenOff)))
    }
}

/// Travels in the extensions of a request that came from within; nothing from outside can put it there.
#[derive(Clone)]
pub(crate) struct Guest {
    /// None if the client token lets nobody in.
    pub(crate) client: Option<Arc<Client>>,
    wishes: Wishes,
    pub(crate) witness: Witness,
}

/// What a guest wants of the way that a request takes.
#[derive(Clone, Default)]
pub(crate) struct Wishes {
    /// The key that is to serve.
    key: Option<KeyId>,
    /// The way out that it takes.
    way: Option<EgressId>,
}

impl Wishes {
    /// Lets a request go as is wanted.
    pub(crate) fn hold_for(self, exchange: &mut InProgress) {
        if let Some(key) = self.key {
            exchange.bind_to_key(key);
        }
        exchange.way = self.way;
    }
}

impl Guest {
    fn new(behalf: Behalf, told: oneshot::Sender<RequestRecord>) -> Self {
        let client = Client {
            token_id: Arc::from(TOKEN_ID),
            name: Arc::from(behalf.name.as_str()),
            tags: behalf.tags.clone(),
            limits: TokenLimits::default(),
            meter: Arc::<Meter>::default(),
        };
        let Behalf { key, way, .. } = behalf;
        let wishes = Wishes { key, way };
        Self { client: Some(Arc::new(client)), wishes, witness: Witness::new(told) }
    }

    pub(crate) fn wishes(&self) -> Wishes {
        self.wishes.clone()
    }
}

/// Who is told how a request ended.
#[derive(Clone)]
pub(crate) struct Witness(Arc<Mutex<Option<oneshot::Sender<RequestRecord>>>>);

impl Witness {
    fn new(told: oneshot::Sender<RequestRecord>) -> Self {
        Self(Arc::new(Mutex::new(Some(told))))
    }

    /// Tells it, the first time.
    pub(crate) fn hears(&self, record: RequestRecord) {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(told) = told {
            // Whoever asked may have left.
            let _ = told.send(record);
        }
    }
}
