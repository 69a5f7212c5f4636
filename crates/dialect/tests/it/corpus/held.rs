//! What an answer holds, in words that all protocols have.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Finish {
    #[default]
    Done,
    Calls,
    Length,
    Filtered,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Held {
    pub(super) text: String,
    pub(super) thoughts: String,
    pub(super) calls: Vec<(String, Value)>,
    /// Code that was run, and what it printed.
    pub(super) code: Vec<String>,
    /// Pictures, in base64.
    pub(super) pictures: Vec<String>,
    pub(super) sources: BTreeSet<String>,
    pub(super) finish: Finish,
    /// Input, output with thoughts, thoughts, and what of the input was cached.
    pub(super) usage: [u64; 4],
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn arguments(value: &Value) -> Value {
    serde_json::from_str(value.as_str().unwrap()).unwrap()
}

/// Which protocol an answer is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Chat,
    Messages,
    Responses,
}

/// What Google said, as this protocol has it; `None`: it is a failure, and no answer.
pub(super) fn expected(events: &[Value], protocol: Protocol) -> Option<Held> {
    let mut held = Held::default();
    let (mut usage, mut reason, mut blocked) = (serde_json::Map::new(), None, false);
    for event in events {
        if event.get("error").is_some() {
            return None;
        }
        let candidate = &event["candidates"][0];
        list(&candidate["content"]["parts"]).for_each(|part| held.part(part, protocol));
        held.sources(candidate, protocol);
        usage.extend(event["usageMetadata"].as_object().cloned().unwrap_or_default());
        reason = candidate["finishReason"].as_str().or(reason);
        blocked |= event["promptFeedback"]["blockReason"].is_string();
    }
    let count = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or(0);
    let thoughts = count("thoughtsTokenCount");
    let input = count("promptTokenCount") + count("toolUsePromptTokenCount");
    held.usage = [
        input,
        // Google leaves out a number that follows from the others.
        match count("candidatesTokenCount") {
            0 => count("totalTokenCount").saturating_sub(input),
            visible => visible + thoughts,
        },
        thoughts,
        count("cachedContentTokenCount"),
    ];
    held.finish = match reason {
        None if blocked => Finish::Filtered,
        None => return None,
        _ if !held.calls.is_empty() => Finish::Calls,
        Some("MAX_TOKENS" | "CONTINUATION") => Finish::Length,
        Some("SAFETY" | "RECITATION") => Finish::Filtered,
        Some("STOP") => Finish::Done,
        Some(_) if held.is_empty() => return None,
        Some(_) => Finish::Done,
    };
    Some(held)
}

