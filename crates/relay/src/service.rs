//! From a request's head to the handler that answers it: operations, credentials, dispatch.

mod admission;
mod strictness;

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use dialect::openai::transcription::Task;
use futures_util::FutureExt;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CONNECTION,
};
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use keypool::{PerPlatform, Platform};
use tokio::time::Instant;
use upstream::Client;
use uuid::Uuid;

use crate::answer::{self, Fault};
use crate::body::Body;
use crate::bound::Tie;
use crate::clock;
use crate::exchange::{Exchange, InProgress};
use crate::gateway::{Configuration, Gateway};
use crate::ledger::{self, Entry};
use crate::mount::ClientAddress;
use crate::route::{self, Dialect, Route};
use crate::routes;
use crate::routes::uploads::Session;
use crate::within::Guest;
use admission::presented;
use strictness::is_strict;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One worker's view of the gateway: the shared state and the worker's own connections to Google.
#[derive(Clone)]
pub(crate) struct Service {
    gateway: Arc<Gateway>,
    client: Arc<Mutex<Option<Connected>>>,
    peer: Option<SocketAddr>,
}

/// The clients, and the settings that they were built for.
struct Connected {
    configuration: Arc<Configuration>,
    clients: PerPlatform<Arc<Client>>,
}

impl Service {
    pub(crate) fn new(gateway: Arc<Gateway>) -> Self {
        Self { gateway, client: Arc::new(Mutex::new(None)), peer: None }
    }

    /// The same for the connection of this peer.
    pub(crate) fn of(self, peer: Option<SocketAddr>) -> Self {
        Self { peer, ..self }
    }

    pub(crate) fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// Answers one request; never fails, whatever happens inside.
    pub(crate) async fn call(&self, request: Request<Incoming>) -> Response<Body> {
        let mut buffer = Uuid::encode_buffer();
        let id: &str = Uuid::now_v7().hyphenated().encode_lower(&mut buffer);
        // hyper keeps this future's room for as long as the connection lives, so what is large in
        // it lives on the heap and goes when the head is answered.
        let answer = Box::pin(self.answer(request, id));
        let answer = AssertUnwindSafe(answer).catch_unwind().await;
        let mut response = answer.unwrap_or_else(|_| panicked(id));
        if let Ok(value) = HeaderValue::from_str(id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }

    async fn answer(&self, request: Request<Incoming>, id: &str) -> Response<Body> {
        if let Err(fault) = is_strict(&request) {
            // Where the message ends is in doubt; what follows it must not be taken for another.
            let mut response = fault.response(Dialect::OpenAi);
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            return response;
        }
        // Not the request's own, which would keep the connection's buffer for as long as it runs.
        let address = request.uri().path_and_query().map_or("", PathAndQuery::as_str).to_owned();
        let (path, query) = match address.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (address.as_str(), None),
        };
        let found = route::find(path, query, request.headers());
        let meant = self.meant(&found, &request);
        let route =
            meant.as_deref().map_or(found, |path| route::find(path, query, request.headers()));
        match route {
            Route::Health | Route::Ready | Route::Metrics | Route::Version | Route::Root => {
                return routes::operations::answer(&self.gateway, &route, &request);
            }
            Route::HealthCheck => {
                return routes::health_check::answer(&self.gateway, &request).await;
            }
            Route::Picture(name) => {
                return routes::pictures::answer(&self.gateway, name, &request).await;
            }
            Route::Console => return self.answer_administrator(request).await,
            _ if *request.method() == Method::OPTIONS => return preflight(),
            _ => {}
        }
        let mut response = self.answer_client(request, &route, query, id).await;
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }

    /// The path that is meant by one that leads nowhere, where the administrator wants a guess.
    fn meant(&self, found: &Route<'_>, request: &Request<Incoming>) -> Option<String> {
        let uri = request.uri();
        let guesses = || self.gateway.configuration().settings.models.repairs_addresses;
        if !matches!(found, Route::Unknown(_)) || !guesses() {
            return None;
        }
        dialect::addresses::repair(*request.method() == Method::GET, uri.path(), uri.query())
    }

    /// Where a request comes from; nobody knows for those from within.
    fn client_address(
        &self,
        configuration: &Configuration,
        request: &Request<Incoming>,
    ) -> Option<IpAddr> {
        let peer = self.peer?.ip();
        Some(configuration.trusted_proxies.client(peer, request.headers()))
    }

