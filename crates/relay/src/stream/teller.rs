//! The client's side of a stream: what Gemini's events become, and what the ledger hears of it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use keypool::{Outcome, Usage};
use sse::Event;
use telemetry::LiveRedactor;

use super::{Due, Failure, Translate, Vigil};
use crate::exchange::{Exchange, InProgress};
use crate::ledger::Entry;

/// Tells the client an answer.
pub(crate) struct Teller<T> {
    translate: T,
    out: BytesMut,
    /// Nothing more will be told.
    pub(crate) ended: bool,
    pub(crate) entry: Entry,
    redactor: LiveRedactor,
    pub(crate) vigil: Vigil,
}

impl<T: Translate> Teller<T> {
    /// For the client of an exchange, who gets a sign of life after each such `silence`, unless that
    /// is zero.
    pub(crate) fn new(exchange: Exchange, translate: T, silence: Duration) -> Self {
        let InProgress { gateway, entry, deadline, .. } = *exchange;
        Self {
            translate,
            out: BytesMut::new(),
            ended: false,
            entry,
            redactor: gateway.redactor.clone(),
            vigil: Vigil::new(&gateway.stop_now, deadline, silence),
        }
    }

    pub(crate) fn event(&mut self, event: &Event) -> Result<(), Box<Failure>> {
        self.translate.event(event, &mut self.out)
    }

    /// All events have come.
    pub(crate) fn finish(&mut self) -> Result<(), Box<Failure>> {
        self.translate.finish(&mut self.out)?;
        self.ended = true;
        self.entry.ends(StatusCode::OK, "served");
        Ok(())
    }

    /// The answer ends here, and the client must not take it for a whole one.
    pub(crate) fn fail(&mut self, failure: Failure) -> Failure {
        self.ended = true;
        let failure = failure.redacted(&self.redactor);
        self.entry.fails(StatusCode::OK, failure.label, &failure.message);
        self.translate.fail(&failure, &mut self.out);
        failure
    }

    /// Nothing arrives; something else is due.
    pub(crate) fn due(&mut self, due: Due) -> Result<(), Box<Failure>> {
        let (status, message) = match due {
            Due::Sign => {
                self.sign_of_life();
                return Ok(());
            }
            Due::Stopped => (503, "The gateway is shutting down."),
            Due::Late => (504, "The answer took longer than TOTAL_TIMEOUT allows."),
        };
        // It is the gateway's own reason, which blames no key.
        let cancelled = Outcome::Cancelled { usage: self.usage() };
        Err(Failure::of(cancelled, status, message).into())
    }

    /// Says that somebody is still there.
    pub(crate) fn sign_of_life(&mut self) {
        self.translate.sign_of_life(&mut self.out);
    }

    /// What the client is to read next, if there is anything.
    pub(crate) fn told(&mut self) -> Option<Bytes> {
        if self.out.is_empty() {
            return None;
        }
        self.vigil.heard();
        Some(self.out.split().freeze())
    }

    pub(crate) fn usage(&self) -> Usage {
        self.translate.usage()
    }
}
