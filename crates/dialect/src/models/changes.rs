//! What a model's name asks for beside the model, put into a request for Gemini of any dialect.

use memchr::memmem;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use super::{Rules, Thinking, additions::push_safety};
use crate::{
    DialectError, Written,
    gemini::SafetySetting,
    gemini::thinking::{Effort, ThinkingConfig},
    json::Object,
};

/// What is to be changed in a request. What the client itself says about a thing always counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of one request")]
pub struct Changes {
    /// Google Search is added, because the name asks for it. Answers have sources then.
    pub search: bool,
    /// Google Search is added where a request can have it.
    pub may_search: bool,
    /// Pictures may be answered.
    pub images: bool,
    /// How much to think.
    pub think: Option<Think>,
    /// Thoughts are asked for, where `think` asks for any.
    pub show_thoughts: bool,
    /// Google's code execution is added.
    pub code_execution: bool,
    /// Google's reading of URLs is added.
    pub url_context: bool,
}

/// How much a model is to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Think {
    /// Not at all, or as little as the model can.
    Least,
    /// As it likes.
    Freely,
    /// So many tokens, or what is nearest.
    Tokens(u32),
}

/// A request with its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The body.
    pub body: Vec<u8>,
    /// Google Search was asked for by the name, but this model cannot have it beside functions.
    pub search_dropped: bool,
}

/// A translated request with everything that is added to it.
#[derive(Debug)]
pub(crate) struct Complete {
    pub(crate) body: Written,
    /// As in [`Changed`].
    pub(crate) search_dropped: bool,
}

impl Changes {
    /// There is nothing to change.
    pub fn is_empty(&self) -> bool {
        let show_thoughts = self.show_thoughts;
        *self == Self { show_thoughts, ..Self::default() }
    }

    /// As [`Changes::apply`]; a body with nothing to change is not read. `client` is the client's.
    pub(crate) fn applied(
        &self,
        rules: &Rules,
        body: Written,
        client: &[u8],
    ) -> Result<Complete, DialectError> {
        if self.is_empty() {
            return Ok(Complete { body, search_dropped: false });
        }
        let Changed { body, search_dropped } = self.apply(rules, &body.whole(client))?;
        Ok(Complete { body: body.into(), search_dropped })
    }

    /// As [`Changes::apply`], for a request in Google's own words; with safety settings if it has
    /// none, and with another name of the model where it names one.
    pub fn apply_natively(
        &self,
        rules: &Rules,
        model: &str,
        safety_settings: &[SafetySetting],
        body: &[u8],
    ) -> Result<Changed, DialectError> {
        let mut changed = self.apply(rules, body)?;
        let text = std::str::from_utf8(&changed.body).ok();
        let mut request = text.and_then(Object::read).unwrap_or_default();
        let has = |name: &str| request.get(name).is_some();
        let is_safe = has("safetySettings") || has("safety_settings");
        if has("model") {
            let collection = if model.contains('/') { "" } else { "models/" };
            request.put("model", &format!("{collection}{model}"));
            changed.body = request.to_vec();
        }
        if !is_safe {
            push_safety(&mut changed.body, safety_settings);
        }
        Ok(changed)
    }

    /// Puts the changes into the body of a request for Gemini; `rules` are those of its model.
    pub fn apply(&self, rules: &Rules, body: &[u8]) -> Result<Changed, DialectError> {
        let text = std::str::from_utf8(body).ok();
        let mut request = text
            .and_then(Object::read)
            .ok_or_else(|| DialectError::unreadable("it is no JSON object"))?;
        let wants_json = self.generation(rules, &mut request);
        let search_dropped = self.tools(rules, &mut request, body, wants_json);
        Ok(Changed { body: request.to_vec(), search_dropped })
    }

