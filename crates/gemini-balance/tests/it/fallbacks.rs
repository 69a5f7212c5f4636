//! Models that answer in place of one that cannot.

use std::time::{Duration, Instant};

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Answer, Gateway, MODEL, OTHER_MODEL, Setup, eventually, key};

use crate::house::{fault, google, setup, spent_for};
use crate::streams::{Spoken, rows};

const PASSWORD: &str = "an administrator's password";
const THIRD_MODEL: &str = "gemini-3.8-flash";

/// A gateway where other models answer in place of [`MODEL`], with which this goes wrong.
async fn house(plan: KeyPlan, change: impl FnOnce(Setup) -> Setup) -> (FakeGemini, Gateway) {
    let google = google([("one", KeyPlan::Valid)]).await;
    on(&google, MODEL, plan);
    let setup = setup().google(&google).keys([key("one")]).with("AUTH_TOKEN", PASSWORD);
    let fallbacks = json!({MODEL: [OTHER_MODEL, THIRD_MODEL]});
    let setup = change(setup.with("MODEL_FALLBACKS", fallbacks.to_string()));
    (google, setup.start().await)
}

/// What Google makes of a model.
fn on(google: &FakeGemini, model: &str, plan: KeyPlan) {
    google.script().update(|script| script.key_on_model(key("one"), model, plan));
}

fn asked(google: &FakeGemini) -> Vec<String> {
    google.received().iter().filter_map(|call| call.model.clone()).collect()
}