    /// The administrator's side, which answers for itself.
    async fn answer_administrator(&self, mut request: Request<Incoming>) -> Response<Body> {
        let Some(console) = self.gateway.console() else { return nothing_here(&request) };
        let configuration = self.gateway.configuration();
        if let Some(address) = self.client_address(&configuration, &request) {
            request.extensions_mut().insert(ClientAddress(address));
        }
        if let Some(response) = console.answer(request).await {
            return response.map(Body::foreign);
        }
        failed().response(Dialect::OpenAi)
    }

    /// The public surfaces: who asks is known before anything else is looked at.
    async fn answer_client(
        &self,
        request: Request<Incoming>,
        route: &Route<'_>,
        query: Option<&str>,
        id: &str,
    ) -> Response<Body> {
        let dialect = route.dialect();
        let configuration = self.gateway.configuration();
        if *route == Route::UploadGoesOn {
            return Box::pin(self.go_on_uploading(configuration, request, query, id)).await;
        }
        let guest = request.extensions().get::<Guest>().cloned();
        let wishes = guest.as_ref().map(Guest::wishes).unwrap_or_default();
        let shown = presented(route, request.headers(), query);
        let admitted = self.let_in(&configuration, route, guest, shown, id).await;
        let (mut entry, token) = match admitted {
            Ok(admitted) => admitted,
            Err(fault) => return self.turn_away(dialect, &fault),
        };
        entry.came_with(request.headers());
        entry.was_asked_from(self.client_address(&configuration, &request));
        let mut exchange = self.exchange(configuration, dialect, route.platform(), entry);
        exchange.tie = token.as_ref().map(|token| Tie::to_session(token.bond.clone()));
        wishes.hold_for(&mut exchange);
        match route {
            Route::ChatCompletions => routes::chat::answer(exchange, request).await,
            Route::Completions => routes::chat::complete(exchange, request).await,
            Route::Responses => routes::responses::answer(exchange, request).await,
            Route::InputTokens => routes::responses::count(exchange, request).await,
            Route::Response(id) => routes::responses::one(exchange, &request, id).await,
            Route::Compact => routes::responses::compact(exchange, request).await,
            Route::CancelResponse(id) => routes::responses::cancel(exchange, &request, id).await,
            Route::InputItems(id) => routes::responses::input_items(exchange, &request, id).await,
            Route::Speech | Route::Transcriptions | Route::Translations => {
                answer_sound(exchange, request, route).await
            }
            Route::Embeddings => routes::embeddings::answer(exchange, request).await,
            Route::GenerateImages => routes::images::generate(exchange, request).await,
            Route::EditImages => routes::images::edit(exchange, request).await,
            Route::Messages => routes::messages::answer(exchange, request).await,
            Route::CountTokens => routes::messages::count(exchange, request).await,
            Route::AnthropicModels => routes::models::list_for_anthropic(exchange, &request).await,
            Route::AnthropicModel(id) => {
                routes::models::one_for_anthropic(exchange, &request, id).await
            }
            Route::OpenAiFiles | Route::OpenAiFile(..) | Route::Batches | Route::Batch(..) => {
                Box::pin(answer_about_files(exchange, request, route)).await
            }
            Route::OpenAiModels => routes::models::list(exchange, &request).await,
            Route::OpenAiModel(id) => routes::models::one(exchange, &request, id).await,
            Route::Gemini(call) => routes::gemini::answer(exchange, call, request).await,
            Route::Live(call) => routes::live::answer(exchange, call, token, request),
            Route::Compat(call) => Box::pin(routes::compat::answer(exchange, call, request)).await,
            Route::Resource(call) => {
                Box::pin(routes::resources::answer(exchange, call, request)).await
            }
            Route::Upload(call) => Box::pin(routes::uploads::answer(exchange, call, request)).await,
            Route::Express(call) => {
                Box::pin(routes::express::answer(exchange, call, request)).await
            }
            Route::NotYet(_, what) => exchange.reject(&not_yet(what)),
            _ => exchange.reject(&unknown(&request)),
        }
    }

