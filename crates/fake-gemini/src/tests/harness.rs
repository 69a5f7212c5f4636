//! A client for the tests.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::{FakeGemini, KeyPlan, Script};

pub(super) const MODEL: &str = "gemini-3.8-flash";
pub(super) const KEY: &str = "AIzaSyTheOnlyKey0000000000000000000abcd";

pub(super) struct Harness {
    pub(super) google: FakeGemini,
    client: Client<HttpConnector, Full<Bytes>>,
}

pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The JSON of each event.
    pub(super) fn events(&self) -> Vec<Value> {
        let events = self.text.split("\r\n\r\n").filter(|event| !event.is_empty());
        events
            .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
            .collect()
    }

    pub(super) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }
}

impl Harness {
    pub(super) async fn new(script: Script) -> Self {
        let google = FakeGemini::start(script).await.unwrap();
        Self { google, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// One key with this plan.
    pub(super) async fn with(plan: KeyPlan) -> Self {
        Self::new(Script::new().key(KEY, plan)).await
    }

    pub(super) async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<http::Response<Incoming>, Error> {
        let mut request =
            Request::builder().method(method).uri(format!("{}{path}", self.google.base_url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.client.request(request.body(Full::from(body)).unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        let headers = [("x-goog-api-key", KEY)];
        finished(self.open(Method::GET, path, &headers, String::new()).await.unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, key: &str, body: &Value) -> Got {
        let headers = [("x-goog-api-key", key)];
        finished(self.open(Method::POST, path, &headers, body.to_string()).await.unwrap()).await
    }

    /// Asks the model of the tests.
    pub(super) async fn generate(&self, body: &Value) -> Got {
        self.post(&path(MODEL, "generateContent"), KEY, body).await
    }

    /// Asks the model of the tests for events.
    pub(super) async fn stream(&self, body: &Value) -> Got {
        self.post(&path(MODEL, "streamGenerateContent?alt=sse"), KEY, body).await
    }

    /// The head of a stream, to read it step by step.
    pub(super) async fn open_stream(&self) -> Result<http::Response<Incoming>, Error> {
        let headers = [("x-goog-api-key", KEY)];
        let path = path(MODEL, "streamGenerateContent?alt=sse");
        self.open(Method::POST, &path, &headers, hello().to_string()).await
    }
}

pub(super) fn path(model: &str, method: &str) -> String {
    format!("/v1beta/models/{model}:{method}")
}

pub(super) fn says(text: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]})
}

pub(super) fn hello() -> Value {
    says("Hello there, good old world")
}

pub(super) async fn finished(response: http::Response<Incoming>) -> Got {
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Got {
        status: head.status,
        headers: head.headers,
        text: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// What of a body arrives, and whether it ended as it should.
pub(super) async fn as_far_as_it_comes(response: http::Response<Incoming>) -> (String, bool) {
    let mut body = response.into_body();
    let mut text = Vec::new();
    loop {
        match body.frame().await {
            None => return (String::from_utf8(text).unwrap(), true),
            Some(Err(_)) => return (String::from_utf8_lossy(&text).into_owned(), false),
            Some(Ok(frame)) => text.extend_from_slice(frame.data_ref().unwrap()),
        }
    }
}

/// The texts of all events, thoughts left out.
pub(super) fn joined(events: &[Value]) -> String {
    let parts = events.iter().flat_map(|event| {
        event["candidates"][0]["content"]["parts"].as_array().cloned().unwrap_or_default()
    });
    let texts = parts.filter(|part| part["thought"] != true);
    texts.filter_map(|part| part["text"].as_str().map(str::to_owned)).collect()
}
