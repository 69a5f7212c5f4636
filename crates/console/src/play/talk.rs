//! One request from its sending to its end, told as it goes.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, future, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use relay::{Behalf, Reply, Within};
use tokio::sync::mpsc;

use super::composed::Composed;
use super::markdown;
use super::reading::{Reads, Said};
use super::snippets::Snippets;
use super::told::{End, Facts, Sent, Told};
use super::wire::{Frame, TooLarge, Wire};

/// So much is told ahead of whoever listens.
const AHEAD: usize = 16;

/// Numbers of a vector that are shown.
const HEAD: usize = 8;

/// Sends a request, and tells how it goes. Whoever stops listening stops the request.
pub(crate) fn talk(
    within: Within,
    behalf: Behalf,
    composed: Composed,
    base: String,
    is_logged: bool,
) -> impl Stream<Item = Told> {
    let (teller, listener) = mpsc::channel(AHEAD);
    let talk = Talk { teller, began: Instant::now(), reads: composed.reads, said: String::new() };
    let talk = talk.run(within, behalf, composed, base, is_logged);
    let silent = stream::once(talk).filter_map(|()| future::ready(None));
    let told = stream::unfold(listener, async |mut listener| {
        let told = listener.recv().await?;
        Some((told, listener))
    });
    stream::select(silent, told)
}

struct Talk {
    teller: mpsc::Sender<Told>,
    began: Instant,
    reads: Reads,
    /// Everything that the model has said.
    said: String,
}

impl Talk {
    async fn run(
        mut self,
        within: Within,
        behalf: Behalf,
        composed: Composed,
        base: String,
        is_logged: bool,
    ) {
        self.tell(Told::Request(sent(&composed, &base))).await;
        let Some(request) = request(&composed, host(&base)) else {
            return self.fails("The request cannot be written.").await;
        };
        self.began = Instant::now();
        let response = match within.ask(behalf, request).await {
            Ok(response) => response,
            Err(error) => return self.fails(&error.to_string()).await,
        };
        let (head, mut body) = response.into_parts();
        let reason = head.status.canonical_reason().unwrap_or_default().to_owned();
        let (status, after_ms) = (head.status.as_u16(), self.elapsed());
        let headers = pairs(&head.headers);
        self.tell(Told::Response { status, reason, headers, after_ms }).await;
        let first_byte_ms = self.read(&mut body, &head.headers).await;
        let total_ms = self.elapsed();
        let record = body.record().await;
        let facts = record.map(|record| Facts::of(&record, is_logged));
        let html =
            if self.reads.is_conversation() { markdown::render(&self.said) } else { String::new() };
        self.tell(Told::End(Box::new(End { first_byte_ms, total_ms, html, facts }))).await;
    }

