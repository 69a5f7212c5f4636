//! What stands behind URLs: asked for, fetched by somebody else, and put in.

use dialect::{
    Translation,
    anthropic::{
        Aliases, count_tokens,
        messages::{self, Options},
    },
    media::FetchedMedia,
};
use serde_json::{Value, json};

use super::plain;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000";

fn url(kind: &str, url: &str) -> Value {
    json!({"type": kind, "source": {"type": "url", "url": url}})
}

#[test]
fn every_url_is_wanted_once_and_put_in_wherever_it_stands() {
    let (picture, paper) = ("https://example.com/a.png", "http://example.com/b?x=1");
    let call = json!({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}});
    let result = json!({"type": "tool_result", "tool_use_id": "toolu_1",
        "content": [url("image", picture)]});
    let body = plain(&json!({"messages": [
        {"role": "user", "content": [url("image", picture), url("document", paper)]},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]}]}))
    .to_string();
    let aliases = Aliases::default();
    let options = Options::new(&aliases);

    for asked in [messages::translate, count_tokens::translate] {
        let Translation::Fetch(wanted) = asked(body.as_bytes(), &options).unwrap() else {
            panic!("nothing is wanted")
        };
        let found: Vec<_> = wanted.iter().map(|one| (one.param.as_str(), &*one.url)).collect();
        assert_eq!(
            found,
            [
                ("messages[0].content[0].source.url", picture),
                ("messages[0].content[1].source.url", paper)
            ]
        );
    }

    let mut media = FetchedMedia::default();
    media.insert(picture.into(), None, PNG);
    media.insert(paper.into(), Some("application/pdf"), b"paper");
    let options = Options { media: Some(&media), ..options };
    let translated = messages::translate(body.as_bytes(), &options).unwrap();
    let (_, upstream) = translated.without_fetching(body.as_bytes()).unwrap();
    let upstream: Value = serde_json::from_slice(&upstream).unwrap();
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgowMDAw"}});
    let paper = json!({"inlineData": {"mimeType": "application/pdf", "data": "cGFwZXI="}});
    let said = &upstream["contents"][0]["parts"];
    assert_eq!((&said[0], &said[1]), (&picture, &paper));
    assert_eq!(upstream["contents"][2]["parts"][0]["functionResponse"]["parts"][0], picture);

    let translated = count_tokens::translate(body.as_bytes(), &options).unwrap();
    let (_, counted) = translated.without_fetching(body.as_bytes()).unwrap();
    let counted: Value = serde_json::from_slice(&counted).unwrap();
    assert_eq!(counted["generateContentRequest"]["contents"], upstream["contents"]);
}