impl Held {
    /// There is nothing that a client could use.
    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.code.is_empty() && self.pictures.is_empty()
    }

    fn part(&mut self, part: &Value, protocol: Protocol) {
        let said = text(&part["text"]);
        if part["thought"] == true { &mut self.thoughts } else { &mut self.text }.push_str(said);
        if let Some(call) = part.get("functionCall") {
            let args = call.get("args").cloned().unwrap_or(json!({}));
            self.calls.push((text(&call["name"]).into(), args));
        }
        for code in [&part["executableCode"]["code"], &part["codeExecutionResult"]["output"]] {
            let Some(code) = code.as_str() else { continue };
            if protocol == Protocol::Responses {
                self.code.push(code.trim_end().into());
            } else {
                let language = text(&part["executableCode"]["language"]).to_lowercase();
                let code = code.trim_end_matches('\n');
                write!(self.text, "\n```{language}\n{code}\n```\n").unwrap();
            }
        }
        if let Some(mime) = part["inlineData"]["mimeType"].as_str() {
            match protocol {
                Protocol::Messages => {
                    write!(self.text, "[{mime} left out: this API cannot carry it]").unwrap();
                }
                _ => self.pictures.push(text(&part["inlineData"]["data"]).into()),
            }
        }
    }

    fn sources(&mut self, candidate: &Value, protocol: Protocol) {
        for chunk in list(&candidate["groundingMetadata"]["groundingChunks"]) {
            self.sources.extend(chunk["web"]["uri"].as_str().map(str::to_owned));
            if protocol != Protocol::Messages {
                self.sources.extend(chunk["maps"]["uri"].as_str().map(str::to_owned));
            }
        }
        // Anthropic's protocol has no place for where a text was recited from.
        if protocol != Protocol::Messages {
            let citations = &candidate["citationMetadata"];
            let recited = list(&citations["citationSources"]).chain(list(&citations["citations"]));
            self.sources.extend(recited.filter_map(|from| Some(from["uri"].as_str()?.to_owned())));
        }
    }

    /// Reads a chat completion.
    pub(super) fn of_chat(answer: &Value) -> Self {
        let choice = &answer["choices"][0];
        let message = &choice["message"];
        let (usage, details) = (&answer["usage"], |of: &str, name: &str| {
            answer["usage"][of][name].as_u64().unwrap_or(0)
        });
        Self {
            text: text(&message["content"]).into(),
            thoughts: text(&message["reasoning_content"]).into(),
            calls: list(&message["tool_calls"])
                .map(|call| &call["function"])
                .map(|call| (text(&call["name"]).into(), arguments(&call["arguments"])))
                .collect(),
            code: Vec::new(),
            pictures: list(&message["images"])
                .map(|image| text(&image["image_url"]["url"]))
                .map(|url| url.split_once("base64,").unwrap().1.to_owned())
                .collect(),
            sources: list(&message["annotations"])
                .map(|annotation| text(&annotation["url_citation"]["url"]).into())
                .collect(),
            finish: match text(&choice["finish_reason"]) {
                "stop" => Finish::Done,
                "tool_calls" => Finish::Calls,
                "length" => Finish::Length,
                "content_filter" => Finish::Filtered,
                other => unreachable!("{other}"),
            },
            usage: [
                usage["prompt_tokens"].as_u64().unwrap(),
                usage["completion_tokens"].as_u64().unwrap(),
                details("completion_tokens_details", "reasoning_tokens"),
                details("prompt_tokens_details", "cached_tokens"),
            ],
        }
    }

    /// Reads a message of Anthropic's.
    pub(super) fn of_message(message: &Value) -> Self {
        let mut held = Self::default();
        for block in list(&message["content"]) {
            match text(&block["type"]) {
                "text" => held.text.push_str(text(&block["text"])),
                "thinking" => held.thoughts.push_str(text(&block["thinking"])),
                "tool_use" => {
                    held.calls.push((text(&block["name"]).into(), block["input"].clone()));
                }
                "web_search_tool_result" => {
                    let found = list(&block["content"]).map(|found| text(&found["url"]).into());
                    held.sources.extend(found);
                }
                other => assert_eq!(other, "server_tool_use"),
            }
        }
        held.finish = match text(&message["stop_reason"]) {
            "end_turn" => Finish::Done,
            "tool_use" => Finish::Calls,
            "max_tokens" => Finish::Length,
            "refusal" => Finish::Filtered,
            other => unreachable!("{other}"),
        };
        let count = |name: &str| message["usage"][name].as_u64().unwrap_or(0);
        let cached = count("cache_read_input_tokens");
        // Anthropic counts thoughts among the output, and does not tell how many they are.
        held.usage = [count("input_tokens") + cached, count("output_tokens"), 0, cached];
        held
    }

    /// Reads a response.
    pub(super) fn of_response(response: &Value) -> Self {
        let mut held = Self::default();
        for item in list(&response["output"]) {
            match text(&item["type"]) {
                "message" => list(&item["content"]).for_each(|part| {
                    held.text.push_str(text(&part["text"]));
                    let cited = list(&part["annotations"]).map(|cited| text(&cited["url"]).into());
                    held.sources.extend(cited);
                }),
                "reasoning" => list(&item["summary"])
                    .for_each(|part| held.thoughts.push_str(text(&part["text"]))),
                "function_call" => {
                    held.calls.push((text(&item["name"]).into(), arguments(&item["arguments"])));
                }
                "code_interpreter_call" => {
                    let ran = std::iter::once(&item["code"])
                        .chain(list(&item["outputs"]).map(|output| &output["logs"]));
                    held.code.extend(ran.map(|code| text(code).trim_end().to_owned()));
                }
                "image_generation_call" => held.pictures.push(text(&item["result"]).into()),
                other => assert_eq!(other, "web_search_call"),
            }
        }
        held.finish = match text(&response["incomplete_details"]["reason"]) {
            "max_output_tokens" => Finish::Length,
            "content_filter" => Finish::Filtered,
            _ if held.calls.is_empty() => Finish::Done,
            _ => Finish::Calls,
        };
        let usage = &response["usage"];
        held.usage = [
            usage["input_tokens"].as_u64().unwrap(),
            usage["output_tokens"].as_u64().unwrap(),
            usage["output_tokens_details"]["reasoning_tokens"].as_u64().unwrap(),
            usage["input_tokens_details"]["cached_tokens"].as_u64().unwrap(),
        ];
        held
    }
}
