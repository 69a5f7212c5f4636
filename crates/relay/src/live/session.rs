//! A session, from the moment that the client's connection is a WebSocket.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use dialect::gemini::{Setup, with_model};
use http::{HeaderMap, Method, StatusCode};
use hyper::upgrade::OnUpgrade;
use keypool::Bond;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use super::carried::Parting;
use super::first::{Gone, first_message, overhear};
use super::token::SessionToken;
use super::{ClientSocket, farewell};
use crate::answer::Fault;
use crate::attempts::{self, Joined, Plan, Repair};
use crate::bound::Tie;
use crate::clock;
use crate::entrance::Size;
use crate::exchange::Exchange;
use crate::front;
use crate::lost::Lost;
use crate::path::is_plain_name;

/// A client that was let in, and what it asked for in HTTP.
pub(crate) struct Session {
    pub(crate) exchange: Exchange,
    /// The service below Google's address, without the client's credential.
    pub(crate) target: String,
    /// Those that may travel on.
    pub(crate) headers: HeaderMap,
    /// Whether the service is known to begin with a `setup` that names a model.
    pub(crate) begins_with_setup: bool,
    /// What the client has shown in place of its own token.
    pub(crate) token: Option<SessionToken>,
}

/// What the first message asks for.
struct Asked {
    /// As it goes out.
    message: Message,
    model: Option<String>,
}

/// A session that has begun, and what the client has said meanwhile.
pub(super) struct Begun {
    pub(super) joined: Joined,
    pub(super) early: VecDeque<Message>,
}

/// Why there is no session; what the client is told, if it is there still.
type NotBegun = Option<CloseFrame>;

impl Session {
    /// Serves the session to its end.
    pub(crate) async fn run(mut self, upgrade: OnUpgrade) {
        let Ok(upgraded) = upgrade.await else { return };
        let Some((stream, received)) = front::socket(upgraded) else { return };
        let largest = self.exchange.configuration.settings.upstream.max_event_size;
        let config = Some(upstream::socket_config(largest));
        let mut client =
            WebSocketStream::from_partially_read(stream, received.into(), Role::Server, config)
                .await;
        let parting = Box::pin(self.serve(&mut client)).await;
        // Written down before the goodbyes, which may take a moment.
        drop(self);
        parting.say(&mut client).await;
    }

    async fn serve(&mut self, client: &mut ClientSocket) -> Parting {
        let stop_now = self.exchange.gateway.stop_now.clone();
        let begun = tokio::select! {
            begun = self.begin(client) => Some(begun),
            () = stop_now.cancelled() => None,
        };
        match begun {
            Some(Ok(begun)) => self.carry(client, begun).await,
            Some(Err(close)) => Parting::of_client(close),
            None => {
                let close = farewell::stopping();
                let status = StatusCode::SERVICE_UNAVAILABLE;
                self.exchange.entry.fails(status, "rejected", &close.reason);
                Parting::of_client(Some(close))
            }
        }
    }

    /// Hears what the client wants, and finds a key that gives it.
    async fn begin(&mut self, client: &mut ClientSocket) -> Result<Begun, NotBegun> {
        let patience = self.exchange.configuration.settings.server.body_idle_timeout;
        let first = match first_message(client, patience).await {
            Ok(first) => first,
            Err(gone) => return Err(self.gone(gone)),
        };
        let asked = self.asked(first).await.map_err(|fault| Some(self.reject(&fault)))?;
        let body = asked.message.clone().into_data();
        let model = asked.model.as_deref();
        let size = Size::Call(&body);
        if let Err(refused) = self.exchange.enter(model.unwrap_or_default(), size).await {
            let _ = self.exchange.refuse(&refused);
            let fault: Fault = refused.fault();
            return Err(Some(farewell::of_status(fault.status, &fault.message)));
        }
        let plan = Plan {
            method: &Method::GET,
            path_and_query: &self.target,
            headers: self.headers.clone(),
            body: body.into(),
            model,
            repeatable: true,
            kin: None,
            repair: Repair::No,
        };
        let mut early = VecDeque::new();
        let token = self.token.as_ref().map(|token| &*token.secret);
        let joining = attempts::joined(&mut self.exchange, &plan, token, &asked.message);
        let joined = tokio::select! {
            joined = joining => Ok(joined),
            gone = overhear(client, &mut early) => Err(gone),
        };
        match joined {
            Ok(Ok(joined)) => Ok(Begun { joined, early }),
            Ok(Err(lost)) => Err(Some(self.lose(&lost))),
            Err(gone) => Err(self.gone(gone)),
        }
    }

