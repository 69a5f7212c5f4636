//! Links that hand an address and a token to a client. Each holds the token, so it is made when
//! somebody asks for it, and stands on no page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{App, Facts, MODEL};

/// What clients call this gateway.
const NAME: &str = "gemini-balance";

impl App {
    /// The link; `None` if this client takes none.
    pub(crate) fn link(self, facts: Facts<'_>) -> Option<String> {
        let Facts { base, token } = facts;
        Some(match self {
            Self::ClaudeCode => cc_switch("claude", base, token),
            Self::Codex => cc_switch("codex", &format!("{base}/v1"), token),
            Self::GeminiCli => cc_switch("gemini", base, token),
            Self::CherryStudio => {
                let provider = json!({
                    "id": NAME, "name": NAME, "type": "openai", "baseUrl": base, "apiKey": token,
                });
                format!("cherrystudio://providers/api-keys?v=1&data={}", encoded(&provider))
            }
            Self::Chatbox => {
                let provider = json!({
                    "id": NAME, "name": NAME, "type": "openai", "urls": {"website": base},
                    "settings": {
                        "apiHost": base, "apiPath": "/v1/chat/completions", "apiKey": token,
                        "models": [{"modelId": MODEL, "type": "chat"}],
                    },
                });
                format!("chatbox://provider/import?config={}", encoded(&provider))
            }
            Self::LobeChat => {
                let settings = json!({"keyVaults": {"openai": {"apiKey": token, "baseURL": format!("{base}/v1")}}});
                format!("https://lobechat.com/?settings={}", escaped(&settings.to_string()))
            }
            Self::NextChat => {
                let settings = json!({"key": token, "url": base});
                format!("https://app.nextchat.dev/#/?settings={}", escaped(&settings.to_string()))
            }
            Self::OpenCat => {
                format!("opencat://team/join?domain={}&token={}", escaped(base), escaped(token))
            }
            Self::Ama => {
                format!("ama://set-api-key?server={}&key={}", escaped(base), escaped(token))
            }
            Self::AionUi => {
                let provider = json!({"platform": "new-api", "baseUrl": base, "apiKey": token});
                format!("aionui://provider/add?v=1&data={}", encoded(&provider))
            }
            Self::DeepChat => {
                let provider = json!({"id": "new-api", "baseUrl": base, "apiKey": token});
                format!("deepchat://provider/install?v=1&data={}", encoded(&provider))
            }
            _ => return None,
        })
    }
}

/// Whether every link can carry this token: Cherry Studio takes such characters out.
pub(super) fn carries(token: &str) -> bool {
    !token.is_empty()
        && token.bytes().all(|byte| byte.is_ascii_graphic() && !b"'()".contains(&byte))
}

fn cc_switch(app: &str, endpoint: &str, token: &str) -> String {
    let query = Serializer::new(String::new())
        .append_pair("resource", "provider")
        .append_pair("app", app)
        .append_pair("name", NAME)
        .append_pair("endpoint", endpoint)
        .append_pair("apiKey", token)
        .append_pair("model", MODEL)
        .finish();
    format!("ccswitch://v1/import?{query}")
}

/// Base64 with `+`, `/` and `=`, and those escaped: Cherry Studio turns the letters of the other
/// alphabet round.
fn encoded(value: &Value) -> String {
    escaped(&STANDARD.encode(value.to_string()))
}

fn escaped(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    const FACTS: Facts<'_> = Facts { base: "https://gb.example.org", token: "gk_a-b_c?~" };

    fn parameter(app: App, name: &str) -> String {
        let url = Url::parse(&app.link(FACTS).unwrap()).unwrap();
        let found = url.query_pairs().find(|(known, _)| known == name);
        found.unwrap().1.into_owned()
    }

    fn decoded(app: App, name: &str) -> Value {
        let bytes = STANDARD.decode(parameter(app, name)).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn whoever_has_an_opener_has_a_link_and_nobody_else() {
        for app in App::ALL {
            assert_eq!(app.link(FACTS).is_some(), app.opener().is_some(), "{}", app.name());
            let Some(link) = app.link(FACTS) else { continue };
            assert!(Url::parse(&link).is_ok() && !link.contains(['\'', '(', ' ', '"']), "{link}");
            assert_eq!(app.is_site(), link.starts_with("https://"));
        }
    }

    #[test]
    fn they_say_what_the_clients_expect() {
        let cherry = decoded(App::CherryStudio, "data");
        assert_eq!(cherry["baseUrl"], "https://gb.example.org");
        assert_eq!((&cherry["apiKey"], &cherry["type"]), (&json!("gk_a-b_c?~"), &json!("openai")));
        let chatbox = decoded(App::Chatbox, "config");
        assert_eq!(chatbox["settings"]["apiKey"], "gk_a-b_c?~");
        assert_eq!(decoded(App::AionUi, "data")["platform"], "new-api");
        assert_eq!(decoded(App::DeepChat, "data")["apiKey"], "gk_a-b_c?~");
        assert_eq!(parameter(App::ClaudeCode, "endpoint"), "https://gb.example.org");
        assert_eq!(parameter(App::Codex, "endpoint"), "https://gb.example.org/v1");
        assert_eq!(parameter(App::GeminiCli, "apiKey"), "gk_a-b_c?~");
        let lobe: Value = serde_json::from_str(&parameter(App::LobeChat, "settings")).unwrap();
        assert_eq!(lobe["keyVaults"]["openai"]["baseURL"], "https://gb.example.org/v1");
    }

    #[test]
    fn tokens_that_a_client_would_change_are_known() {
        assert!(carries("gk_0aB-_"));
        for token in ["", "a b", "it's", "a(b)", "ключ"] {
            assert!(!carries(token), "{token}");
        }
    }
}
