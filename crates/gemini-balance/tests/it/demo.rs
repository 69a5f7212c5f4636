//! The demonstration, as a newcomer meets it.

use std::fs;
use std::process::Command;

use testkit::{Gateway, eventually};

use crate::house::{parse, setup};

async fn demo() -> Gateway {
    let setup = setup().with("LOG_LEVEL", "info").without("ALLOWED_TOKENS");
    let temporary = setup.directory().join("tmp");
    fs::create_dir(&temporary).unwrap();
    setup.with("TMPDIR", temporary.to_str().unwrap()).start_as(&["demo"]).await
}

/// What follows a word on a line of its own.
#[track_caller]
fn told<'a>(welcome: &'a str, word: &str) -> &'a str {
    let line = welcome.lines().find_map(|line| line.trim().strip_prefix(word));
    line.unwrap_or_else(|| panic!("no {word} in {welcome}")).trim()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_says_where_it_is_and_both_apis_answer() {
    let mut gateway = demo().await;
    let stdout = gateway.stdout().clone();
    eventually("it says hello", || async { stdout.text().contains("Ctrl-C") }).await;
    let welcome = stdout.text();
    assert_eq!(told(&welcome, "Address"), format!("http://{}", gateway.address()));
    assert!(told(&welcome, "Console").ends_with("/admin"), "{welcome}");
    let password = told(&welcome, "(name admin, password").trim_end_matches(')');
    let administrator = gateway.client_with(password);
    assert_eq!(administrator.get("/api/admin/keys").send().await.json()["total"], 10);
    let client = gateway.client_with(told(&welcome, "Client token"));
    for ask in [client.chat("hello"), client.generate("hello"), client.chat_stream("hello")] {
        let answer = ask.send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains("hello"));
    }
    eventually("its own traffic meets the dead keys", || async { gateway.keys("dead").await == 3 })
        .await;
    assert_eq!(gateway.stop().await, Some(0));
    let left = fs::read_dir(gateway.setup().directory().join("tmp")).unwrap().count();
    assert_eq!(left, 0, "its data is gone");
    assert!(!gateway.setup().directory().join("data").exists(), "nothing of the user's is touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_that_it_prints_can_be_pasted() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("skipped: there is no curl to paste the lines for");
        return;
    }
    let gateway = demo().await;
    let stdout = gateway.stdout().clone();
    eventually("it says hello", || async { stdout.text().contains("Ctrl-C") }).await;
    let welcome = stdout.text();
    let lines: Vec<_> =
        welcome.lines().map(str::trim).filter(|line| line.starts_with("curl ")).collect();
    assert_eq!(lines.len(), 5);
    for line in lines {
        let line = line.replacen("curl ", "curl --silent --fail --noproxy '*' ", 1);
        let run = tokio::task::spawn_blocking(move || {
            Command::new("sh").arg("-c").arg(&line).output().unwrap()
        });
        let output = run.await.unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        if text.starts_with("data: ") {
            assert!(text.contains("Hello"), "{text}");
        } else {
            let json = parse(&text);
            assert!(json.is_object() && json.get("error").is_none(), "{json}");
        }
    }
}
