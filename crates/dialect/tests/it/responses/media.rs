//! What stands behind URLs: asked for, fetched by somebody else, and put in.

use dialect::{
    Translation,
    media::FetchedMedia,
    openai::responses::{self, Earlier},
};
use serde_json::{Value, json};

use super::body;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000";

#[test]
fn every_url_is_wanted_once_and_put_in_wherever_it_stands() {
    let (picture, paper) = ("https://example.com/a.png", "http://example.com/b?x=1");
    let image = json!({"type": "input_image", "image_url": picture});
    let body = body(&json!({"input": [
        {"role": "user", "content": [image, {"type": "input_file", "file_url": paper}]},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": [image]}]}))
    .to_string();
    let translate = |media: Option<&FetchedMedia>| {
        let asked = responses::read(body.as_bytes()).unwrap();
        asked
            .translate(Earlier::default(), &responses::Options { media, ..Default::default() })
            .map(|translated| match translated {
                Translation::Fetch(wanted) => Err(wanted),
                Translation::Ready(_, upstream) => Ok(upstream.whole(body.as_bytes())),
            })
    };

    let wanted = translate(None).unwrap().unwrap_err();
    let found: Vec<_> = wanted.iter().map(|one| (one.param.as_str(), &*one.url)).collect();
    assert_eq!(
        found,
        [("input[0].content[0].image_url", picture), ("input[0].content[1].file_url", paper)]
    );
    let refused = responses::request(body.as_bytes(), Earlier::default()).unwrap_err();
    assert_eq!(refused.param.as_deref(), Some("input[0].content[0].image_url"));

    let mut media = FetchedMedia::default();
    media.insert(picture.into(), None, PNG);
    media.insert(paper.into(), Some("application/pdf"), b"paper");
    let upstream = translate(Some(&media)).unwrap().unwrap();
    let upstream: Value = serde_json::from_slice(&upstream).unwrap();
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgowMDAw"}});
    let paper = json!({"inlineData": {"mimeType": "application/pdf", "data": "cGFwZXI="}});
    let said = &upstream["contents"][0]["parts"];
    assert_eq!((&said[0], &said[1]), (&picture, &paper));
    assert_eq!(upstream["contents"][2]["parts"][0]["functionResponse"]["parts"][0], picture);

    let counted = responses::input_tokens(
        body.as_bytes(),
        Earlier::default(),
        &responses::Options { media: Some(&media), ..Default::default() },
    )
    .unwrap();
    let (model, counted) = counted.without_fetching(b"").unwrap();
    let counted: Value = serde_json::from_slice(&counted).unwrap();
    assert_eq!(model, "gemini-3.8-flash");
    assert_eq!(counted["generateContentRequest"]["contents"], upstream["contents"]);
}
