//! An input file on its way to Google: each line is translated like a request of its own, and goes on
//! at once. What is wrong with a line is kept until somebody wants to make a batch of the file.

mod lines;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use dialect::openai::batches::{Contexts, Endpoint, Line, Mistake, Request};
use dialect::openai::{chat, embeddings};
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use upstream::{Outflow, Payload, SourceFailed};

use self::lines::{Lines, Piece};
use super::kept::{self, Input};
use crate::answer::Fault;
use crate::estimate;
use crate::exchange::Exchange;
use crate::fetching::{self, Reader};
use crate::outline::Outline;
use crate::resources::scan;
use crate::routes::translated::check_name;
use crate::routes::uploads::Content;

/// OpenAI takes no more requests in a batch.
const MOST_REQUESTS: u64 = 50_000;

/// More mistakes are not told.
const MOST_MISTAKES: usize = 50;

/// So much is sent at a time.
const PIECE: usize = 64 * 1024;

/// What is found in a file while it is uploaded.
#[derive(Clone, Default)]
pub(crate) struct Reading(Arc<Mutex<Found>>);

#[derive(Default)]
struct Found {
    input: Input,
    contexts: Contexts,
}

impl Reading {
    /// The file as Google gets it.
    pub(crate) fn flow(&self, exchange: &Exchange, content: Content) -> Outflow {
        let most = exchange.configuration.settings.server.max_body_size;
        let lines = Lines::new(content, most);
        let (exchange, reading) = (exchange.branch(false), self.clone());
        let translator = Translator {
            lines,
            exchange,
            reading,
            number: 0,
            ids: HashSet::new(),
            has_sent: false,
            has_ended: false,
        };
        let pieces = stream::unfold(translator, |mut translator| async move {
            let piece = translator.piece().await.transpose()?;
            Some((piece.map(Frame::data), translator))
        });
        Outflow::new(StreamBody::new(pieces), None)
    }

