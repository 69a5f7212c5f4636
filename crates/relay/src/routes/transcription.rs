//! OpenAI's `POST /v1/audio/transcriptions` and `POST /v1/audio/translations`.

use bytes::Bytes;
use dialect::openai::transcription::{self, Task, TranscriptStream, TranscriptionContext, Upload};
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use upstream::Payload;

use super::translated::{self, Reads};
use crate::answer::Fault;
use crate::attempts::Unusable;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::form::Form;
use crate::stream::TranscriptEvents;
use crate::translation::{Told, Translation};

/// Answers with what is said in a file.
pub(crate) async fn answer(
    mut exchange: Exchange,
    request: Request<Incoming>,
    task: Task,
) -> Response<Body> {
    let operation = match task {
        Task::Transcribe => "transcriptions",
        Task::Translate => "translations",
    };
    exchange.entry.asks(operation, None, false);
    if let Err(instead) = translated::is_plain_post(&mut exchange, &request) {
        return *instead;
    }
    let (parts, body) = request.into_parts();
    let server = &exchange.configuration.settings.server;
    let (limit, idle) = (server.max_body_size, server.body_idle_timeout);
    match Box::pin(Form::read(&parts.headers, body, limit, idle)).await {
        Ok(form) => translated::serve(exchange, operation, Uploaded { form, task }).await,
        Err(fault) => exchange.reject(&fault),
    }
}

/// A file, and what is to be done with it.
struct Uploaded {
    form: Form<Vec<u8>>,
    task: Task,
}

impl Reads for Uploaded {
    type Translation = Transcription;

    async fn read(
        &mut self,
        exchange: &Exchange,
        turn: usize,
    ) -> Result<(Transcription, Payload), Fault> {
        let file = self.form.file("file")?;
        let upload = Upload {
            file: &file.content,
            file_name: file.name.as_deref(),
            content_type: file.content_type.as_deref(),
            fields: &self.form.fields,
        };
        let options = exchange.configuration.offering.transcription_options(turn);
        let (context, body) = transcription::translate(self.task, &upload, &options)?;
        if turn == 0 && context.more_models() == 0 {
            // It is in the request now, and nobody reads it again.
            self.form = Form::default();
        }
        Ok((Transcription(context), body.into()))
    }
}

struct Transcription(TranscriptionContext);

impl Translation for Transcription {
    type Events = TranscriptEvents;

    fn model(&self) -> &str {
        self.0.model()
    }

    fn more_models(&self) -> usize {
        self.0.more_models()
    }

    fn is_streamed(&self) -> bool {
        self.0.stream()
    }

    fn dropped(&self) -> &[&'static str] {
        self.0.dropped()
    }

    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(self.0.format().content_type())
    }

    /// Nobody has spoken.
    fn may_be_empty(&self) -> bool {
        true
    }

    fn whole(&self, answer: &Bytes, _request_id: &str) -> Result<Told, Unusable> {
        match transcription::response(&self.0, answer) {
            Ok(translated) => Ok(translated.into()),
            Err(error) => Err(Unusable::translating(error, answer)),
        }
    }

    fn events(self, _request_id: &str) -> TranscriptEvents {
        TranscriptEvents(TranscriptStream::new(self.0))
    }
}
