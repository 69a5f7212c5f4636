//! Asking for a method through the gateway, and what Google must have got of it.

use fake_gemini::{FakeGemini, Received};
use serde_json::{Value, json};
use testkit::{Answer, Client, TOKEN};

use super::made::ask;
use super::table::Method;

/// What was asked and answered, on both sides of the gateway.
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: String,
    pub(super) body: String,
    pub(super) answer: Answer,
    /// What Google received meanwhile.
    pub(super) received: Vec<Received>,
}

/// Asks for a method of this path, with a query and a body that nobody else would write.
pub(super) async fn send(
    google: &FakeGemini,
    client: &Client,
    method: &Method,
    path: &str,
) -> Asked {
    let (query, body) = (query(method), body(method));
    let sent = if client.token() == TOKEN && path.starts_with("/v1alpha/") {
        // The other place where Google's clients put their keys.
        client.anonymous(method.verb, &format!("{path}?{query}&key={TOKEN}"))
    } else {
        ask(client, method.verb, &format!("{path}?{query}"))
    };
    google.forget_received();
    let sent = sent.header("content-type", "application/json").body(body.clone());
    let answer = sent.send().await;
    Asked { path: path.to_owned(), query, body, answer, received: google.received() }
}

impl Asked {
    /// Google was asked once for what the client had asked for, and its answer came back as it was.
    /// Gives the key.
    #[track_caller]
    pub(super) fn came_through(&self, method: &Method) -> String {
        let id = method.id;
        let [received] = self.received.as_slice() else {
            panic!("{id}: Google was asked {} times: {}", self.received.len(), self.answer.text())
        };
        assert_eq!(received.method, method.verb, "{id}");
        assert_eq!(received.path, self.path, "{id}");
        assert_eq!(received.query.as_deref(), Some(self.query.as_str()), "{id}");
        assert_eq!(received.body, self.body, "{id}");
        assert_eq!(self.answer.status, 200, "{id}: {}", self.answer.text());
        assert_eq!(received.status, Some(200), "{id}");
        let is_as_given = match id {
            // Names that only the gateway knows come behind Google's.
            "models.list" => self.lists_all_of(received),
            _ => self.answer.body == received.answer,
        };
        assert!(is_as_given, "{id}: {}", self.answer.text());
        assert!(!self.answer.body.is_empty(), "{id}");
        self.went_with_a_pool_key(id)
    }

    fn lists_all_of(&self, received: &Received) -> bool {
        let google: Value = serde_json::from_slice(&received.answer).unwrap();
        let told = &self.answer.json()["models"];
        let told = told.as_array().unwrap();
        google["models"].as_array().unwrap().iter().all(|model| told.contains(model))
    }

    /// Whatever Google was asked carried one key of the pool, and nowhere the client's token.
    #[track_caller]
    pub(super) fn went_with_a_pool_key(&self, id: &str) -> String {
        for received in &self.received {
            assert_eq!(received.key, self.received[0].key, "{id}");
            let everything = format!("{received:?}");
            assert!(!everything.contains(TOKEN), "{id}: the token travels: {everything}");
        }
        let key = self.received[0].key.clone().unwrap();
        assert!(key.contains("CANARY"), "{id}: {key} is not of the pool");
        key
    }

    /// The client was told that there is no such thing, and Google was not asked.
    #[track_caller]
    pub(super) fn found_nothing(&self, method: &Method) {
        let (status, text) = (self.answer.status, self.answer.text());
        assert_eq!(status, 404, "{}: {text}", method.id);
        assert_eq!(self.answer.json()["error"]["status"], "NOT_FOUND", "{}: {text}", method.id);
        assert!(self.received.is_empty(), "{}: Google was asked", method.id);
    }
}

fn query(method: &Method) -> String {
    match method.id {
        "files.download" | "fileSearchStores.media.get" => "alt=media".to_owned(),
        id if id.ends_with("streamGenerateContent") => "alt=sse&prettyPrint=false".to_owned(),
        id if id.ends_with("patch") => "updateMask=displayName&prettyPrint=false".to_owned(),
        _ => "prettyPrint=false&fields=*".to_owned(),
    }
}

/// A body that the method takes, spaced as no serializer does it.
fn body(method: &Method) -> String {
    if matches!(method.verb, "GET" | "DELETE") {
        return String::new();
    }
    let contents = json!([{"role": "user", "parts": [{"text": "hello"}]}]);
    let content = &contents[0];
    let (_, name) = method.id.rsplit_once('.').unwrap();
    let body = match name {
        "generateContent" | "streamGenerateContent" | "countTokens" | "generateAnswer" => {
            json!({"contents": contents})
        }
        "embedContent" => json!({"content": content}),
        "batchEmbedContents" => {
            let request = json!({"model": "models/gemini-embedding-001", "content": content});
            json!({"requests": [request]})
        }
        "register" => json!({"uris": ["gs://bucket/object"]}),
        _ if method.id == "interactions.create" || method.id == "decisions.create" => {
            json!({"model": "gemini-2.5-flash", "input": "hello"})
        }
        _ if method.id == "files.create" => json!({"file": {"displayName": "made"}}),
        _ => json!({"displayName": "made"}),
    };
    format!(" {}\r\n", body.to_string().replace("\":", "\" :\t"))
}
