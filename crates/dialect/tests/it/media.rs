//! What stands behind URLs: asked for, fetched by somebody else, and put in.

use dialect::{
    DialectError, Translation,
    media::{FetchedMedia, Wanted},
    openai::chat::{self, ChatContext, Options},
};
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000";

fn translate(
    content: &Value,
    media: Option<&FetchedMedia>,
) -> Result<Translation<ChatContext>, DialectError> {
    let body =
        json!({"model": "gemini-3.8-flash", "messages": [{"role": "user", "content": content}]});
    chat::translate(body.to_string().as_bytes(), &Options { media, ..Options::default() })
}

fn wanted(content: &Value) -> Vec<Wanted> {
    match translate(content, None).unwrap() {
        Translation::Fetch(wanted) => wanted,
        Translation::Ready(..) => Vec::new(),
    }
}

fn parts(content: &Value, media: &FetchedMedia) -> Value {
    let (_, upstream) = translate(content, Some(media)).unwrap().without_fetching(b"").unwrap();
    serde_json::from_slice::<Value>(&upstream).unwrap()["contents"][0]["parts"].take()
}

fn image(url: &str) -> Value {
    json!({"type": "image_url", "image_url": {"url": url, "detail": "low"}})
}

#[test]
fn every_url_is_wanted_once_and_put_in_wherever_it_stands() {
    let content = json!([
        {"type": "text", "text": "Compare."},
        image("https://example.com/a.png"),
        {"type": "video_url", "video_url": {"url": "HTTP://example.com/b?x=1"}},
        image("https://example.com/a.png"),
        {"type": "file", "file": {"file_data": "https://example.com/c.csv?download=1"}},
    ]);
    let wanted = wanted(&content);
    let found: Vec<(&str, &str)> =
        wanted.iter().map(|wanted| (wanted.param.as_str(), wanted.url.as_str())).collect();
    assert_eq!(
        found,
        [
            ("messages[0].content[1].image_url.url", "https://example.com/a.png"),
            ("messages[0].content[2].video_url.url", "HTTP://example.com/b?x=1"),
            ("messages[0].content[4].file.file_data", "https://example.com/c.csv?download=1"),
        ]
    );
    let mut media = FetchedMedia::default();
    // The bytes are believed before the server, the server before the name.
    media.insert(wanted[0].url.clone(), Some("text/html"), PNG);
    media.insert(wanted[1].url.clone(), Some("Video/WebM; codecs=vp9"), b"film");
    media.insert(wanted[2].url.clone(), Some("application/octet-stream"), b"a,b");
    insta::assert_snapshot!(parts(&content, &media), @r#"[{"text":"Compare."},{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgowMDAw"},"mediaResolution":{"level":"MEDIA_RESOLUTION_LOW"}},{"inlineData":{"mimeType":"video/webm","data":"ZmlsbQ=="}},{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgowMDAw"},"mediaResolution":{"level":"MEDIA_RESOLUTION_LOW"}},{"inlineData":{"mimeType":"text/csv","data":"YSxi"}}]"#);
}

#[test]
fn what_google_reads_itself_is_not_fetched() {
    let content = json!([
        image("https://www.youtube.com/watch?v=1"),
        image("https://generativelanguage.googleapis.com/v1beta/files/abc"),
        image("gs://bucket/a.png"),
        image("data:image/png;base64,AAAA"),
    ]);
    assert!(matches!(translate(&content, None), Ok(Translation::Ready(..))));
}

#[test]
fn pictures_that_tools_returned_are_fetched_too() {
    let body = json!({"model": "gemini-3.8-flash", "messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": [image("https://example.com/a")]}]})
    .to_string();
    let mut media = FetchedMedia::default();
    media.insert("https://example.com/a".into(), None, PNG);
    let options = Options { media: Some(&media), ..Options::default() };
    let (_, upstream) = chat::translate(body.as_bytes(), &options)
        .unwrap()
        .without_fetching(body.as_bytes())
        .unwrap();
    let upstream: Value = serde_json::from_slice(&upstream).unwrap();
    assert_eq!(
        upstream["contents"][2]["parts"][0]["functionResponse"]["parts"][0]["inlineData"]["data"],
        "iVBORw0KGgowMDAw"
    );
}

#[test]
fn mistakes_name_the_field() {
    let told = |error: DialectError| (error.param.unwrap(), error.code.unwrap(), error.message);
    let content = json!([image("https://example.com/a")]);
    let refused = translate(&content, None).unwrap().without_fetching(b"").unwrap_err();
    insta::assert_debug_snapshot!(told(refused), @r#"
    (
        "messages[0].content[0].image_url.url",
        "unsupported_value",
        "Unsupported value for 'messages[0].content[0].image_url.url': URLs are not fetched here. Send a data URL, a Files API URI or a YouTube URL.",
    )
    "#);
    let failed = wanted(&content)[0].failed("status 404");
    insta::assert_snapshot!(told(failed).2, @"Invalid value for 'messages[0].content[0].image_url.url': the URL could not be fetched: status 404.");
    let mut media = FetchedMedia::default();
    media.insert("https://example.com/a".into(), None, b"?");
    let unknown = translate(&content, Some(&media)).unwrap_err();
    insta::assert_snapshot!(told(unknown).2, @"Invalid value for 'messages[0].content[0].image_url.url': what stands behind the URL is of no known media type.");
    let many: Vec<Value> = (0..65).map(|n| image(&format!("https://example.com/{n}"))).collect();
    let many = translate(&json!(many), None).unwrap_err();
    insta::assert_snapshot!(told(many).2, @"Invalid value for 'messages[0].content[64].image_url.url': a request may name at most 64 URLs to fetch.");
    let long = json!([image(&format!("https://example.com/{}", "x".repeat(9000)))]);
    insta::assert_snapshot!(told(translate(&long, None).unwrap_err()).2, @"Invalid value for 'messages[0].content[0].image_url.url': the URL is too long.");
    let ftp = translate(&json!([image("ftp://example.com/a")]), None).unwrap_err();
    insta::assert_snapshot!(told(ftp).2, @"Invalid value for 'messages[0].content[0].image_url.url': expected a data URL or an https URL.");
}
