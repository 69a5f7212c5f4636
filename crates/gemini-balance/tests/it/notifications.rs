//! What the owner is told, through every channel.

mod receiver;
mod watched;

use aws_lc_rs::hmac;
use fake_gemini::KeyPlan;
use testkit::{Setup, eventually, key};

use self::receiver::Receiver;
use crate::house::{google, parse, setup};
use crate::program::Program;

const SECRET: &str = "canary-webhook-secret";
const BOT: &str = "123456:canary-bot-token";
const DEVICE: &str = "canary-device-key";
const SEND_KEY: &str = "SCTcanarySendKey";

/// All channels but e-mail, towards the receiver.
fn channels(receiver: &Receiver) -> [(&'static str, String); 8] {
    let base = &receiver.base;
    [
        ("NOTIFY_WEBHOOK_URL", format!("{base}/hook")),
        ("NOTIFY_WEBHOOK_SECRET", SECRET.to_owned()),
        ("NOTIFY_TELEGRAM_URL", base.clone()),
        ("NOTIFY_TELEGRAM_TOKEN", BOT.to_owned()),
        ("NOTIFY_TELEGRAM_CHAT", "-100".to_owned()),
        ("NOTIFY_BARK_URL", format!("{base}/{DEVICE}")),
        ("NOTIFY_SERVERCHAN_URL", base.clone()),
        ("NOTIFY_SERVERCHAN_KEY", SEND_KEY.to_owned()),
    ]
}

fn with_channels(setup: Setup, receiver: &Receiver) -> Setup {
    channels(receiver).into_iter().fold(setup, |setup, (name, value)| setup.with(name, value))
}

/// Every post to the webhook carries a true signature.
fn are_signed(receiver: &Receiver) {
    for hook in receiver.at("/hook") {
        let signed = format!("{}.{}", hook.headers["x-gemini-balance-timestamp"], hook.body);
        let signature = hook.headers["x-gemini-balance-signature"].strip_prefix("sha256=").unwrap();
        let signature: Vec<u8> = (0..signature.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&signature[at..at + 2], 16).unwrap())
            .collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        hmac::verify(&key, signed.as_bytes(), &signature).unwrap();
    }
}