/// The model that an answer says it is from.
fn told(spoken: Spoken, answer: &Answer, stream: bool) -> Value {
    let whole = if stream {
        let events = answer.events();
        assert!(spoken.has_ended_well(&events), "{spoken:?}: {events:?}");
        crate::house::parse(&events[0])
    } else {
        answer.json()
    };
    match spoken {
        Spoken::Gemini => whole["modelVersion"].clone(),
        Spoken::Messages if stream => whole["message"]["model"].clone(),
        Spoken::Responses if stream => whole["response"]["model"].clone(),
        _ => whole["model"].clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_answers_in_every_dialect_and_says_so() {
    for (plan, outcome) in [
        (spent_for(40), "pool_exhausted"),
        (fault(Fault::Status503), "model_busy"),
        (fault(Fault::ErrorBody("model_not_found".to_owned())), "client_fault"),
    ] {
        for stream in [false, true] {
            let (google, gateway) = house(plan.clone(), |setup| setup).await;
            for spoken in Spoken::ALL {
                let ask = spoken.request(&gateway.client(), MODEL, "hello", stream);
                let answer = ask.send().await;
                assert_eq!(answer.status, 200, "{spoken:?} {outcome}: {}", answer.text());
                assert_eq!(told(spoken, &answer, stream), OTHER_MODEL, "{}", answer.text());
            }
            assert!(asked(&google).contains(&MODEL.to_owned()));
            assert!(!asked(&google).contains(&THIRD_MODEL.to_owned()));
            for row in rows(&gateway, 4).await {
                assert_eq!((row.status, row.outcome.as_str()), (200, "served"));
                assert_eq!(row.model.as_deref(), Some(OTHER_MODEL));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_tells_why_a_model_was_passed_over() {
    let (google, gateway) = house(spent_for(40), |setup| setup).await;
    on(&google, OTHER_MODEL, fault(Fault::Status503));
    let answer = gateway.client().chat("hello").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let administrator = gateway.client_with(PASSWORD);
    let path = format!("/api/admin/requests/{}", answer.header("x-request-id").unwrap());
    eventually("the request is in the log", || async {
        administrator.get(&path).send().await.status == 200
    })
    .await;
    let request = administrator.get(&path).send().await.json();
    assert_eq!(request["model"], THIRD_MODEL, "{request}");
    let passed_over = request["passed_over"].as_array().unwrap();
    let told: Vec<_> =
        passed_over.iter().map(|one| (one["model"].as_str(), one["outcome"].as_str())).collect();
    assert_eq!(
        told,
        [(Some(MODEL), Some("pool_exhausted")), (Some(OTHER_MODEL), Some("model_busy"))]
    );
    assert!(passed_over[0]["message"].as_str().unwrap().contains("out of quota"), "{request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_calls_and_faked_streams_fall_back_too() {
    let (google, gateway) = house(spent_for(40), |setup| {
        setup.with("FAKE_STREAM_ENABLED", "true").with("FAKE_STREAM_MODELS", OTHER_MODEL)
    })
    .await;
    for spoken in Spoken::ALL {
        let answer = spoken.ask(&gateway.client(), MODEL, "hello").send().await;
        assert!(spoken.has_ended_well(&answer.events()), "{}", answer.text());
        let last = google.received().pop().unwrap();
        assert!(last.path.ends_with("pro:generateContent"), "{}", last.path);
    }
    on(&google, OTHER_MODEL, spent_for(40));
    let body = json!({"model": MODEL, "n": 2, "messages": [{"role": "user", "content": "a"}]});
    let answer = gateway.client().post("/v1/chat/completions", body.to_string()).send().await;
    assert_eq!(answer.json()["choices"].as_array().map(Vec::len), Some(2), "{}", answer.text());
    assert_eq!(answer.json()["model"], THIRD_MODEL);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clients_own_mistake_is_no_reason_to_ask_another_model() {
    let refused = fault(Fault::ErrorBody("invalid_argument_generic".to_owned()));
    let blocked = fault(Fault::BlockedPrompt("PROHIBITED_CONTENT".to_owned()));
    for plan in [refused, blocked] {
        let (google, gateway) = house(plan, |setup| setup).await;
        for spoken in Spoken::ALL {
            for stream in [false, true] {
                spoken.request(&gateway.client(), MODEL, "hello", stream).send().await;
            }
        }
        assert_eq!(asked(&google), [MODEL; 8]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_not_served_answers_for_no_other() {
    let (google, gateway) =
        house(spent_for(40), |setup| setup.with("FILTERED_MODELS", OTHER_MODEL)).await;
    for spoken in Spoken::ALL {
        let answer = spoken.request(&gateway.client(), MODEL, "hello", false).send().await;
        assert_eq!(told(spoken, &answer, false), THIRD_MODEL, "{}", answer.text());
    }
    assert!(!asked(&google).contains(&OTHER_MODEL.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_served_at_once_is_not_waited_for() {
    let (google, gateway) = house(spent_for(3), |setup| setup.with("POOL_WAIT", "30")).await;
    let began = Instant::now();
    assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());

    // Where every model is spent, the one that frees first is waited for.
    on(&google, OTHER_MODEL, spent_for(50));
    on(&google, THIRD_MODEL, spent_for(50));
    on(&google, MODEL, KeyPlan::Valid);
    for spoken in Spoken::ALL {
        let answer = spoken.request(&gateway.client(), MODEL, "hello", false).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_ne!(told(spoken, &answer, false), THIRD_MODEL);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_model_can_answer_the_client_is_told_when_one_can() {
    let (google, gateway) = house(spent_for(40), |setup| setup.with("POOL_WAIT", "1")).await;
    on(&google, OTHER_MODEL, spent_for(20));
    on(&google, THIRD_MODEL, fault(Fault::Status503));
    for spoken in Spoken::ALL {
        let answer = spoken.ask(&gateway.client(), MODEL, "hello").send().await;
        assert_eq!(answer.status, 429, "{spoken:?}: {}", answer.text());
        let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=20).contains(&seconds), "{seconds}");
    }
    let rows = rows(&gateway, 4).await;
    assert!(rows.iter().all(|row| row.model.as_deref() == Some(OTHER_MODEL)), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn aliases_have_fallbacks_and_stand_for_them() {
    let (google, gateway) = house(spent_for(40), |setup| {
        let aliases = json!({"smart": MODEL, "quick": THIRD_MODEL});
        let fallbacks = json!({"smart": ["quick"]});
        setup
            .with("MODEL_ALIASES", aliases.to_string())
            .with("MODEL_FALLBACKS", fallbacks.to_string())
    })
    .await;
    for spoken in [Spoken::Gemini, Spoken::Chat, Spoken::Responses] {
        let answer = spoken.request(&gateway.client(), "smart", "hello", false).send().await;
        assert_eq!(told(spoken, &answer, false), THIRD_MODEL, "{}", answer.text());
    }
    let answer = gateway.client().chat("hello").send().await;
    assert_eq!(answer.status, 429, "the model itself has none: {}", answer.text());
    assert!(!asked(&google).contains(&OTHER_MODEL.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn circles_and_unknown_names_are_refused() {
    for (value, complaint) in [
        (json!({MODEL: [OTHER_MODEL], OTHER_MODEL: [MODEL]}), "goes round in a circle"),
        (json!({MODEL: ["gpt-5"]}), "\"gpt-5\", which is neither a model of Google's nor in"),
    ] {
        let setup = setup();
        let saved = setup.run(&["config", "set", "MODEL_FALLBACKS", &value.to_string()]).await;
        assert!(saved.fails(2).contains(complaint));
        let setup = setup.with("MODEL_FALLBACKS", value.to_string());
        let error = setup.run(&["serve"]).await.fails(2);
        assert!(error.contains("MODEL_FALLBACKS") && error.contains(complaint), "{error}");
    }
}
