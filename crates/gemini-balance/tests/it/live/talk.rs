//! A client of the Live API.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use testkit::{Client, Gateway, TOKEN, in_time};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

pub(crate) const PATH: &str =
    "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";

/// A model that the simulated Google offers for sessions.
pub(crate) const LIVE_MODEL: &str = "gemini-3.1-flash-live-preview";

/// One session, as its client sees it.
pub(crate) struct Talk(pub(crate) WebSocketStream<TcpStream>);

/// The first message for a session in text.
pub(crate) fn setup_of(model: &str) -> Value {
    let generation = json!({"responseModalities": ["TEXT"]});
    json!({"setup": {"model": format!("models/{model}"), "generationConfig": generation}})
}

/// The status and body of a handshake that was refused.
#[track_caller]
pub(crate) fn refusal(opened: Result<Talk, Error>) -> (u16, Value) {
    let Err(Error::Http(response)) = opened else { panic!("it is no refusal in HTTP") };
    let body = response.body().clone().unwrap_or_default();
    (response.status().as_u16(), serde_json::from_slice(&body).unwrap())
}

impl Talk {
    pub(crate) async fn open(
        gateway: &Gateway,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Error> {
        let address = gateway.address();
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        let opened = in_time("the handshake", client_async(request, stream)).await?;
        Ok(Self(opened.0))
    }

    pub(crate) async fn with_token(gateway: &Gateway) -> Self {
        Self::open(gateway, PATH, &[("x-goog-api-key", TOKEN)]).await.unwrap()
    }

    pub(crate) async fn of(gateway: &Gateway, client: &Client) -> Self {
        Self::open(gateway, PATH, &[("x-goog-api-key", client.token())]).await.unwrap()
    }

    pub(crate) async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message.
    pub(crate) async fn hear(&mut self) -> Value {
        match self.next().await {
            Ok(message) => message,
            Err(close) => panic!("it was closed: {close:?}"),
        }
    }

    /// The next message, or how it was closed.
    pub(crate) async fn next(&mut self) -> Result<Value, (u16, String)> {
        loop {
            match in_time("something is said", self.0.next()).await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Binary(bytes))) => {
                    return Ok(serde_json::from_slice(&bytes).unwrap());
                }
                Some(Ok(Message::Close(close))) => {
                    let close = close.unwrap();
                    return Err((close.code.into(), close.reason.to_string()));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err((1006, error.to_string())),
                None => return Err((1006, String::new())),
            }
        }
    }

    /// How it is closed; what is said before is passed over.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Err(close) = self.next().await {
                return close;
            }
        }
    }

    /// Waits for so many pings, each of which is answered.
    pub(crate) async fn pings(&mut self, count: usize) {
        for _ in 0..count {
            let said = in_time("it is asked whether the client is there", self.0.next()).await;
            assert!(matches!(said, Some(Ok(Message::Ping(_)))), "{said:?}");
        }
    }

    /// Says the first message; gives the answer.
    pub(crate) async fn begin(&mut self, setup: Value) -> Value {
        self.say(&setup).await;
        self.hear().await
    }

    /// Says something; gives the words of the answer.
    pub(crate) async fn turn(&mut self, text: &str) -> String {
        let turns = json!([{"role": "user", "parts": [{"text": text}]}]);
        self.say(&json!({"clientContent": {"turns": turns, "turnComplete": true}})).await;
        self.answer().await
    }

    /// The words of a turn.
    pub(crate) async fn answer(&mut self) -> String {
        let mut words = String::new();
        loop {
            let message = self.hear().await;
            let content = &message["serverContent"];
            for part in content["modelTurn"]["parts"].as_array().into_iter().flatten() {
                words.push_str(part["text"].as_str().unwrap_or_default());
            }
            if content["turnComplete"] == true {
                assert!(message["usageMetadata"]["responseTokenCount"].is_number());
                return words;
            }
        }
    }

    /// The next handle that the session can be resumed by.
    pub(crate) async fn handle(&mut self) -> String {
        loop {
            let message = self.hear().await;
            if let Some(handle) = message["sessionResumptionUpdate"]["newHandle"].as_str() {
                return handle.to_owned();
            }
        }
    }

    /// Closes the session and waits until the other side has agreed.
    pub(crate) async fn leave(mut self) {
        self.0.close(None).await.unwrap();
        while let Some(Ok(_)) = in_time("the goodbye is answered", self.0.next()).await {}
    }
}
