//! Responses that are kept, and go on.

use dialect::openai::responses::{
    self, Earlier, Options, Page, References, StoredResponse, ThoughtSignatures,
};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::{body, context, parts, whole};

/// A response with a signed call, as the store gives it back.
fn first() -> StoredResponse {
    let asked = body(&json!({"input": [
        {"role": "user", "content": "a"},
        {"type": "function_call_output", "call_id": "gone", "output": "x"}],
        "instructions": "not carried over"}));
    let answer = parts(&json!([{"text": "b"},
        {"functionCall": {"id": "c1", "name": "f", "args": {}}, "thoughtSignature": "s"}]));
    let (_, translated) = whole(&context(&json!({})), &answer);
    let stored = StoredResponse::new(
        asked.to_string().as_bytes(),
        &translated.body,
        &translated.signatures,
        Earlier::default(),
    );
    let kept = serde_json::to_string(&stored.unwrap()).unwrap();
    serde_json::from_str(&kept).unwrap()
}

fn upstream(more: &Value, earlier: Earlier<'_>) -> Value {
    let body = body(more).to_string();
    let (_, upstream) = responses::request(body.as_bytes(), earlier).unwrap();
    serde_json::from_slice(&upstream).unwrap()
}

#[test]
fn a_chain_goes_on_with_signatures() {
    let chain = [first()];
    assert_eq!((chain[0].id().as_str(), chain[0].previous_response_id()), ("resp_R", None));
    assert_eq!(chain[0].status(), "completed");
    let more = json!({"previous_response_id": "resp_R",
        "input": [{"type": "function_call_output", "call_id": "c1", "output": "r"}]});
    let earlier = Earlier { chain: &chain, referenced: &[] };
    assert_json_snapshot!(upstream(&more, earlier));
}

#[test]
fn a_client_that_keeps_its_own_list_loses_no_signature() {
    let signed = json!([{"functionCall": {"id": "c1", "name": "f", "args": {}},
        "thoughtSignature": "c2lnbmVk"}]);
    let (answer, translated) = whole(&context(&json!({})), &parts(&signed));
    let call = answer["output"][0].clone();
    let result = json!({"type": "function_call_output", "call_id": call["call_id"], "output": "r"});
    let history = json!([{"role": "user", "content": "a"}, call, result]);
    let sent = upstream(&json!({"input": history}), Earlier::default());
    let expected = json!({"functionCall": {"id": "c1", "name": "f", "args": {}},
        "thoughtSignature": "c2lnbmVk"});
    assert_eq!(sent["contents"][1]["parts"][0], expected);
    assert_eq!(sent["contents"][2]["parts"][0]["functionResponse"]["id"], "c1");

    // The same call of a response that is kept is answered by its long id, too.
    let asked = body(&json!({"input": "a"})).to_string();
    let stored = StoredResponse::new(
        asked.as_bytes(),
        &translated.body,
        &translated.signatures,
        Earlier::default(),
    );
    let chain = [stored.unwrap()];
    let more = json!({"previous_response_id": "resp_R", "input": [history[2]]});
    let sent = upstream(&more, Earlier { chain: &chain, referenced: &[] });
    assert_eq!(sent["contents"][1]["parts"][0], expected);
    assert_eq!(sent["contents"][2]["parts"][0]["functionResponse"]["id"], "c1");
}

#[test]
fn single_items_can_be_named() {
    let referenced = [first()];
    let input = json!([{"type": "item_reference", "id": "msg_R_0"}, {"id": "fc_R_1"},
        {"type": "function_call_output", "call_id": "c1", "output": "r"}]);
    let body = body(&json!({"input": input})).to_string();
    let asked = responses::read(body.as_bytes()).unwrap();
    let expected = References { previous_response_id: None, item_owners: vec!["resp_R".into()] };
    assert_eq!(asked.references(), expected);
    let earlier = Earlier { chain: &[], referenced: &referenced };
    let (_, upstream) =
        asked.translate(earlier, &Options::default()).unwrap().without_fetching(b"").unwrap();
    let upstream: Value = serde_json::from_slice(&upstream).unwrap();
    assert_json_snapshot!(upstream["contents"]);
    // What is kept of it holds the items themselves.
    let (_, answer) = whole(&context(&json!({})), &parts(&json!([{"text": "x"}])));
    let kept =
        StoredResponse::new(body.as_bytes(), &answer.body, &answer.signatures, earlier).unwrap();
    let page = Page::read(None, None, Some("asc")).unwrap();
    assert_json_snapshot!(
        serde_json::from_slice::<Value>(&responses::input_items(&kept, &page)).unwrap()
    );
}

#[test]
fn input_is_listed_in_pages() {
    let stored = first();
    let page = |after: Option<&str>, order: Option<&str>| {
        let page = Page::read(after, Some("1"), order).unwrap();
        serde_json::from_slice::<Value>(&responses::input_items(&stored, &page)).unwrap()
    };
    assert_json_snapshot!(page(None, Some("asc")));
    let second = page(Some("msg_R_i0"), Some("asc"));
    assert_eq!((&second["first_id"], &second["has_more"]), (&json!("fco_R_i1"), &json!(false)));
    assert_eq!(page(None, None)["first_id"], "fco_R_i1");
    assert_eq!(page(Some("nothing"), None)["data"], json!([]));
    assert_eq!(Page::read(None, Some("0"), None).unwrap_err().param.unwrap(), "limit");
    assert_eq!(Page::read(None, None, Some("up")).unwrap_err().param.unwrap(), "order");
    assert_eq!(
        serde_json::from_slice::<Value>(&responses::deleted("resp_R")).unwrap(),
        json!({"id": "resp_R", "object": "response", "deleted": true})
    );
}

#[test]
fn a_text_is_listed_as_a_message() {
    let (_, answer) = whole(&context(&json!({})), &parts(&json!([{"text": "x"}])));
    let body = body(&json!({})).to_string();
    let kept = StoredResponse::new(
        body.as_bytes(),
        &answer.body,
        &ThoughtSignatures::default(),
        Earlier::default(),
    )
    .unwrap();
    let page = Page::read(None, None, None).unwrap();
    let list: Value = serde_json::from_slice(&responses::input_items(&kept, &page)).unwrap();
    assert_eq!(
        list["data"],
        json!([{"type": "message", "id": "msg_R_i0", "status": "completed", "role": "user",
            "content": [{"type": "input_text", "text": "Hi"}]}])
    );
}
