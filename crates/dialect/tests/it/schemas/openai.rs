//! OpenAI's document.

use bytes::BytesMut;
use dialect::openai::{
    chat::{self, ChatContext, Options},
    completions, embeddings, error, images, models,
    responses::{
        self, Compaction, Earlier, Page, ResponsesContext, ResponsesStream, StoredResponse,
        ThoughtSignatures,
    },
};
use openapi::Document;
use serde_json::json;

use super::{answers, errors, read};
use crate::{
    chunks, context,
    corpus::through::{chat_context, chat_out, response_out, responses_context},
    responses as responses_tests, stamp,
};

fn chats() -> Vec<ChatContext> {
    let functions = json!([{"name": "f"}, {"name": "g"}]);
    let options = Options { fan_out: true, ..Options::default() };
    let text = json!({"model": "gemini-3.8-flash", "prompt": "a", "echo": true}).to_string();
    vec![
        chat_context(),
        context(&json!({"logprobs": true, "top_logprobs": 2})),
        context(&json!({"model": "gemini-2.5-flash-preview-tts", "modalities": ["audio"],
            "audio": {"voice": "Kore", "format": "pcm16"}})),
        context(&json!({"functions": functions, "stream": true})),
        completions::translate(text.as_bytes(), &options).unwrap().0,
    ]
}

/// Which components describe the answers of this context: whole, and chunk.
fn named(context: &ChatContext) -> (&'static str, &'static str) {
    let probe = chat::response(context, &super::ends("STOP")[0], &mut stamp()).unwrap();
    if read(&probe.body)["object"] == "text_completion" {
        ("CreateCompletionResponse", "CreateCompletionResponse")
    } else {
        ("CreateChatCompletionResponse", "CreateChatCompletionStreamResponse")
    }
}

#[test]
fn chat_and_text_completions() {
    let Some(document) = Document::openai() else { return };
    let told = document.validator("ErrorResponse");
    for context in chats() {
        let (whole, chunk) = named(&context);
        let (whole, chunk) = (document.validator(whole), document.validator(chunk));
        for (name, events) in answers() {
            for event in &events {
                if let Ok(answer) = chat::response(&context, event, &mut stamp()) {
                    whole.check(&name, &read(&answer.body));
                }
            }
            let (out, _) = chat_out(context.clone(), &events);
            for told_chunk in chunks(&out) {
                if told_chunk.get("error").is_some() {
                    told.check(&name, &told_chunk);
                } else if told_chunk != "[DONE]" {
                    chunk.check(&name, &told_chunk);
                }
            }
        }
    }
}

#[test]
fn vectors() {
    let Some(document) = Document::openai() else { return };
    let told = document.validator("CreateEmbeddingResponse");
    let body = json!({"model": "m", "input": ["a", "b"]}).to_string();
    let translated = embeddings::translate(body.as_bytes(), &embeddings::Options::default());
    let (context, _) = translated.unwrap().without_fetching(body.as_bytes()).unwrap();
    let answer = json!({"embeddings": [{"values": [1, 0.5]}, {"values": [0.25]}]}).to_string();
    let vectors = context.read(0, answer.as_bytes()).unwrap();
    told.check("vectors", &read(&context.response(&[vectors])));
}

#[test]
fn pictures() {
    let Some(document) = Document::openai() else { return };
    let whole = document.validator("ImagesResponse");
    let event = document.validator("ImageGenCompletedEvent");
    for more in [json!({}), json!({"quality": "hd"}), json!({"quality": "auto"})] {
        let mut body = json!({"prompt": "a cat"});
        body["quality"] = more["quality"].clone();
        let options = images::Options::default();
        let (context, _) = images::generation(body.to_string().as_bytes(), &options).unwrap();
        for mime in ["image/png", "image/heic"] {
            let answer = json!({"candidates": [{"content": {"parts": [{"text": "Here."},
                {"inlineData": {"mimeType": mime, "data": "AAAA"}}]}}]});
            let drawn = context.joined([context.read(answer.to_string().as_bytes()).unwrap()]);
            whole.check(mime, &read(&context.response(1, &drawn, &[])));
            whole.check(mime, &read(&context.response(1, &drawn, &["https://x/a".to_owned()])));
            let out = String::from_utf8(context.events(1, &drawn)).unwrap();
            let data = out.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            event.check(mime, &read(data.as_bytes()));
        }
    }
}

