//! The Live API: the handshake, and what a session says.

mod session;
mod turn;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use self::session::Session;
use crate::call::{Call, Credentials};
use crate::errors;
use crate::faults::{self, Fault};
use crate::feed::{Feed, ScriptedCut};
use crate::received::{InProgress, Journal};
use crate::reply::Reply;
use crate::script::KeyPlan;
use crate::server::Google;
use crate::tickets::Ticket;

/// Answers a request below `/ws/`.
pub(crate) async fn answer(
    google: Arc<Google>,
    request: Request<Incoming>,
) -> Result<Response<Feed>, ScriptedCut> {
    let mut request = request.map(|_| ());
    let upgrade = hyper::upgrade::on(&mut request);
    let (head, ()) = request.into_parts();
    let call = Call::of(&head, Bytes::new());
    let accept = accept(&head);
    let mut received = call.received(head, google.clock.now_millis());
    "live".clone_into(&mut received.operation);
    // The entry ends with the session, not with the response that opens it.
    let opening = Journal::new(0, false).arrive(received.clone());
    let guard = google.journal.arrive(received);
    let refused = match (decide(&google, &call), accept) {
        (Ok(Caller { key, project, fault, ticket }), Some(accept)) => {
            guard.status(StatusCode::SWITCHING_PROTOCOLS.as_u16());
            let session = Session::new(Arc::clone(&google), guard, &key, project, fault);
            let session = session.with(ticket);
            tokio::spawn(serve(upgrade, session));
            return Ok(switching(&accept, opening));
        }
        (Ok(_), None) => errors::invalid_argument("A WebSocket is expected here."),
        (Err(refused), _) => refused,
    };
    match refused {
        Reply::Http(answered) => Ok(answered.into_response(guard)),
        Reply::Hang => std::future::pending().await,
        Reply::Cut | Reply::Garbage => {
            guard.finish();
            Err(ScriptedCut)
        }
    }
}

/// Whoever may have a session, and what goes wrong in it.
struct Caller {
    key: String,
    project: String,
    fault: Option<Fault>,
    /// What was shown in place of a key.
    ticket: Option<Ticket>,
}

/// Keys are judged as everywhere; the model is named later.
fn decide(google: &Google, call: &Call) -> Result<Caller, Reply> {
    if call.path.ends_with("Constrained") {
        return holder(google, call);
    }
    let key = match &call.credentials {
        Credentials::Key(key) => key.clone(),
        Credentials::None => return Err(errors::from_catalogue("no_credentials")),
        Credentials::Bearer => return Err(errors::from_catalogue("unauthenticated_token_type")),
        Credentials::Several => return Err(errors::from_catalogue("multiple_credentials")),
    };
    let (plan, project) = {
        let mut script = google.script.lock();
        if script.is_of_vertex(&key) {
            return Err(errors::from_catalogue("api_key_invalid"));
        }
        (script.next_plan(&key, None), script.project_of(&key))
    };
    let fault = match plan {
        KeyPlan::Valid => None,
        KeyPlan::Invalid => return Err(errors::from_catalogue("api_key_invalid")),
        KeyPlan::Expired => return Err(errors::from_catalogue("api_key_expired")),
        KeyPlan::Suspended => return Err(errors::suspended(&key, &project)),
        KeyPlan::Leaked => return Err(errors::from_catalogue("key_leaked")),
        KeyPlan::ServiceDisabled => return Err(errors::service_disabled(&project)),
        KeyPlan::LocationUnsupported => {
            return Err(errors::from_catalogue("location_not_supported"));
        }
        KeyPlan::Fault(fault) => match faults::instead(&fault) {
            Some(refused) => return Err(refused),
            None => Some(fault),
        },
    };
    Ok(Caller { key, project, fault, ticket: None })
}

/// Whoever shows a token of a session, which this method takes and no key.
fn holder(google: &Google, call: &Call) -> Result<Caller, Reply> {
    let refused = || errors::from_catalogue("unauthenticated_token_type");
    if matches!(call.credentials, Credentials::Key(_) | Credentials::Several) {
        return Err(refused());
    }
    let name = call.ticket.clone().ok_or_else(refused)?;
    let now = google.clock.now_millis();
    let mut shelf = google.shelf.lock().unwrap_or_else(PoisonError::into_inner);
    let (project, _) = shelf.find(&name, now).ok_or_else(refused)?;
    let project = project.to_owned();
    let ticket = Some(Ticket { name });
    Ok(Caller { key: project.clone(), project, fault: None, ticket })
}

fn accept(head: &Parts) -> Option<String> {
    let asks = head.headers.get(header::UPGRADE).is_some_and(|upgrade| upgrade == "websocket");
    let key = head.headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| asks)?;
    Some(derive_accept_key(key.as_bytes()))
}

fn switching(accept: &str, opening: InProgress) -> Response<Feed> {
    let mut response = Response::new(Feed::new(Box::new(std::iter::empty()), Some(0), opening));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let lines = [
        (header::CONNECTION, "Upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    for (name, value) in lines {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn serve(upgrade: OnUpgrade, session: Session) {
    let Ok(upgraded) = upgrade.await else { return };
    let mut stopped = session.google.stopped.clone();
    let io = TokioIo::new(upgraded);
    let socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    tokio::select! {
        () = session.run(socket) => {}
        // Stopped, or dropped.
        _ = stopped.changed() => {}
    }
}

/// Handles tell their projects apart without naming them.
fn mark(project: &str) -> String {
    let mut hasher = DefaultHasher::new();
    project.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