/// What the other channels were told of two dead keys and an empty pool.
async fn have_arrived_everywhere(receiver: &Receiver) {
    let paths =
        [format!("/bot{BOT}/sendMessage"), format!("/{DEVICE}"), format!("/{SEND_KEY}.send")];
    for path in &paths {
        eventually("every channel has both messages", || async { receiver.at(path).len() == 2 })
            .await;
    }
    assert!(receiver.at(&paths[0]).iter().any(|one| {
        let body = parse(&one.body);
        body["chat_id"] == "-100" && body["text"].as_str().unwrap().starts_with("2 keys died")
    }));
    assert!(receiver.at(&paths[1]).iter().any(|one| {
        let body = parse(&one.body);
        body["title"] == "The key pool is empty" && body["level"] == "timeSensitive"
    }));
    assert!(
        receiver.at(&paths[2]).iter().any(|one| one.body.starts_with("title=2+keys+died&desp="))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_keys_and_an_empty_pool_are_told_through_every_channel_and_that_it_is_over() {
    let receiver = Receiver::start().await;
    let google = google([("one", KeyPlan::Invalid), ("two", KeyPlan::Leaked)]).await;
    let setup = with_channels(setup().google(&google).keys([key("one"), key("two")]), &receiver);
    let gateway = setup.with("NOTIFY_GROUP_TIME", "1s").start().await;
    gateway.client().generate("hello").send().await;
    assert_eq!(gateway.keys("dead").await, 2);

    eventually("the deaths are told", || async {
        !receiver.told("key_dead", "problem").is_empty()
    })
    .await;
    eventually("the empty pool is told", || async {
        !receiver.told("pool_empty", "problem").is_empty()
    })
    .await;
    let deaths = receiver.told("key_dead", "problem");
    assert_eq!((deaths.len(), &deaths[0]["title"]), (1, &"2 keys died".into()));
    let reasons = deaths[0]["details"]["keys"].to_string();
    assert!(reasons.contains("AIzaSy…") && reasons.contains("leaked"), "{reasons}");
    assert_eq!(receiver.told("pool_empty", "problem").len(), 1);

    eventually("each post to the webhook is repeated until it is taken", || async {
        let hooks = receiver.at("/hook");
        let first = parse(&hooks[0].body)["id"].clone();
        hooks.iter().filter(|hook| parse(&hook.body)["id"] == first).count() == 2
    })
    .await;
    are_signed(&receiver);
    have_arrived_everywhere(&receiver).await;

    google.script().update(|script| script.key(key("two"), KeyPlan::Valid));
    assert_eq!(gateway.run(&["keys", "enable", &secret::mask(&key("two"))]).await.code, Some(0));
    for event in ["key_dead", "pool_empty"] {
        eventually("it is told that it is over", || async {
            !receiver.told(event, "over").is_empty()
        })
        .await;
    }
    assert_eq!(receiver.told("key_dead", "over")[0]["title"], "1 key works again");
    assert_eq!(receiver.told("key_dead", "problem").len(), 1);
    let everything = format!("{:?}{}", receiver.received.lock().unwrap(), gateway.stderr().text());
    assert!(!everything.contains("CANARY"), "a key is shown");
    let log = gateway.stderr().text();
    assert!(log.contains("the owner is told"), "{log}");
    for secret in [SECRET, BOT, DEVICE, SEND_KEY] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_arrive_is_logged_without_the_secret() {
    let receiver = Receiver::start().await;
    let google = google([("one", KeyPlan::Invalid)]).await;
    let gateway = with_channels(setup().google(&google).keys([key("one")]), &receiver)
        .with("NOTIFY_TELEGRAM_URL", format!("{}/refuse", receiver.base))
        .with("NOTIFY_WEBHOOK_URL", format!("{}/bad", receiver.base))
        .start()
        .await;
    gateway.client().generate("hello").send().await;
    for reason in ["it was refused with status 401: Unauthorized", "it was refused with status 302"]
    {
        eventually("the failure is logged", || async { gateway.stderr().text().contains(reason) })
            .await;
    }
    assert!(receiver.at("/hook").is_empty(), "a redirect is followed");
    assert_eq!(receiver.at(&format!("/refuse/bot{BOT}/sendMessage")).len(), 1, "no is no");
    assert!(!gateway.stderr().text().contains(BOT));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_command_tells_how_each_channel_went() {
    let receiver = Receiver::start().await;
    let mut program = Program::new();
    let none = program.run(&["notify", "test"]);
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("NOTIFY_WEBHOOK_URL"), "{}", none.stderr);

    for (name, value) in channels(&receiver) {
        program.set(name, &value);
    }
    let first = program.run(&["notify", "test", "--json"]);
    assert_eq!(first.code, Some(1), "the webhook refuses what comes first");
    let results = parse(&first.stdout);
    assert_eq!(results[0]["channel"], "webhook");
    assert_eq!(results[0]["error"], "it was refused with status 503");
    assert_eq!(
        (&results[1]["channel"], &results[1]["arrived"]),
        (&"telegram".into(), &true.into())
    );
    let table = program.ok(&["notify", "test"]);
    assert_eq!(table.matches("sent").count(), 4, "{table}");
    assert_eq!(receiver.told("test", "notice").len(), 2);

    program.ok(&["config", "set", "NOTIFY_BARK_URL", "http://127.0.0.1:9/canary-device"]);
    let failed = program.run(&["notify", "test"]);
    assert_eq!(failed.code, Some(1));
    assert!(failed.stdout.contains("it cannot be reached"), "{}", failed.stdout);
    let listed = program.ok(&["config", "list", "--group", "notifications"]);
    for secret in [SECRET, BOT, DEVICE, SEND_KEY, "canary-device"] {
        let shown = format!("{}{}{listed}", failed.stdout, failed.stderr);
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_sends_a_test_and_writes_down_who_did() {
    const PASSWORD: &str = "an-administrators-password";
    let receiver = Receiver::start().await;
    let gateway = with_channels(setup(), &receiver)
        .with("NOTIFY_EVENTS", "[]")
        .with("NOTIFY_TELEGRAM_URL", format!("{}/refuse", receiver.base))
        .with("NOTIFY_WEBHOOK_URL", format!("{}/other", receiver.base))
        .with("AUTH_TOKEN", PASSWORD)
        .start()
        .await;
    let address = "/admin/system/notifications/test";
    let stranger = gateway.client().anonymous("POST", address).send().await;
    assert_eq!(stranger.status, 401);
    assert!(receiver.received.lock().unwrap().is_empty());
    let administrator = gateway.client_with(PASSWORD);
    let page = administrator.post(address, "").send().await;
    assert_eq!(page.status, 200, "{}", page.text());
    let refused = "not sent: it was refused with status 401: Unauthorized";
    assert!(page.text().contains(refused), "{}", page.text());
    assert_eq!(page.text().matches("<dd>sent</dd>").count(), 3, "{}", page.text());
    assert!(!page.text().contains(BOT));
    assert_eq!(receiver.at(&format!("/{DEVICE}")).len(), 1);
    let audit = administrator.get("/api/admin/audit").send().await.text();
    assert!(audit.contains("notifications.test"), "{audit}");
    assert!(audit.contains("webhook sent, telegram failed, bark sent, serverchan sent"), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_named_at_the_start() {
    let mut program = Program::new();
    program.set("NOTIFY_QUIET_HOURS", "at night");
    program.set("NOTIFY_EVENTS", "key_dead,key_lost");
    program.set("NOTIFY_WEBHOOK_URL", "ftp://canary.example.com");
    let run = program.run(&["serve"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    for expected in [
        "NOTIFY_QUIET_HOURS: \"at night\" names no two times of day",
        "NOTIFY_EVENTS: \"key_lost\" is none of the choices",
        "NOTIFY_WEBHOOK_URL: does not start with http:// or https://",
    ] {
        assert!(run.stderr.contains(expected), "{expected} is not in {}", run.stderr);
    }
    assert!(!run.stderr.contains("canary"), "{}", run.stderr);
}