fn asked() -> Vec<ResponsesContext> {
    let tools = json!([{"type": "web_search"}, {"type": "code_interpreter", "container": {"type": "auto"}},
        {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": true},
        {"type": "custom", "name": "g"}, {"type": "image_generation"}]);
    vec![
        responses_context(),
        responses_tests::context(&json!({"tools": tools, "instructions": "Be kind",
            "metadata": {"a": "b"}, "reasoning": {"effort": "low", "summary": "auto"},
            "include": ["reasoning.encrypted_content", "web_search_call.action.sources",
                "code_interpreter_call.outputs", "message.output_text.logprobs"],
            "tool_choice": {"type": "function", "name": "f"}, "store": false,
            "max_output_tokens": 99, "temperature": 0.5, "top_p": 0.5, "top_logprobs": 2})),
        responses_tests::context(&json!({"stream": true, "text": {"verbosity": "low",
            "format": {"type": "json_schema", "name": "s", "schema": {"type": "object"}}}})),
    ]
}

#[test]
fn responses() {
    let Some(document) = Document::openai() else { return };
    let (whole, event) =
        (document.validator("Response"), document.validator("ResponseStreamEvent"));
    for context in asked() {
        for (name, events) in answers() {
            for event in &events {
                if let Ok(answer) = responses::response(&context, event, &mut stamp(), 1) {
                    whole.check(&name, &read(&answer.body));
                }
            }
            let (out, _) = response_out(context.clone(), &events);
            for told in responses_tests::events(&out) {
                event.check(&name, &told);
            }
        }
        let queued = responses::queued(&context);
        whole.check("queued", &read(&queued));
        let none = ThoughtSignatures::default();
        let queued = StoredResponse::new(b"{}", &queued, &none, Earlier::default()).unwrap();
        let mut out = BytesMut::new();
        for told in responses::told_queued(queued.response()) {
            told.write(&mut out);
        }
        for told in responses_tests::events(&out) {
            event.check("queued", &told);
        }
        for ended in [queued.cancelled(), queued.failed("server_error", "m")] {
            whole.check("ended", &read(ended.response().as_bytes()));
            for told in responses_tests::events(&ended.stream(None)) {
                event.check("told again", &told);
            }
        }
        let mut out = BytesMut::new();
        ResponsesStream::new(context, stamp()).error("m", "rate_limit_exceeded", &mut out);
        for told in responses_tests::events(&out) {
            event.check("error", &told);
        }
    }
}

/// What a client reads of responses that were kept.
#[test]
fn kept_responses() {
    let Some(document) = Document::openai() else { return };
    let items = document.validator("ResponseItemList");
    let body = json!({"model": "gemini-3.8-flash", "input": [
        {"role": "user", "content": "Hi"},
        {"role": "user", "content": [{"type": "input_text", "text": "a"},
            {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "b"}]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "1"},
    ]})
    .to_string();
    let (context, _) = responses::request(body.as_bytes(), Earlier::default()).unwrap();
    let response = responses::queued(&context);
    let none = ThoughtSignatures::default();
    let kept = StoredResponse::new(body.as_bytes(), &response, &none, Earlier::default()).unwrap();
    let page = Page::read(None, None, None).unwrap();
    items.check("input items", &read(&responses::input_items(&kept, &page)));
    let translated =
        responses::compaction(body.as_bytes(), Earlier::default(), &responses::Options::default());
    let (context, _) = translated.unwrap().without_fetching(body.as_bytes()).unwrap();
    let context = context.known_as("K".into(), 7);
    let compaction = Compaction::new(context, body.as_bytes(), Earlier::default()).unwrap();
    let summary = br#"{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}"#;
    let compacted = compaction.answer(summary).unwrap().body;
    document.validator("CompactResource").check("compacted", &read(&compacted));
    let counted = responses::input_tokens_answer(br#"{"totalTokens":7}"#).unwrap();
    document.validator("TokenCountsResource").check("input tokens", &read(&counted));
}

#[test]
fn models_and_errors() {
    let Some(document) = Document::openai() else { return };
    let page = json!({"models": [{"name": "models/gemini-3.8-flash"}, {"name": "models/new"}]});
    let page = page.to_string();
    let list = models::list([page.as_bytes()], &|_| true);
    document.validator("ListModelsResponse").check("models", &read(&list));
    document.validator("Model").check("model", &read(&models::one("models/gemini-3.8-flash")));
    let told = document.validator("ErrorResponse");
    for (status, body) in errors() {
        told.check("an error", &read(&error::from_gemini(status, &body)));
    }
    let mistake = chat::request(b"{}").unwrap_err();
    told.check("a mistake", &read(&error::from_mistake(&mistake)));
    told.check("our own", &read(&error::body(503, "m", None, None, None)));
}
