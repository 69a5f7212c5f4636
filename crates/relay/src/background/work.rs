//! The work on one background response: the answer is read as a client would read it, and kept.

use std::sync::Arc;
use std::time::Duration;

use dialect::openai::responses::{ResponseFailure, StoredResponse, ToldEvent};
use futures_util::future::BoxFuture;
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Collected};
use tokio::time::sleep;

use super::Place;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::keeper::HandedOver;

/// How often is said that somebody still works on a response. Others learn as soon that it was
/// ended elsewhere.
const RENEW_EVERY: Duration = Duration::from_secs(2);

/// What it takes to work on a response.
pub(crate) struct Work {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) place: Place,
    pub(crate) owner: Arc<str>,
    /// The response before its answer.
    pub(crate) queued: StoredResponse,
    /// The response with its answer, once that is whole.
    pub(crate) handed: HandedOver,
}

/// How the work ends.
enum End {
    /// With this response, which is to be kept.
    Of(Box<StoredResponse>),
    /// The response was ended by somebody else, or deleted.
    Elsewhere,
}

impl Work {
    /// Works until the response has ended. `answer` is what a client would be answered that waits for
    /// a stream.
    pub(crate) async fn run(self, answer: BoxFuture<'static, Response<Body>>) {
        let end = tokio::select! {
            biased;
            () = self.place.job.unwanted.cancelled() => End::of(self.queued.cancelled()),
            () = self.gateway.stop_now.cancelled() => self.failed("The gateway was stopped."),
            () = self.ended_elsewhere() => End::Elsewhere,
            end = self.answered(answer) => end,
        };
        let told = match end {
            End::Of(response) => self.keep(*response).await,
            End::Elsewhere => None,
        };
        let told = match told {
            Some(told) => told,
            None => self.found().await,
        };
        if let Some(event) = self.last_event(&told) {
            self.place.job.tape.push(event);
        }
    }

    async fn answered(&self, answer: BoxFuture<'static, Response<Body>>) -> End {
        let response = answer.await;
        let status = response.status();
        let mut body = response.into_body();
        if status != StatusCode::OK {
            let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
            let ResponseFailure { code, message } = ResponseFailure::read(status.as_u16(), &body);
            return End::of(self.queued.failed(code, &message));
        }
        // What was translated is bounded already.
        let mut decoder = sse::Decoder::new(usize::MAX);
        while let Some(Ok(frame)) = body.frame().await {
            if let Ok(bytes) = frame.into_data() {
                decoder.push(bytes);
            }
            while let Some(Ok(event)) = decoder.next_event() {
                let Some(event) = ToldEvent::read(&event.data) else { continue };
                if let Some(end) = self.told(event).await {
                    return end;
                }
            }
        }
        self.failed("The answer broke off.")
    }

    /// An event of the answer; the last one brings the end.
    async fn told(&self, event: ToldEvent) -> Option<End> {
        if let Some(object) = event.end() {
            return Some(match self.handed.take() {
                Some(response) => End::of(response),
                None => self.now(object).map_or_else(|| self.failed("Its end is lost."), End::of),
            });
        }
        if let Some(begun) = event.progress().and_then(|object| self.now(object))
            && matches!(self.gateway.archive.advance(&begun).await, Ok(false))
        {
            return Some(End::Elsewhere);
        }
        self.place.job.tape.push(event);
        None
    }

    /// The response with this object.
    fn now(&self, object: &str) -> Option<StoredResponse> {
        self.queued.answered(object.as_bytes()).ok()
    }

    fn failed(&self, message: &str) -> End {
        End::of(self.queued.failed("server_error", message))
    }

    async fn ended_elsewhere(&self) {
        loop {
            sleep(RENEW_EVERY).await;
            // A database that cannot be asked ends nothing.
            if let Ok(false) = self.gateway.archive.renew(&self.place.id).await {
                return;
            }
        }
    }

    /// Keeps how the response has ended; `None` if it had ended before.
    async fn keep(&self, response: StoredResponse) -> Option<StoredResponse> {
        let mut told = self.place.job.tape.events();
        told.extend(self.last_event(&response));
        let response = response.told(told);
        match self.gateway.archive.end(&response).await {
            Ok(true) => Some(response),
            Ok(false) => None,
            Err(fault) => {
                let (id, error) = (&*self.place.id, fault.message);
                tracing::error!(response = id, error, "a background response could not be kept");
                Some(response)
            }
        }
    }

    /// How the response has ended by somebody else's doing.
    async fn found(&self) -> StoredResponse {
        let found = self.gateway.archive.find(&self.owner, &self.place.id).await;
        let ended = found.ok().flatten().filter(|response| !response.is_running());
        ended.unwrap_or_else(|| self.queued.failed("server_error", "The response was deleted."))
    }

    fn last_event(&self, response: &StoredResponse) -> Option<ToldEvent> {
        ToldEvent::ending(response, self.place.job.tape.len())
    }
}

impl End {
    fn of(response: StoredResponse) -> Self {
        Self::Of(Box::new(response))
    }
}