    /// Reads the body to its end; when its first byte came.
    async fn read(&mut self, body: &mut Reply, headers: &HeaderMap) -> Option<u64> {
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default();
        let mut wire = Wire::new(kind.starts_with("text/event-stream"));
        let mut first = None;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                self.fails("The answer broke off.").await;
                break;
            };
            let Ok(data) = frame.into_data() else { continue };
            first.get_or_insert_with(|| self.elapsed());
            if let Err(error) = self.takes(&mut wire, data).await {
                self.fails(&error.to_string()).await;
                return first;
            }
        }
        match wire.finish() {
            Some(rest) if kind.starts_with("audio/") => self.speaks(kind, &rest.raw).await,
            Some(rest) => self.passes(&rest).await,
            None => {}
        }
        first
    }

    async fn takes(&mut self, wire: &mut Wire, data: Bytes) -> Result<(), TooLarge> {
        wire.push(data)?;
        while let Some(frame) = wire.next_frame()? {
            self.passes(&frame).await;
        }
        Ok(())
    }

    /// Passes on a frame, and what it says.
    async fn passes(&mut self, frame: &Frame) {
        let (after_ms, bytes) = (self.elapsed(), frame.raw.len());
        self.tell(Told::Frame { after_ms, bytes, text: frame.shown() }).await;
        self.hears(&frame.data).await;
    }

    async fn speaks(&self, kind: &str, sound: &[u8]) {
        let (after_ms, bytes) = (self.elapsed(), sound.len());
        let text = format!("({kind}, {bytes} bytes)");
        self.tell(Told::Frame { after_ms, bytes, text }).await;
        let (mime, data) = (kind.to_owned(), STANDARD.encode(sound));
        self.tell(Told::Sound { mime, data }).await;
    }

    /// Passes on what a piece of JSON says; whatever else is among the frames anyway.
    async fn hears(&mut self, json: &[u8]) {
        let Ok(value) = serde_json::from_slice(json) else { return };
        for said in self.reads.read(&value) {
            let told = match said {
                Said::Text(text) => {
                    self.said.push_str(&text);
                    Told::Text { text }
                }
                Said::Thought(text) => Told::Thought { text },
                Said::Picture { mime, data } => Told::Picture { mime, data },
                Said::Vectors(vectors) => measured(&vectors),
                Said::Error(message) => Told::Error { message },
            };
            self.tell(told).await;
        }
    }

    async fn fails(&self, message: &str) {
        self.tell(Told::Error { message: message.to_owned() }).await;
    }

    /// Nobody listens any more when the request is given up, and then this is not polled either.
    async fn tell(&self, told: Told) {
        let _ = self.teller.send(told).await;
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The request as it is shown. The gateway knows who asks without a token, so there is none to hide.
pub(crate) fn sent(composed: &Composed, base: &str) -> Sent {
    let (name, before) = composed.credential;
    let kind = composed.content.encode("…").0;
    let mut headers = vec![
        ("host".to_owned(), host(base).to_owned()),
        (name.to_owned(), format!("{before}••••••••")),
        ("content-type".to_owned(), kind),
    ];
    let more = composed.headers.iter();
    headers.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Sent {
        method: "POST",
        path: composed.path.clone(),
        headers,
        body: composed.content.shown(),
        snippets: Snippets::of(composed, base),
    }
}

/// Where clients reach the gateway, without the scheme.
fn host(base: &str) -> &str {
    base.split_once("://").map_or(base, |(_, host)| host)
}

fn request(composed: &Composed, host: &str) -> Option<Request<Bytes>> {
    let (kind, body) = composed.content.encode(&uuid::Uuid::now_v7().simple().to_string());
    let request = Request::post(&composed.path)
        .header(HOST, host)
        .header(CONTENT_TYPE, kind)
        .header(CONTENT_LENGTH, body.len());
    let headers = composed.headers.iter();
    headers.fold(request, |request, (name, value)| request.header(*name, *value)).body(body).ok()
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// The beginnings of vectors, and how alike the first two are.
fn measured(vectors: &[Vec<f64>]) -> Told {
    let heads = vectors.iter().map(|vector| vector.iter().take(HEAD).copied().collect());
    let similarity = match vectors {
        [one, other, ..] => cosine(one, other),
        _ => None,
    };
    let dimensions = vectors.first().map(Vec::len).unwrap_or_default();
    Told::Vectors { dimensions, heads: heads.collect(), similarity }
}

/// The cosine of the angle between two vectors.
fn cosine(one: &[f64], other: &[f64]) -> Option<f64> {
    let dot = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
    let lengths = (dot(one, one) * dot(other, other)).sqrt();
    (one.len() == other.len() && lengths > 0.0).then(|| dot(one, other) / lengths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_compared_by_their_angle() {
        assert_eq!(cosine(&[1.0, 0.0], &[2.0, 0.0]), Some(1.0));
        assert_eq!(cosine(&[1.0, 0.0], &[0.0, 3.0]), Some(0.0));
        assert_eq!(cosine(&[0.0], &[1.0]), None);
        assert_eq!(cosine(&[1.0], &[1.0, 2.0]), None);
        let Told::Vectors { dimensions, heads, similarity } = measured(&[vec![0.5; 20]]) else {
            panic!("no vectors")
        };
        assert_eq!((dimensions, heads[0].len(), similarity), (20, HEAD, None));
    }
}