    /// What follows the beginning of an upload acts for whoever began it.
    async fn go_on_uploading(
        &self,
        configuration: Arc<Configuration>,
        request: Request<Incoming>,
        query: Option<&str>,
        id: &str,
    ) -> Response<Body> {
        let dialect = Dialect::Gemini;
        let found = Session::find(&self.gateway, query.unwrap_or_default()).await;
        let found = found.and_then(|session| {
            let client = configuration.tokens.valid_client(session.owner(), clock::now());
            let client = Arc::clone(client.ok_or_else(routes::uploads::unknown)?);
            Ok((session, client))
        });
        let (session, client) = match found {
            Ok(found) => found,
            Err(fault) => return self.turn_away(dialect, &fault),
        };
        let logged = configuration.settings.logging.request_log_enabled;
        let entry = Entry::begin(&self.gateway, id, dialect, &client, logged);
        let exchange = self.exchange(configuration, dialect, Platform::Gemini, entry);
        Box::pin(routes::uploads::go_on(exchange, session, request)).await
    }

    fn turn_away(&self, dialect: Dialect, fault: &Fault) -> Response<Body> {
        ledger::count_rejected(&self.gateway, dialect, fault.status);
        fault.response(dialect)
    }

    fn exchange(
        &self,
        configuration: Arc<Configuration>,
        dialect: Dialect,
        platform: Platform,
        entry: Entry,
    ) -> Exchange {
        Box::new(InProgress {
            gateway: Arc::clone(&self.gateway),
            platform,
            client: self.client(&configuration, platform),
            deadline: Instant::now() + configuration.settings.upstream.total_timeout,
            configuration,
            dialect,
            entry,
            dropped: Vec::new(),
            tie: None,
            prefers: None,
            way: None,
            waits: true,
            more_models: 0,
        })
    }

    /// This worker's client for one of Google's APIs. All are made anew when the settings that they
    /// depend on have changed.
    fn client(&self, configuration: &Arc<Configuration>, platform: Platform) -> Arc<Client> {
        let mut connected = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connected) = connected.as_mut() {
            let before = &connected.configuration;
            if Arc::ptr_eq(before, configuration)
                || before.settings.upstream == configuration.settings.upstream
            {
                connected.configuration = Arc::clone(configuration);
                return Arc::clone(connected.clients.of(platform));
            }
        }
        let clients = configuration.clients();
        let client = Arc::clone(clients.of(platform));
        *connected = Some(Connected { configuration: Arc::clone(configuration), clients });
        client
    }
}

/// Speech, and what was said.
async fn answer_sound(
    exchange: Exchange,
    request: Request<Incoming>,
    route: &Route<'_>,
) -> Response<Body> {
    let task = match route {
        Route::Transcriptions => Task::Transcribe,
        Route::Translations => Task::Translate,
        _ => return routes::speech::answer(exchange, request).await,
    };
    routes::transcription::answer(exchange, request, task).await
}

/// OpenAI's files, and the batches that are made of them.
async fn answer_about_files(
    mut exchange: Exchange,
    request: Request<Incoming>,
    route: &Route<'_>,
) -> Response<Body> {
    match route {
        Route::OpenAiFiles => Box::pin(routes::files::all(exchange, request)).await,
        Route::OpenAiFile(id, wanted) => {
            Box::pin(routes::files::one(exchange, &request, id, *wanted)).await
        }
        Route::Batches => Box::pin(routes::batches::all(exchange, request)).await,
        Route::Batch(id, wanted) => {
            Box::pin(routes::batches::one(exchange, &request, id, *wanted)).await
        }
        _ => exchange.reject(&unknown(&request)),
    }
}

fn panicked(id: &str) -> Response<Body> {
    tracing::error!(request = id, "a request ended by a panic");
    failed().response(Dialect::OpenAi)
}

fn failed() -> Fault {
    let message = "The gateway failed on this request; the error is in its log.";
    Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
}

fn not_yet(what: &str) -> Fault {
    Fault::new(
        StatusCode::NOT_IMPLEMENTED,
        "not_implemented",
        format!("This version does not serve {what} yet."),
    )
}

fn nothing_here(request: &Request<Incoming>) -> Response<Body> {
    unknown(request).response(Dialect::OpenAi)
}

fn unknown(request: &Request<Incoming>) -> Fault {
    Fault::new(
        StatusCode::NOT_FOUND,
        "unknown_url",
        format!("Unknown address: {} {}", request.method(), request.uri().path()),
    )
}

/// Browser applications call the public API from any page; they send tokens, never cookies.
fn preflight() -> Response<Body> {
    let mut response = answer::text(StatusCode::NO_CONTENT, "");
    let headers = response.headers_mut();
    headers.remove(http::header::CONTENT_TYPE);
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    );
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*, authorization"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}
