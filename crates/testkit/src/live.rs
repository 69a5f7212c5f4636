//! An answer that is being read.

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::answer::event_data;
use crate::ask::Connection;
use crate::in_time;

/// An answer whose head has come. Dropping it closes the connection, as a client does that leaves.
#[derive(Debug)]
pub struct Live {
    /// The status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    body: Incoming,
    unread: String,
    ended_well: Option<bool>,
    _connection: Connection,
}

impl Live {
    pub(crate) fn new(response: Response<Incoming>, connection: Connection) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
            unread: String::new(),
            ended_well: None,
            _connection: connection,
        }
    }

    /// The next bytes, as soon as they are there; `None` at the end, whatever end that is.
    pub async fn chunk(&mut self) -> Option<Bytes> {
        loop {
            match in_time("the next bytes of an answer", self.body.frame()).await {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => return Some(bytes),
                    Err(_) => continue,
                },
                Some(Err(_)) => self.ended_well = Some(false),
                None => self.ended_well = self.ended_well.or(Some(true)),
            }
            return None;
        }
    }

    /// The data of the next event, as soon as it is there; `None` at the end.
    pub async fn next_event(&mut self) -> Option<String> {
        loop {
            let whole = self.unread.replace("\r\n", "\n");
            if let Some((event, rest)) = whole.split_once("\n\n") {
                let (data, rest) = (event_data(event), rest.to_owned());
                self.unread = rest;
                if data.is_some() {
                    return data;
                }
                continue;
            }
            let chunk = self.chunk().await?;
            self.unread.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The data of all events that are left.
    pub async fn rest(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        while let Some(event) = self.next_event().await {
            events.push(event);
        }
        events
    }

    /// Whether the body came to its proper end; false also while it is being read.
    pub fn ended_well(&self) -> bool {
        self.ended_well == Some(true)
    }
}
