//! Which keys serve whom: attributes of keys, and client tokens that are restricted by tags.

use fake_gemini::KeyPlan;
use testkit::{MODEL, Surface, eventually, key};

use crate::house::{calls, google, house, setup, spent_for};
use crate::program::Program;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_tags_is_served_by_such_keys_only() {
    let google = google([("free", KeyPlan::Valid), ("paid", KeyPlan::Valid)]).await;
    let gateway = setup().google(&google).start().await;
    gateway.run(&["keys", "add", &key("free"), "--tag", "free", "--name", "free"]).await.ok();
    gateway.run(&["keys", "add", &key("paid"), "--tag", "paid", "--tag", "eu"]).await.ok();
    let token = gateway.run(&["tokens", "create", "batch", "--tag", "free"]).await.ok();
    eventually("all is taken up", || async { gateway.keys("ready").await == 2 }).await;
    let client = gateway.client_with(token.trim());
    eventually("the token is known", || async { client.chat("hi").send().await.status == 200 })
        .await;
    for number in 0..6 {
        let surface = Surface::ALL[number % 2];
        let answer = client.ask(surface, MODEL, "hello", number % 3 == 0).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!((calls(&google, "free"), calls(&google, "paid")), (7, 0));

    // Whoever waits, waits for such a key too.
    google.script().update(|script| script.sequence(key("free"), vec![spent_for(1)]));
    assert_eq!(client.chat("hello").send().await.status, 200);
    assert_eq!((calls(&google, "free"), calls(&google, "paid")), (9, 0));

    gateway.run(&["tokens", "edit", "batch", "--tag", "us"]).await.ok();
    eventually("no key has the tag", || async { client.chat("hi").send().await.status == 503 })
        .await;
    for surface in Surface::ALL {
        let error = surface.error(&client.ask(surface, MODEL, "hello", false).send().await);
        assert_eq!(error.status, 503);
        assert!(error.message.contains("any of the tags that this client token"), "{error:?}");
    }
    gateway.run(&["keys", "edit", "free", "--tag", "us", "--tag", "free"]).await.ok();
    eventually("the key has it now", || async { client.chat("hi").send().await.status == 200 })
        .await;
    assert_eq!(calls(&google, "paid"), 0);
    gateway.run(&["tokens", "edit", "batch", "--no-tags"]).await.ok();
    eventually("any key serves it", || async {
        client.chat("hello").send().await;
        calls(&google, "paid") > 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_a_lower_tier_go_first() {
    let (google, gateway) = house([("last", KeyPlan::Valid), ("first", KeyPlan::Valid)]).await;
    gateway.run(&["keys", "edit", &key("last"), "--tier", "1"]).await.ok();
    let ask = || async { gateway.client().chat("hello").send().await.status };
    eventually("only the first is used", || async {
        let before = calls(&google, "last");
        for _ in 0..4 {
            assert_eq!(ask().await, 200);
        }
        calls(&google, "last") == before
    })
    .await;
}

const KEY: &str = "AIzaSyCanaryOne00000000000000000000one1";
const OTHER: &str = "AIzaSyCanaryTwo00000000000000000000two2";

#[test]
fn what_is_said_of_keys_is_listed_changed_and_carried_along() {
    let from = Program::new();
    let attributes = ["--tier", "2", "--weight", "5", "--tag", "paid", "--tag", "eu", "--disabled"];
    from.ok(&[&["keys", "add", KEY, "--name", "laptop"][..], &attributes].concat());
    from.ok(&["keys", "add", OTHER]);
    let item = |program: &Program, index: usize| program.json(&["keys", "list"])[index].clone();
    let laptop = item(&from, 0);
    assert_eq!((&laptop["tier"], &laptop["weight"]), (&2.into(), &5.into()));
    assert_eq!(laptop["tags"], serde_json::json!(["paid", "eu"]));
    assert_eq!(laptop["state"], "disabled");
    assert_eq!(item(&from, 1)["weight"], 1);
    let table = from.ok(&["keys", "list"]);
    assert!(table.contains("WEIGHT") && table.contains("paid,eu"), "{table}");

    let exported = from.ok(&["keys", "export", "--reveal", "--json"]);
    let to = Program::new();
    assert!(to.feed(&["keys", "import", "-"], &exported).ok().contains("2 keys added"));
    for name in ["name", "tier", "weight", "tags", "enabled", "project"] {
        assert_eq!(item(&to, 0)[name], laptop[name], "{name}");
    }

    to.ok(&["keys", "edit", "laptop", OTHER, "--project", "shop", "--weight", "0", "--no-tags"]);
    for index in [0, 1] {
        let key = item(&to, index);
        assert_eq!((&key["project"], &key["weight"]), (&"shop".into(), &0.into()));
        assert_eq!(key["tags"], serde_json::json!([]));
    }
    assert_eq!(item(&to, 0)["tier"], 2, "what is not named stays");
    to.ok(&["keys", "edit", "laptop", "--no-project", "--no-name", "--tier", "0"]);
    let key = item(&to, 0);
    assert!(key["name"].is_null() && key["project"].is_null() && key["tier"] == 0, "{key}");
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let program = Program::new();
    program.ok(&["keys", "add", KEY, OTHER]);
    let edit = |arguments: &[&str]| {
        let error = program.run(&[&["keys", "edit", KEY], arguments].concat()).fails(2);
        assert!(!error.contains("Canary"), "{error}");
        error
    };
    assert!(edit(&[]).contains("nothing to change"));
    assert!(edit(&["--tier", "256"]).contains("--tier"));
    assert!(edit(&["--weight", "1001"]).contains("--weight"));
    assert!(edit(&["--tag", "two words"]).contains("\"two words\" is no tag"));
    assert!(edit(&["--name", "x", "--no-name"]).contains("--no-name"));
    assert!(edit(&[OTHER, "--name", "x"]).contains("--name"));
    assert!(edit(&["--project", &"p".repeat(151)]).contains("project is longer than 150"));
    program.run(&["keys", "edit", "nobody", "--tier", "1"]).fails(1);
    program.run(&["keys", "edit", "--tier", "1"]).fails(2);
    assert_eq!(program.json(&["keys", "list"])[0]["tier"], 0);

    let import = |file: &str| program.feed(&["keys", "import", "-"], file).fails(2);
    let wrong = format!(r#"[{{"key":"{KEY}"}},{{"key":"{OTHER}","tier":300}}]"#);
    assert!(import(&wrong).contains("key number 2: tier: "), "{}", import(&wrong));
    let unknown = format!(r#"[{{"key":"{KEY}","wieght":3}}]"#);
    assert!(import(&unknown).contains("unknown field `wieght`"), "{}", import(&unknown));
    let misplaced = import(&format!(r#"[{{"key":"{KEY}","tier":"{OTHER}"}}]"#));
    assert!(misplaced.contains("tier: ") && !misplaced.contains("Canary"), "{misplaced}");
}

#[test]
fn tokens_are_created_listed_and_edited_with_tags() {
    let program = Program::new();
    program.ok(&["tokens", "create", "batch", "--tag", "free", "--tag", "eu"]);
    let token = || program.json(&["tokens", "list"])[0].clone();
    assert_eq!(token()["tags"], serde_json::json!(["free", "eu"]));
    assert!(program.ok(&["tokens", "list"]).contains("free,eu"));
    let edited = program.ok(&["tokens", "edit", "batch", "--name", "nightly", "--tag", "paid"]);
    assert!(edited.contains("changed nightly") && edited.contains("served by paid"), "{edited}");
    assert_eq!(token()["tags"], serde_json::json!(["paid"]));
    assert!(program.ok(&["tokens", "edit", "nightly", "--no-tags"]).contains("any key"));
    for (arguments, code) in [
        (&["nightly"][..], 2),
        (&["nightly", "--tag", "a b"], 2),
        (&["nightly", "--name", " "], 2),
        (&["nightly", "--tag", "a", "--no-tags"], 2),
        (&["batch", "--no-tags"], 1),
    ] {
        program.run(&[&["tokens", "edit"], arguments].concat()).fails(code);
    }
}