    /// Changes `generationConfig`. Says whether the answer must be JSON.
    fn generation(&self, rules: &Rules, request: &mut Object<'_>) -> bool {
        let written = member(request, ["generationConfig", "generation_config"]);
        let mut config = written.as_deref().and_then(Object::read).unwrap_or_default();
        let mime = config.get("responseMimeType").or(config.get("response_mime_type"));
        let wants_json = mime == Some(r#""application/json""#);
        let has = |names: [&str; 2]| names.iter().any(|name| config.get(name).is_some());
        let pictures = self.images && !has(["responseModalities", "response_modalities"]);
        let own = config.get("thinkingConfig").or(config.get("thinking_config"));
        let own = own.map(str::to_owned);
        let thinking = self.thinking(rules, own.as_deref());
        if !pictures && thinking.is_none() {
            return wants_json;
        }
        if pictures {
            config.put("responseModalities", &["TEXT", "IMAGE"]);
        }
        if let Some(thinking) = thinking {
            config.remove("thinking_config");
            config.put("thinkingConfig", &thinking);
        }
        request.remove("generation_config");
        request.put("generationConfig", &config);
        wants_json
    }

    /// The client's own `thinkingConfig` with what it leaves open; `None` if nothing is added.
    fn thinking<'c>(&self, rules: &Rules, own: Option<&'c str>) -> Option<Object<'c>> {
        let mut config = own.and_then(Object::read).unwrap_or_default();
        let says = |config: &Object<'_>, names: [&str; 2]| {
            names.iter().any(|name| config.get(name).is_some())
        };
        if says(&config, ["thinkingBudget", "thinking_budget"])
            || says(&config, ["thinkingLevel", "thinking_level"])
        {
            return None;
        }
        let think = self.think?;
        let show = self.show_thoughts
            && !matches!(think, Think::Least | Think::Tokens(0))
            && !says(&config, ["includeThoughts", "include_thoughts"]);
        let effort = match think {
            Think::Least => Some(Effort::None),
            Think::Tokens(tokens) => Some(Effort::Tokens(tokens)),
            Think::Freely => None,
        };
        let dynamic = think == Think::Freely && matches!(rules.thinking, Thinking::Budget { .. });
        let ours = ThinkingConfig::new(rules.thinking, effort, show);
        if ours.is_none() && !dynamic {
            return None;
        }
        let ours = ours.unwrap_or_default();
        if dynamic {
            config.put("thinkingBudget", &-1);
        } else if let Some(budget) = ours.thinking_budget {
            config.put("thinkingBudget", &budget);
        } else if let Some(level) = ours.thinking_level {
            config.put("thinkingLevel", level);
        }
        if let Some(include) = ours.include_thoughts {
            config.put("includeThoughts", &include);
        }
        Some(config)
    }

    /// Adds tools. Says whether Google Search could not be added.
    fn tools(
        &self,
        rules: &Rules,
        request: &mut Object<'_>,
        body: &[u8],
        wants_json: bool,
    ) -> bool {
        let has = |what: &str| memmem::find(body, what.as_bytes()).is_some();
        let media = has("\"inlineData\"") || has("\"inline_data\"") || has("\"fileData\"");
        let written = request.get("tools").map(str::to_owned);
        let mut tools: Vec<Box<RawValue>> =
            written.and_then(|tools| serde_json::from_str(&tools).ok()).unwrap_or_default();
        let declares = |names: [&str; 2]| {
            tools.iter().any(|tool| {
                let tool = Object::read(tool.get()).unwrap_or_default();
                names.iter().any(|name| tool.get(name).is_some())
            })
        };
        let functions =
            declares(["functionDeclarations", "function_declarations"]) || has("\"functionCall\"");
        let apart = functions || wants_json;
        let mixes = rules.is_generation_3();
        let chats = !rules.images && !rules.speech;
        let missing = !declares(["googleSearch", "google_search"]);
        let search = (self.search || self.may_search && chats) && missing;
        let code = self.code_execution
            && chats
            && !media
            && !declares(["codeExecution", "code_execution"]);
        let urls = self.url_context && chats && !declares(["urlContext", "url_context"]);
        let added = [
            ("googleSearch", search && (mixes || !apart)),
            ("codeExecution", code && !apart),
            ("urlContext", urls && !apart),
        ];
        for (name, _) in added.iter().filter(|(_, wanted)| *wanted) {
            tools.extend(to_raw_value(&json!({ *name: {} })));
        }
        if added.iter().any(|(_, wanted)| *wanted) {
            request.put("tools", &tools);
        }
        if functions && search && mixes {
            mix(request);
        }
        self.search && missing && apart && !mixes
    }
}