    /// Reads the first message, in Google's words.
    async fn asked(&mut self, first: Message) -> Result<Asked, Fault> {
        let data = first.clone().into_data();
        let mut setup = match Setup::read(&data) {
            Ok(setup) => setup,
            Err(_) if !self.begins_with_setup => Setup::default(),
            Err(error) => return Err(error.into()),
        };
        let of_token = self.token.as_ref().and_then(|token| token.model.clone());
        let is_given = of_token.is_some();
        setup.model = of_token.map(Cow::Owned).or(setup.model);
        if self.begins_with_setup && setup.model.is_none() {
            let what = if setup.is_setup { "`setup` must name a `model`." } else { NO_SETUP };
            return Err(Fault::new(StatusCode::BAD_REQUEST, "invalid_setup", what));
        }
        let configuration = Arc::clone(&self.exchange.configuration);
        let offers = &configuration.offering.offers;
        let model = setup.model.as_deref().map(|asked| offers.resolve(asked, 0).model);
        self.exchange.entry.asks("live", model.as_deref(), true);
        self.allowed(model.as_deref())?;
        let message = match &model {
            Some(model) if !is_given && setup.model.as_deref() != Some(model) => {
                rewritten(&first, with_model(&data, model)?)
            }
            _ => first,
        };
        match setup.handle {
            Some(handle) => {
                let bond = self.session(&handle).await?;
                self.exchange.tie = Some(Tie::to_session(bond));
            }
            None => self.may_begin()?,
        }
        Ok(Asked { message, model })
    }

    /// Whether the client may use the model.
    fn allowed(&self, model: Option<&str>) -> Result<(), Fault> {
        let Some(model) = model else {
            if self.exchange.entry.owner().limits.models.is_empty() {
                return Ok(());
            }
            let message = "This client token may use some models only, and the message names none.";
            return Err(Fault::new(StatusCode::FORBIDDEN, "model_not_found", message));
        };
        if !model.split('/').all(is_plain_name) {
            let message = "`setup.model` is no name of a model.";
            return Err(Fault::new(StatusCode::BAD_REQUEST, "invalid_setup", message));
        }
        self.exchange.filtered(model).map_or(Ok(()), Err)
    }

    /// Whether a new session may begin.
    fn may_begin(&self) -> Result<(), Fault> {
        if self.token.as_ref().is_none_or(|token| token.begins(clock::now())) {
            return Ok(());
        }
        let message = "This token begins no new sessions any more (newSessionExpireTime).";
        Err(Fault::new(StatusCode::FORBIDDEN, "token_expired", message))
    }

    /// Where a session exists that shall go on. That it is another client's is not told.
    async fn session(&self, handle: &str) -> Result<Bond, Fault> {
        let owner = self.exchange.entry.token_id();
        let unknown = || {
            let message = "The session of `sessionResumption.handle` is not known, or has ended.";
            Fault::new(StatusCode::NOT_FOUND, "session_not_found", message)
        };
        self.exchange.gateway.live.find(handle, &owner).await.ok_or_else(unknown)
    }

    fn gone(&mut self, gone: Gone) -> NotBegun {
        let Gone::Refused(close) = gone else { return None };
        self.exchange.entry.fails(StatusCode::BAD_REQUEST, "rejected", &close.reason);
        Some(close)
    }

    fn reject(&mut self, fault: &Fault) -> CloseFrame {
        self.exchange.entry.fails(fault.status, "rejected", &fault.message);
        farewell::of_status(fault.status, &fault.message)
    }

    fn lose(&mut self, lost: &Lost) -> CloseFrame {
        self.exchange.entry.fails(lost.status(), lost.outcome(), lost.message());
        let message = self.exchange.gateway.redactor.redact(lost.message());
        farewell::of_status(lost.status(), &message)
    }
}

const NO_SETUP: &str = "The first message must be `setup`.";

/// Other words in a frame of the same kind.
fn rewritten(message: &Message, words: Vec<u8>) -> Message {
    match (message, String::from_utf8(words)) {
        (Message::Text(_), Ok(text)) => Message::text(text),
        (_, Ok(text)) => Message::binary(text.into_bytes()),
        (_, Err(error)) => Message::binary(Bytes::from(error.into_bytes())),
    }
}
