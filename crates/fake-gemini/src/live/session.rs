//! One session.

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::mark;
use super::turn::{Said, Turns, field};
use crate::faults::Fault;
use crate::received::InProgress;
use crate::server::Google;
use crate::tickets::{self, Ticket};

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// A close frame has room for so much.
const LONGEST_REASON: usize = 123;

const QUOTA: &str = "You exceeded your current quota, please check your plan and billing details. For \
     more information on this error, head to: https://ai.google.dev";

pub(super) struct Session {
    pub(super) google: Arc<Google>,
    guard: InProgress,
    project: String,
    fault: Option<Fault>,
    /// What it was opened with, in place of a key.
    ticket: Option<Ticket>,
    /// Messages said.
    said: usize,
}

/// How it ends before its time.
enum End {
    Close(u16, String),
    /// The connection is dropped.
    Cut,
    /// The client has said that it leaves.
    Left,
    /// The client is gone without a word.
    Gone,
}

impl Session {
    pub(super) fn new(
        google: Arc<Google>,
        guard: InProgress,
        key: &str,
        project: String,
        fault: Option<Fault>,
    ) -> Self {
        let project = if project == key { mark(key) } else { project };
        Self { google, guard, project, fault, ticket: None, said: 0 }
    }

    pub(super) fn with(self, ticket: Option<Ticket>) -> Self {
        Self { ticket, ..self }
    }

    pub(super) async fn run(mut self, mut socket: Socket) {
        match self.serve(&mut socket).await {
            End::Gone => {}
            End::Cut => self.guard.finish(),
            End::Left => {
                self.guard.finish();
                // The answer to the goodbye.
                let _ = socket.flush().await;
            }
            End::Close(code, mut reason) => {
                self.guard.finish();
                reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
                let close = CloseFrame { code: code.into(), reason: reason.into() };
                let _ = socket.close(Some(close)).await;
                while let Some(Ok(_)) = socket.next().await {}
            }
        }
    }

    async fn serve(&mut self, socket: &mut Socket) -> End {
        match self.talk(socket).await {
            Err(end) => end,
            Ok(never) => match never {},
        }
    }

    /// Goes on until it ends, which is told as an error.
    async fn talk(&mut self, socket: &mut Socket) -> Result<Infallible, End> {
        let first = heard(socket).await?;
        let setup = field(&first, "setup").clone();
        let mut turns = Turns::new(&setup);
        self.begin(&setup).await?;
        self.say(socket, &json!({"setupComplete": {}})).await?;
        self.tell_handle(socket, &setup).await?;
        loop {
            let message = heard(socket).await?;
            if matches!(self.fault, Some(Fault::HangAfterFirstEvent)) {
                continue;
            }
            let said = turns.hear(&message, self.google.serial.fetch_add(1, Ordering::Relaxed));
            for message in said.messages() {
                self.say(socket, &message).await?;
            }
            if matches!(said, Said::Turn { .. }) {
                self.tell_handle(socket, &setup).await?;
                if let Some(Fault::CloseAfterTurn(code, reason)) = &self.fault {
                    return Err(End::Close(*code, reason.clone()));
                }
            }
        }
    }

    /// Judges the first message.
    async fn begin(&self, setup: &Value) -> Result<(), End> {
        if let Some(Fault::SlowFirstByte(by)) = &self.fault {
            tokio::time::sleep(*by).await;
        }
        if let Some(Fault::CloseAtSetup(code, reason)) = &self.fault {
            return Err(End::Close(*code, reason.clone()));
        }
        let locked = self.admit(setup)?;
        let model = locked.as_ref().unwrap_or(&setup["model"]);
        let Some(named) = model.as_str().and_then(|name| name.strip_prefix("models/")) else {
            return Err(End::Close(1007, "Request contains an invalid argument.".to_owned()));
        };
        let model = self.google.models.find(named);
        let Some(model) = model.filter(|model| model.supports("bidiGenerateContent")) else {
            let message = format!(
                "models/{named} is not found for API version v1beta, or is not supported for \
                 bidiGenerateContent."
            );
            return Err(End::Close(1008, message));
        };
        let handle = field(field(setup, "sessionResumption"), "handle").as_str();
        let mark = mark(&self.project);
        if handle.is_some_and(|handle| !handle.ends_with(&mark)) {
            return Err(End::Close(1008, "BidiGenerateContent session not found".to_owned()));
        }
        let quota = self.google.script.lock().quota_for(&self.project, &model.id);
        let mut meters = self.google.meters.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.google.clock.now_millis();
        let taken = meters.take(quota, &self.project, &model.id, 1, now);
        taken.map_err(|_| End::Close(1008, QUOTA.to_owned()))
    }

    /// Whether the token that it was opened with allows this; gives the model that it is for.
    fn admit(&self, setup: &Value) -> Result<Option<Value>, End> {
        let Some(Ticket { name }) = &self.ticket else { return Ok(None) };
        let now = self.google.clock.now_millis();
        let mut shelf = self.google.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = |reason: &str| End::Close(1008, reason.to_owned());
        let (_, item) = shelf.find(name, now).ok_or_else(|| refused("Token has expired"))?;
        if field(field(setup, "sessionResumption"), "handle").is_null() {
            tickets::begin(item, now).map_err(refused)?;
        }
        Ok(item.body.get("bidiGenerateContentSetup").and_then(|setup| setup.get("model")).cloned())
    }

    async fn tell_handle(&mut self, socket: &mut Socket, setup: &Value) -> Result<(), End> {
        if field(setup, "sessionResumption").is_null() {
            return Ok(());
        }
        let serial = self.google.serial.fetch_add(1, Ordering::Relaxed);
        let handle = format!("session-{serial}-{}", mark(&self.project));
        let update = json!({"newHandle": handle, "resumable": true});
        self.say(socket, &json!({"sessionResumptionUpdate": update})).await
    }

    /// Google's JSON comes in binary frames.
    async fn say(&mut self, socket: &mut Socket, message: &Value) -> Result<(), End> {
        match &self.fault {
            Some(Fault::CutAfterEvents(most)) if self.said >= *most => return Err(End::Cut),
            Some(Fault::Paced { delay, .. }) if *delay > Duration::ZERO => {
                tokio::time::sleep(*delay).await;
            }
            _ => {}
        }
        self.said += 1;
        let text = serde_json::to_vec_pretty(message).unwrap_or_default();
        socket.send(Message::binary(text)).await.map_err(|_| End::Cut)
    }
}

/// The next message.
async fn heard(socket: &mut Socket) -> Result<Value, End> {
    loop {
        let text = match socket.next().await {
            Some(Ok(Message::Text(text))) => text.as_bytes().to_vec(),
            Some(Ok(Message::Binary(bytes))) => bytes.to_vec(),
            Some(Ok(Message::Close(_))) => return Err(End::Left),
            Some(Ok(_)) => continue,
            Some(Err(_)) | None => return Err(End::Gone),
        };
        let invalid = || End::Close(1007, "Request contains an invalid argument.".to_owned());
        return serde_json::from_slice(&text).map_err(|_| invalid());
    }
}
