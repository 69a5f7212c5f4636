//! Answers captured from Google, by others: read where they are, never copied here.

use bytes::BytesMut;
use dialect::openai::responses::{self, ResponseError, ResponsesStream};
use serde_json::{Value, json};

use super::{context, events, stream::check_accumulates};
use crate::{samples::samples, stamp};

/// What an answer holds, in either protocol.
#[derive(Debug, Default, PartialEq)]
struct Held {
    text: String,
    thoughts: String,
    calls: Vec<(String, Value)>,
    code: Vec<String>,
    queries: Vec<String>,
}

impl Held {
    fn add(&mut self, answer: &Value) {
        let candidate = &answer["candidates"][0];
        for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
            let text = part["text"].as_str().unwrap_or_default();
            if part["thought"] == true {
                self.thoughts.push_str(text);
            } else {
                self.text.push_str(text);
            }
            if let Some(call) = part.get("functionCall") {
                let args = call.get("args").cloned().unwrap_or(json!({}));
                self.calls.push((call["name"].as_str().unwrap().into(), args));
            }
            let code = part["executableCode"]["code"].as_str();
            self.code.extend(code.map(str::to_owned));
        }
        for query in
            candidate["groundingMetadata"]["webSearchQueries"].as_array().into_iter().flatten()
        {
            let query = query.as_str().unwrap().to_owned();
            if !self.queries.contains(&query) {
                self.queries.push(query);
            }
        }
    }

    fn of(response: &Value) -> Self {
        let mut held = Self::default();
        for item in response["output"].as_array().unwrap() {
            match item["type"].as_str().unwrap() {
                "message" => held.text.push_str(item["content"][0]["text"].as_str().unwrap()),
                "reasoning" => {
                    for part in item["summary"].as_array().unwrap() {
                        held.thoughts.push_str(part["text"].as_str().unwrap());
                    }
                }
                "function_call" => {
                    let arguments = item["arguments"].as_str().unwrap();
                    held.calls.push((
                        item["name"].as_str().unwrap().into(),
                        serde_json::from_str(arguments).unwrap(),
                    ));
                }
                "code_interpreter_call" => held.code.push(item["code"].as_str().unwrap().into()),
                "web_search_call" => {
                    let queries = item["action"]["queries"].as_array().unwrap().iter();
                    held.queries.extend(queries.map(|query| query.as_str().unwrap().to_owned()));
                }
                // Pictures are told apart by their bytes, which this comparison leaves out.
                "image_generation_call" => {}
                other => assert_eq!(other, "a known kind"),
            }
        }
        held
    }
}

fn check(path: &str, response: &Value, answers: &[Value]) {
    let mut source = Held::default();
    let mut usage = serde_json::Map::new();
    let mut finish = None;
    for answer in answers {
        source.add(answer);
        usage.extend(answer["usageMetadata"].as_object().cloned().unwrap_or_default());
        finish = answer["candidates"][0]["finishReason"].as_str().or(finish);
    }
    assert_eq!(Held::of(response), source, "{path}");
    let expected = match finish {
        _ if !source.calls.is_empty() => "completed",
        Some("MAX_TOKENS" | "SAFETY" | "RECITATION") => "incomplete",
        _ => "completed",
    };
    assert_eq!(response["status"], expected, "{path}");
    if !usage.is_empty() {
        let count = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or(0);
        let input = count("promptTokenCount") + count("toolUsePromptTokenCount");
        let output = count("candidatesTokenCount") + count("thoughtsTokenCount");
        assert_eq!(response["usage"]["input_tokens"], input, "{path}");
        assert_eq!(response["usage"]["output_tokens"], output, "{path}");
    }
    for item in response["output"].as_array().unwrap() {
        let length = item["content"][0]["text"].as_str().unwrap_or_default().chars().count() as u64;
        for citation in item["content"][0]["annotations"].as_array().into_iter().flatten() {
            let (start, end) = (
                citation["start_index"].as_u64().unwrap(),
                citation["end_index"].as_u64().unwrap(),
            );
            assert!(start <= end && end <= length, "{path}: {citation}");
        }
    }
    let cited = response["output"].to_string().contains("url_citation");
    assert!(cited || !path.contains("google-search-grounding.json"), "{path}");
}

#[test]
fn whole_answers_keep_everything() {
    for (path, body) in samples("json", "unary-success") {
        let answer: Value = serde_json::from_slice(&body).unwrap();
        let translated = responses::response(&context(&json!({})), &body, &mut stamp(), 0).unwrap();
        check(&path, &serde_json::from_slice(&translated.body).unwrap(), &[answer]);
    }
}

#[test]
fn failures_are_recognised() {
    for (path, body) in samples("json", "unary-failure") {
        match responses::response(&context(&json!({})), &body, &mut stamp(), 0) {
            Err(ResponseError::Upstream(_) | ResponseError::Empty { .. }) => {}
            Ok(translated) => {
                let body: Value = serde_json::from_slice(&translated.body).unwrap();
                assert_eq!(body["incomplete_details"]["reason"], "content_filter", "{path}");
            }
            Err(other) => panic!("{path}: {other}"),
        }
    }
}

#[test]
fn streams_keep_everything_and_are_no_different_from_whole_answers() {
    for (path, body) in samples("txt", "streaming-success") {
        let text = String::from_utf8(body).unwrap();
        let answers: Vec<Value> = text
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        let mut stream = ResponsesStream::new(context(&json!({"store": false})), stamp());
        let mut out = BytesMut::new();
        for answer in &answers {
            stream.event(answer.to_string().as_bytes(), &mut out).unwrap();
        }
        stream.finish(0, &mut out).unwrap();
        let events = events(&out);
        check_accumulates(&events);
        check(&path, &events.last().unwrap()["response"], &answers);
    }
}

/// Events cut off anywhere are the same events, and then a failure.
#[test]
fn a_stream_may_break_at_any_event() {
    for (path, body) in samples("txt", "streaming-success") {
        let text = String::from_utf8(body).unwrap();
        let answers: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
        let mut before = 0;
        for cut in 0..=answers.len() {
            let mut stream = ResponsesStream::new(context(&json!({})), stamp());
            let mut out = BytesMut::new();
            for answer in &answers[..cut] {
                stream.event(answer.as_bytes(), &mut out).unwrap();
            }
            assert!(events(&out).len() >= before, "{path} cut at {cut}");
            before = events(&out).len();
            stream.error("The link broke.", "upstream_error", &mut out);
            let told = events(&out).pop().unwrap();
            assert_eq!(told["response"]["error"]["code"], "server_error", "{path} cut at {cut}");
        }
    }
}
