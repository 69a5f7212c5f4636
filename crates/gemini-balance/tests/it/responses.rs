//! OpenAI's Responses.

use fake_gemini::{ErrorForm, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Answer, Client, MODEL, key};

use crate::house::{calls, fault, google, house, parse, setup, spent_for};

const PATH: &str = "/v1/responses";

async fn ask(client: &Client, body: &Value) -> Answer {
    client.post(PATH, body.to_string()).send().await
}

/// Asks for a whole response, which must succeed.
async fn whole(client: &Client, body: &Value) -> Value {
    let answer = ask(client, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn question(text: &str) -> Value {
    json!({"model": MODEL, "input": text})
}

fn id(response: &Value) -> &str {
    response["id"].as_str().unwrap()
}

async fn get(client: &Client, path: &str) -> Answer {
    client.get(&format!("{PATH}/{path}")).send().await
}

#[track_caller]
fn assert_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["error"]["code"], code, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_is_answered_whole_past_dead_and_spent_keys_under_all_prefixes() {
    let keys = [("bad", KeyPlan::Leaked), ("spent", spent_for(40)), ("good", KeyPlan::Valid)];
    let (google, gateway) = house(keys).await;
    let client = gateway.client();
    for path in [PATH, "/openai/v1/responses", "/hf/v1/responses"] {
        let answer = client.post(path, question("hello").to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let response = answer.json();
        assert_eq!(
            (&response["object"], &response["status"]),
            (&json!("response"), &json!("completed"))
        );
        assert_eq!(response["output"][0]["content"][0]["text"], "You said: hello");
        assert_eq!((&response["model"], &response["store"]), (&json!(MODEL), &json!(true)));
        assert!(response["usage"]["output_tokens"].as_u64().unwrap() > 0);
    }
    assert_eq!((calls(&google, "bad"), calls(&google, "spent")), (1, 1));
    let rows = gateway.records().await.requests().await;
    for row in rows {
        assert_eq!((row.operation.as_str(), row.outcome.as_str()), ("responses", "served"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_every_event_in_order_and_can_be_gone_on_from_at_once() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    for _ in 0..10 {
        let body = json!({"model": MODEL, "input": "hello there, good old world", "stream": true});
        let stream = ask(&client, &body).await;
        assert_eq!(stream.header("content-type"), Some("text/event-stream; charset=utf-8"));
        let events: Vec<Value> = stream.events().iter().map(|data| parse(data)).collect();
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event["sequence_number"], number, "{event}");
        }
        let mut names: Vec<&str> =
            events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        names.dedup();
        assert_eq!(
            names,
            [
                "response.created",
                "response.in_progress",
                "response.output_item.added",
                "response.content_part.added",
                "response.output_text.delta",
                "response.output_text.done",
                "response.content_part.done",
                "response.output_item.done",
                "response.completed",
            ]
        );
        let response = &events.last().unwrap()["response"];
        assert_eq!(
            response["output"][0]["content"][0]["text"],
            "You said: hello there, good old world"
        );
        let next =
            json!({"model": MODEL, "input": "and then?", "previous_response_id": id(response)});
        whole(&client, &next).await;
        let sent = parse(&String::from_utf8_lossy(&google.received().last().unwrap().body));
        let roles: Vec<_> =
            sent["contents"].as_array().unwrap().iter().map(|turn| &turn["role"]).collect();
        assert_eq!(roles, ["user", "model", "user"], "{sent}");
        let kept = get(&client, id(response)).await;
        assert_eq!(kept.json(), *response);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_called_and_its_output_goes_on_from_the_response() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let tool = json!({"type": "function", "name": "get_weather", "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}});
    let first = whole(
        &client,
        &json!({"model": "gemini-3.8-flash", "input": "What is the weather in Paris?",
            "tools": [tool], "tool_choice": "required"}),
    )
    .await;
    let output = first["output"].as_array().unwrap();
    let call = output.iter().find(|item| item["type"] == "function_call");
    let call = call.unwrap_or_else(|| panic!("{first}"));
    assert_eq!(call["name"], "get_weather");
    let result =
        json!({"type": "function_call_output", "call_id": call["call_id"], "output": "sunny"});
    let second = whole(
        &client,
        &json!({"model": "gemini-3.8-flash", "input": [result], "tools": [tool],
            "previous_response_id": id(&first)}),
    )
    .await;
    assert!(second["output"].to_string().contains("sunny"), "{second}");
    assert_eq!(second["previous_response_id"], first["id"]);
    let sent = parse(&String::from_utf8_lossy(&google.received().last().unwrap().body));
    let (call, result) = (&sent["contents"][1]["parts"][0], &sent["contents"][2]["parts"][0]);
    assert_eq!(call["functionCall"]["name"], "get_weather", "{sent}");
    assert!(call["thoughtSignature"].is_string(), "{sent}");
    assert_eq!(result["functionResponse"]["name"], "get_weather", "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_shown_listed_and_deleted_for_their_owner_alone() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let token = gateway.run(&["tokens", "create", "laptop"]).await.ok();
    let stranger = gateway.client_with(token.trim());
    let response = whole(&client, &question("hello")).await;
    let id = id(&response);
    assert_eq!(get(&client, id).await.json(), response);
    let items = get(&client, &format!("{id}/input_items?order=asc")).await.json();
    assert_eq!(items["data"][0]["content"][0]["text"], "hello", "{items}");
    assert_eq!((&items["object"], &items["has_more"]), (&json!("list"), &json!(false)));
    assert_error(&get(&client, &format!("{id}/input_items?limit=0")).await, 400, "invalid_value");
    assert_error(&get(&client, &format!("{id}?stream=true")).await, 400, "unsupported_value");

    testkit::eventually("the new token is valid", || async {
        stranger.get("/v1/models").send().await.status == 200
    })
    .await;
    let asked = google.received().len();
    let delete = |client: &Client| client.request("DELETE", &format!("{PATH}/{id}")).send();
    for path in [id.to_owned(), format!("{id}/input_items"), "resp_nonsense".to_owned()] {
        assert_error(&get(&stranger, &path).await, 404, "not_found");
    }
    assert_error(&delete(&stranger).await, 404, "not_found");
    let mut next = question("and then?");
    next["previous_response_id"] = json!(id);
    assert_error(&ask(&stranger, &next).await, 400, "previous_response_not_found");

    let deleted = delete(&client).await.json();
    assert_eq!(deleted, json!({"id": id, "object": "response", "deleted": true}));
    assert_error(&get(&client, id).await, 404, "not_found");
    assert_error(&delete(&client).await, 404, "not_found");
    assert_error(&ask(&client, &next).await, 400, "previous_response_not_found");
    assert_eq!(google.received().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_whose_beginning_is_gone_is_not_gone_on_with() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let first = whole(&client, &question("one")).await;
    let mut next = question("two");
    next["previous_response_id"] = first["id"].clone();
    let second = whole(&client, &next).await;
    client.request("DELETE", &format!("{PATH}/{}", id(&first))).send().await;
    next["previous_response_id"] = second["id"].clone();
    let answer = ask(&client, &next).await;
    assert_error(&answer, 400, "previous_response_not_found");
    assert!(answer.text().contains(id(&first)), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shall_not_be_kept_is_not() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = setup().google(&google).keys([key("one")]).start().await;
    let client = gateway.client();
    let mut body = question("hello");
    body["store"] = json!(false);
    let response = whole(&client, &body).await;
    assert_eq!(response["store"], false);
    assert_error(&get(&client, id(&response)).await, 404, "not_found");

    let setup = setup().google(&google).keys([key("one")]).with("RESPONSES_KEEP_DAYS", "0");
    let forgetful = setup.start().await;
    let response = whole(&forgetful.client(), &question("hello")).await;
    assert_eq!(response["store"], false);
    assert_error(&get(&forgetful.client(), id(&response)).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_responses_survive_a_kill_and_streamed_ones_a_stop() {
    let (_google, mut gateway) = house([("one", KeyPlan::Valid)]).await;
    let whole = whole(&gateway.client(), &question("hello")).await;
    gateway.kill().await;
    gateway.start_again().await;
    assert_eq!(get(&gateway.client(), id(&whole)).await.json(), whole);

    let mut body = question("hello");
    body["stream"] = json!(true);
    let events = ask(&gateway.client(), &body).await.events();
    let last = parse(events.last().unwrap());
    assert_eq!(gateway.stop().await, Some(0));
    gateway.start_again().await;
    assert_eq!(get(&gateway.client(), id(&last["response"])).await.json(), last["response"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn input_tokens_are_counted_with_what_came_before() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let count = async |body: &Value| {
        let answer = client.post("/v1/responses/input_tokens", body.to_string()).send().await;
        assert_eq!(answer.json()["object"], "response.input_tokens", "{}", answer.text());
        answer.json()["input_tokens"].as_u64().unwrap()
    };
    let mut body = question("one two three");
    let alone = count(&body).await;
    let response = whole(&client, &question("a question that is longer than the other")).await;
    body["previous_response_id"] = response["id"].clone();
    assert!(count(&body).await > alone);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_and_failures_are_told_in_openais_words() {
    let (google, gateway) = house([("one", fault(Fault::Status503))]).await;
    let client = gateway.client();
    assert_error(&ask(&client, &json!({"model": MODEL})).await, 400, "missing_required_parameter");
    assert_error(&ask(&client, &json!({"input": "x"})).await, 400, "missing_required_parameter");
    assert_eq!(client.get(PATH).send().await.status, 405);
    assert_error(&ask(&client, &question("hello")).await, 503, "server_overloaded");

    let broken = Fault::MidStreamError(ErrorForm::Data);
    google.script().update(|script| script.key(key("one"), fault(broken)));
    let mut body = question("hello there, good old world");
    body["stream"] = json!(true);
    let stream = ask(&client, &body).await;
    let last = parse(stream.events().last().unwrap());
    assert_eq!(last["type"], "response.failed", "{last}");
    assert_error(&get(&client, id(&last["response"])).await, 404, "not_found");
}