    /// The size of the file as the client has sent it.
    pub(crate) fn bytes(&self) -> u64 {
        self.found().input.bytes
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps what was found in the file that Google knows by this id.
pub(crate) async fn keep(exchange: &Exchange, id: &str, reading: &Reading) -> Result<(), Fault> {
    let Found { mut input, contexts } = std::mem::take(&mut *reading.found());
    if input.requests == 0 && input.mistakes.is_empty() {
        input.mistakes.push(Mistake::new("empty_file", None, "The file holds no requests."));
    }
    input.contexts = contexts.into_texts();
    kept::keep(exchange, id, &input).await
}

struct Translator {
    lines: Lines,
    exchange: Exchange,
    reading: Reading,
    /// Of the line that was read last.
    number: u64,
    /// What stands for the `custom_id` of each line.
    ids: HashSet<u64>,
    has_sent: bool,
    has_ended: bool,
}

impl Translator {
    /// The next piece of the file for Google.
    async fn piece(&mut self) -> Result<Option<Bytes>, SourceFailed> {
        let mut out = Vec::new();
        while !self.has_ended && out.len() < PIECE {
            let Some(piece) = self.lines.next().await? else {
                self.has_ended = true;
                self.reading.found().input.bytes = self.lines.size();
                if !self.has_sent && out.is_empty() {
                    // Google takes no empty file.
                    out.push(b'\n');
                }
                break;
            };
            self.number += 1;
            let read = match piece {
                Piece::Line(line) if line.trim_ascii().is_empty() => continue,
                Piece::Line(line) => self.line(&line, &mut out).await,
                Piece::TooLong => Err(too_long()),
            };
            if let Err(mistake) = read {
                let mut found = self.reading.found();
                if found.input.mistakes.len() < MOST_MISTAKES {
                    found.input.mistakes.push(mistake.at(self.number));
                }
            }
        }
        self.has_sent |= !out.is_empty();
        Ok(Some(Bytes::from(out)).filter(|out| !out.is_empty()))
    }

    /// Translates a line. Once there was a mistake no batch will come of the file, so nothing more of
    /// it need be sent.
    async fn line(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), Mistake> {
        let line = Line::read(line)?;
        let mut hasher = DefaultHasher::new();
        line.custom_id.hash(&mut hasher);
        if !self.ids.insert(hasher.finish()) {
            let message = format!("Another line has the custom_id '{}', too.", line.custom_id);
            return Err(Mistake::new("duplicate_custom_id", Some("custom_id"), message));
        }
        let request = self.request(line.endpoint, line.body).await?;
        self.is_like_the_others(line.endpoint, request.model())?;
        let body = Payload::from(Bytes::copy_from_slice(request.body()));
        let outline = Outline::of(body.text());
        let tokens = estimate::input_tokens(&body, &outline);
        self.names_only_own(body.text(), &outline).await?;
        let mut found = self.reading.found();
        let Found { input, contexts } = &mut *found;
        input.requests += 1;
        input.tokens += tokens;
        if input.requests > MOST_REQUESTS {
            let message = format!("The file has more than {MOST_REQUESTS} requests.");
            return Err(Mistake::new("too_many_requests", None, message));
        }
        let key = contexts.key(&request, &line.custom_id).map_err(|_| {
            let message = "The requests of the file differ in too many tools and settings.";
            Mistake::new("too_many_tools", Some("body.tools"), message)
        })?;
        if input.mistakes.is_empty() {
            request.write(&key, out);
        }
        Ok(())
    }

    /// The request of a line, in Google's words.
    async fn request(&self, endpoint: Endpoint, body: &[u8]) -> Result<Request, Mistake> {
        let offering = &self.exchange.configuration.offering;
        let mut reader = Reader::new(Bytes::copy_from_slice(body));
        match endpoint {
            Endpoint::Chat => {
                let translate = |body: &Bytes, reading: fetching::Reading<'_>| {
                    chat::translate(body, &offering.chat_options(reading))
                };
                let read = reader.read(&self.exchange, 0, &translate).await;
                let (context, body) = read.map_err(mistake)?;
                Ok(Request::of_chat(context, body.whole().into())?)
            }
            Endpoint::Embeddings => {
                let translate = |body: &Bytes, reading: fetching::Reading<'_>| {
                    embeddings::translate(body, &offering.embeddings_options(reading))
                };
                let read = reader.read(&self.exchange, 0, &translate).await;
                let (embeddings, body) = read.map_err(mistake)?;
                Ok(Request::of_embeddings(embeddings, &body.whole())?)
            }
        }
    }

    /// All lines of a batch ask the same of one model, at OpenAI and at Google.
    fn is_like_the_others(&self, endpoint: Endpoint, model: &str) -> Result<(), Mistake> {
        let mut found = self.reading.found();
        let input = &mut found.input;
        let Some(first) = input.endpoint else {
            check_name(model).map_err(mistake)?;
            if let Some(fault) = self.exchange.filtered(model) {
                return Err(mistake(fault));
            }
            (input.endpoint, input.model) = (Some(endpoint), model.to_owned());
            return Ok(());
        };
        if first != endpoint {
            let message = format!("All lines must ask the same endpoint: another asks {first}.");
            return Err(Mistake::new("mismatched_endpoint", Some("url"), message));
        }
        if input.model != model {
            let message =
                format!("All lines must ask the same model: another asks `{}`.", input.model);
            return Err(Mistake::new("mismatched_model", Some("body.model"), message));
        }
        Ok(())
    }

    /// Files and the like that a request names must be the client's, and in the project of the batch.
    async fn names_only_own(&mut self, body: &[u8], outline: &Outline) -> Result<(), Mistake> {
        let names = scan::names(body, outline).unwrap_or_default();
        for name in names {
            if let Some(known) = self.exchange.own(&name).await.map_err(mistake)? {
                self.exchange.tie(&name, known).map_err(mistake)?;
            }
        }
        Ok(())
    }
}

/// A request that is refused, as a mistake of its line.
fn mistake(fault: Fault) -> Mistake {
    let param = fault.param.map(|param| format!("body.{param}"));
    Mistake::new(fault.code.unwrap_or("invalid_request"), param.as_deref(), fault.message)
}

fn too_long() -> Mistake {
    let message = "The line is longer than a request may be (MAX_BODY_SIZE).";
    Mistake::new("line_too_long", None, message)
}