/// Functions and Google's tools together take two more settings.
fn mix(request: &mut Object<'_>) {
    let written = member(request, ["toolConfig", "tool_config"]);
    let mut config = written.as_deref().and_then(Object::read).unwrap_or_default();
    config.put("includeServerSideToolInvocations", &true);
    let names = ["functionCallingConfig", "function_calling_config"];
    if names.iter().all(|name| config.get(name).is_none()) {
        config.put("functionCallingConfig", &json!({"mode": "VALIDATED"}));
    }
    request.remove("tool_config");
    request.put("toolConfig", &config);
}

/// A member under either of Google's spellings.
fn member(request: &Object<'_>, names: [&str; 2]) -> Option<String> {
    names.iter().find_map(|name| request.get(name)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::rules;

    #[track_caller]
    fn apply(changes: Changes, model: &str, body: &str) -> String {
        let applied = changes.apply(&rules(model), body.as_bytes()).unwrap();
        let dropped = if applied.search_dropped { " (search dropped)" } else { "" };
        format!("{}{dropped}", String::from_utf8(applied.body).unwrap())
    }

    const NONE: Changes = Changes {
        search: false,
        may_search: false,
        images: false,
        think: None,
        show_thoughts: true,
        code_execution: false,
        url_context: false,
    };

    #[test]
    fn search_is_added_where_the_model_can_have_it() {
        let search = Changes { search: true, ..NONE };
        let with = |model, body| apply(search, model, body);
        let functions = r#"{"contents":[],"tools":[{"functionDeclarations":[{"name":"f"}]}]}"#;
        insta::assert_snapshot!(with("gemini-2.5-flash", r#"{"contents":[]}"#), @r#"{"contents":[],"tools":[{"googleSearch":{}}]}"#);
        insta::assert_snapshot!(with("gemini-2.5-flash", r#"{"tools":[{"google_search":{}}]}"#), @r#"{"tools":[{"google_search":{}}]}"#);
        insta::assert_snapshot!(with("gemini-2.5-flash", functions), @r#"{"contents":[],"tools":[{"functionDeclarations":[{"name":"f"}]}]} (search dropped)"#);
        insta::assert_snapshot!(with("gemini-3.8-flash", functions), @r#"{"contents":[],"tools":[{"functionDeclarations":[{"name":"f"}]},{"googleSearch":{}}],"toolConfig":{"includeServerSideToolInvocations":true,"functionCallingConfig":{"mode":"VALIDATED"}}}"#);
    }

    #[test]
    fn search_by_a_setting_is_left_out_without_a_word_where_it_cannot_be() {
        let changes = Changes { may_search: true, ..NONE };
        let functions = r#"{"tools":[{"functionDeclarations":[{"name":"f"}]}]}"#;
        assert_eq!(apply(changes, "gemini-2.5-flash", functions), functions);
        assert_eq!(apply(changes, "gemini-2.5-flash-image", "{}"), "{}");
        assert_eq!(apply(changes, "gemini-2.5-flash", "{}"), r#"{"tools":[{"googleSearch":{}}]}"#);
    }

    #[test]
    fn requests_in_googles_words_keep_their_own_safety_settings() {
        let own = [SafetySetting { category: "C".to_owned(), threshold: "OFF".to_owned() }];
        let apply = |body: &str| {
            let rules = rules("gemini-2.5-flash");
            let model = "gemini-2.5-flash";
            let changed = NONE.apply_natively(&rules, model, &own, body.as_bytes()).unwrap();
            String::from_utf8(changed.body).unwrap()
        };
        insta::assert_snapshot!(apply("{}"), @r#"{"safetySettings":[{"category":"C","threshold":"OFF"}]}"#);
        insta::assert_snapshot!(apply(r#"{"safety_settings":[],"model":"models/gpt"}"#), @r#"{"safety_settings":[],"model":"models/gemini-2.5-flash"}"#);
        insta::assert_snapshot!(apply(r#"{"contents":[]}"#), @r#"{"contents":[],"safetySettings":[{"category":"C","threshold":"OFF"}]}"#);
    }

    #[test]
    fn thinking_follows_the_model_and_the_client_counts() {
        let think = |think, model, body| apply(Changes { think: Some(think), ..NONE }, model, body);
        insta::assert_snapshot!(think(Think::Least, "gemini-2.5-flash", "{}"), @r#"{"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}}"#);
        insta::assert_snapshot!(think(Think::Least, "gemini-2.5-pro", "{}"), @r#"{"generationConfig":{"thinkingConfig":{"thinkingBudget":128}}}"#);
        insta::assert_snapshot!(think(Think::Least, "gemini-3.8-flash", "{}"), @r#"{"generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}}"#);
        insta::assert_snapshot!(think(Think::Tokens(500), "gemini-2.5-flash", r#"{"generationConfig":{"seed":1}}"#), @r#"{"generationConfig":{"seed":1,"thinkingConfig":{"thinkingBudget":500,"includeThoughts":true}}}"#);
        insta::assert_snapshot!(think(Think::Tokens(9000), "gemini-3.8-flash", "{}"), @r#"{"generationConfig":{"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}}}"#);
        insta::assert_snapshot!(think(Think::Freely, "gemini-2.5-flash", "{}"), @r#"{"generationConfig":{"thinkingConfig":{"thinkingBudget":-1,"includeThoughts":true}}}"#);
        insta::assert_snapshot!(think(Think::Freely, "gemini-3.8-flash", "{}"), @r#"{"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}"#);
        insta::assert_snapshot!(think(Think::Least, "gemma-4-31b-it", "{}"), @r#"{}"#);
        insta::assert_snapshot!(think(Think::Least, "gemini-2.5-flash", r#"{"generation_config":{"thinking_config":{"thinking_budget":7}}}"#), @r#"{"generation_config":{"thinking_config":{"thinking_budget":7}}}"#);
        insta::assert_snapshot!(think(Think::Least, "gemini-2.5-flash", r#"{"generationConfig":{"thinkingConfig":{"include_thoughts":false}}}"#), @r#"{"generationConfig":{"thinkingConfig":{"include_thoughts":false,"thinkingBudget":0}}}"#);
    }

    #[test]
    fn pictures_code_and_urls() {
        let more = Changes { images: true, code_execution: true, url_context: true, ..NONE };
        insta::assert_snapshot!(apply(more, "gemini-2.5-flash", "{}"), @r#"{"generationConfig":{"responseModalities":["TEXT","IMAGE"]},"tools":[{"codeExecution":{}},{"urlContext":{}}]}"#);
        insta::assert_snapshot!(apply(more, "gemini-3.1-flash-image", "{}"), @r#"{"generationConfig":{"responseModalities":["TEXT","IMAGE"]}}"#);
        insta::assert_snapshot!(apply(more, "gemini-2.5-flash", r#"{"contents":[{"parts":[{"inlineData":{}}]}],"generationConfig":{"responseModalities":["IMAGE"]}}"#), @r#"{"contents":[{"parts":[{"inlineData":{}}]}],"generationConfig":{"responseModalities":["IMAGE"]},"tools":[{"urlContext":{}}]}"#);
        insta::assert_snapshot!(apply(more, "gemini-2.5-flash", r#"{"generationConfig":{"responseMimeType":"application/json"}}"#), @r#"{"generationConfig":{"responseMimeType":"application/json","responseModalities":["TEXT","IMAGE"]}}"#);
        assert!(NONE.is_empty() && !more.is_empty());
        assert!(more.apply(&rules("gemini-2.5-flash"), b"[]").is_err());
    }
}
