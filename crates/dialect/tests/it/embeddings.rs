//! Embeddings.

use base64::{Engine, engine::general_purpose::STANDARD};
use dialect::{
    DialectError, ResponseError, Translation,
    models::{Additions, Offers},
    openai::embeddings::{Embeddings, Options, translate},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::robust::{apply, changes};

fn ask(body: &Value) -> Result<(Embeddings, Vec<Value>), DialectError> {
    let translated = translate(body.to_string().as_bytes(), &Options::default())?;
    let (mut embeddings, first) = translated.without_fetching(b"")?;
    let bodies = std::iter::once(first).chain(embeddings.take_more());
    let bodies = bodies.map(|body| serde_json::from_slice(&body).unwrap()).collect();
    Ok((embeddings, bodies))
}

fn mistake(body: &Value) -> (u16, String, &'static str) {
    let error = ask(body).unwrap_err();
    (error.status, error.param.unwrap_or_default(), error.code.unwrap_or_default())
}

fn answer(vectors: &[&[f32]]) -> Vec<u8> {
    let embeddings: Vec<Value> = vectors.iter().map(|values| json!({"values": values})).collect();
    json!({"embeddings": embeddings}).to_string().into_bytes()
}

#[test]
fn a_text_is_a_batch_of_one() {
    let body = json!({"model": "models/gemini-embedding-2", "input": "say \"hi\"\n", "user": "u",
        "dimensions": 768});
    let (embeddings, bodies) = ask(&body).unwrap();
    assert_eq!(embeddings.model(), "gemini-embedding-2");
    insta::assert_snapshot!(bodies[0], @r#"{"requests":[{"model":"models/gemini-embedding-2","content":{"parts":[{"text":"say \"hi\"\n"}]},"outputDimensionality":768}]}"#);
    assert_eq!(bodies.len(), 1);
}

#[test]
fn each_input_is_a_request_of_its_own_with_task_and_title() {
    let body = json!({"model": "gemini-embedding-001", "task_type": "search_document",
        "title": "T", "input": ["a", {"content": "b"}, {"content": [
            {"type": "text", "text": "c"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]}]});
    let (_, bodies) = ask(&body).unwrap();
    insta::assert_snapshot!(bodies[0], @r#"{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_DOCUMENT","title":"T"},{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"b"}]},"taskType":"RETRIEVAL_DOCUMENT","title":"T"},{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"c"},{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}]},"taskType":"RETRIEVAL_DOCUMENT","title":"T"}]}"#);
}

#[test]
fn more_than_a_hundred_inputs_take_more_calls() {
    let inputs: Vec<String> = (0..250).map(|number| format!("text {number}")).collect();
    let (embeddings, bodies) = ask(&json!({"model": "m", "input": inputs})).unwrap();
    let sizes: Vec<usize> =
        bodies.iter().map(|body| body["requests"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(bodies[2]["requests"][49]["content"]["parts"][0]["text"], "text 249");
    let one: &[f32] = &[1.0];
    let calls: Vec<_> = sizes
        .iter()
        .enumerate()
        .map(|(call, size)| embeddings.read(call, &answer(&vec![one; *size])).unwrap())
        .collect();
    let response: Value = serde_json::from_slice(&embeddings.response(&calls)).unwrap();
    assert_eq!(response["data"].as_array().unwrap().len(), 250);
    assert_eq!(response["data"][249]["index"], 249);
}

#[test]
fn names_of_openai_keep_the_length_of_their_vectors() {
    for (name, length) in [
        ("text-embedding-3-small", json!(1536)),
        ("text-embedding-ada-002", json!(1536)),
        ("text-embedding-3-large", Value::Null),
    ] {
        let (embeddings, bodies) = ask(&json!({"model": name, "input": "a"})).unwrap();
        assert_eq!(embeddings.model(), "gemini-embedding-2");
        assert_eq!(bodies[0]["requests"][0]["outputDimensionality"], length, "{name}");
        let (_, bodies) = ask(&json!({"model": name, "input": "a", "dimensions": 256})).unwrap();
        assert_eq!(bodies[0]["requests"][0]["outputDimensionality"], 256);
    }
    let aliases = [("text-embedding-3-small".to_owned(), "gemini-embedding-001".to_owned())];
    let offers = Offers { aliases: aliases.into(), ..Offers::default() };
    let additions = Additions { offers: Some(&offers), ..Additions::default() };
    let body = json!({"model": "text-embedding-3-small", "input": "a"}).to_string();
    let options = Options { additions, ..Options::default() };
    let (embeddings, _) =
        translate(body.as_bytes(), &options).unwrap().without_fetching(b"").unwrap();
    assert_eq!(embeddings.model(), "gemini-embedding-001", "the administrator's alias goes first");
}

#[test]
fn vectors_are_of_length_one_and_base64_holds_the_same_numbers() {
    let vector: &[f32] = &[3.0, -4.0, 0.0];
    let told = |format: &str| -> Value {
        let body = json!({"model": "m", "input": ["a"], "encoding_format": format});
        let (embeddings, _) = ask(&body).unwrap();
        let vectors = embeddings.read(0, &answer(&[vector])).unwrap();
        serde_json::from_slice(&embeddings.response(&[vectors])).unwrap()
    };
    let floats = told("float");
    insta::assert_snapshot!(floats, @r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.6,-0.8,0.0]}],"model":"m","usage":{"prompt_tokens":18,"total_tokens":18}}"#);
    let base64 = told("base64");
    let bytes = STANDARD.decode(base64["data"][0]["embedding"].as_str().unwrap()).unwrap();
    let numbers: Vec<f32> =
        bytes.as_chunks::<4>().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
    assert_eq!(numbers, [0.6, -0.8, 0.0]);
}

#[test]
fn usage_is_googles_count_where_it_gives_one() {
    let (embeddings, _) = ask(&json!({"model": "m", "input": "a"})).unwrap();
    let answer = br#"{"embeddings":[{"values":[1]}],"usageMetadata":{"promptTokenCount":7}}"#;
    let vectors = embeddings.read(0, answer).unwrap();
    assert_eq!((vectors.usage.prompt, vectors.usage.total), (7, 7));
}

#[test]
fn answers_that_are_none_are_told_apart() {
    let (embeddings, _) = ask(&json!({"model": "m", "input": ["a", "b"]})).unwrap();
    let read = |answer: &[u8]| embeddings.read(0, answer).unwrap_err();
    assert!(matches!(read(b"<html>"), ResponseError::Malformed(_)));
    assert!(matches!(read(b"{}"), ResponseError::Empty { .. }));
    assert!(matches!(read(&answer(&[&[1.0]])), ResponseError::Malformed(_)), "one is missing");
    assert!(matches!(read(&answer(&[&[1.0], &[]])), ResponseError::Malformed(_)));
    let error = br#"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#;
    assert!(matches!(read(error), ResponseError::Upstream(_)));
}

#[test]
fn mistakes_name_their_field() {
    let with = |name: &str, value: Value| {
        let mut body = json!({"model": "m", "input": "a"});
        body[name] = value;
        mistake(&body)
    };
    let invalid = |param: &str| (400, param.to_owned(), "invalid_value");
    for tokens in [json!([1, 2, 3]), json!([[1, 2], [3]]), json!([[]]), json!(["a", [1]])] {
        assert_eq!(with("input", tokens), invalid("input"));
    }
    assert_eq!(with("input", json!("")), invalid("input"));
    assert_eq!(with("input", json!([])), invalid("input"));
    assert_eq!(with("input", json!(["a", ""])), invalid("input[1]"));
    assert_eq!(with("input", json!([{"content": ""}])), invalid("input[0]"));
    assert_eq!(
        with("input", json!(["a"; 1].iter().cycle().take(2049).collect::<Vec<_>>())),
        invalid("input")
    );
    assert_eq!(with("input", json!(5)), invalid("input"));
    let image = json!([{"content": [{"type": "image_url", "image_url": {"url": "ftp://x"}}]}]);
    assert_eq!(with("input", image), invalid("input[0].content[0].image_url.url"));
    assert_eq!(with("dimensions", json!(0)), invalid("dimensions"));
    assert_eq!(with("dimensions", json!("many")), invalid("dimensions"));
    assert_eq!(with("encoding_format", json!("hex")), invalid("encoding_format"));
    assert_eq!(with("task_type", json!("SLEEP")), invalid("task_type"));
    assert_eq!(with("title", json!("T")).1, "title");
    assert_eq!(with("model", Value::Null).1, "model");
    assert_eq!(mistake(&json!({"model": "m"})).2, "missing_required_parameter");
}

#[test]
fn pictures_by_url_are_fetched_first() {
    let image =
        json!({"content": [{"type": "image_url", "image_url": {"url": "https://e.com/a"}}]});
    let body = json!({"model": "m", "input": [image, image]}).to_string();
    let translated = translate(body.as_bytes(), &Options::default()).unwrap();
    let Translation::Fetch(wanted) = translated else { panic!("it is ready") };
    assert_eq!(wanted.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_valid_json_or_a_mistake_comes_out(changes in changes()) {
        let body = json!({"model": "m", "input": ["a", {"content": [{"type": "text", "text": "b"}]}],
            "dimensions": 3, "encoding_format": "float", "task_type": "CLUSTERING"});
        match translate(&apply(&body.to_string(), &changes), &Options::default()) {
            Ok(Translation::Ready(_, body)) => {
                let body: Value = serde_json::from_slice(&body.text).unwrap();
                prop_assert!(!body["requests"].as_array().unwrap().is_empty());
            }
            Ok(Translation::Fetch(wanted)) => prop_assert!(!wanted.is_empty()),
            Err(mistake) => prop_assert_eq!(mistake.status, 400),
        }
        let (embeddings, _) = ask(&json!({"model": "m", "input": ["a", "b"]})).unwrap();
        let answer = String::from_utf8(answer(&[&[1.0, 0.5], &[0.0, 0.0]])).unwrap();
        if let Ok(vectors) = embeddings.read(0, &apply(&answer, &changes)) {
            let response: Value = serde_json::from_slice(&embeddings.response(&[vectors])).unwrap();
            prop_assert_eq!(response["data"].as_array().unwrap().len(), 2);
        }
    }
}
