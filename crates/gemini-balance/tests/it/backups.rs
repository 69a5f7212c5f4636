//! `backup` and `restore`, from one directory to another.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use testkit::{eventually, key};

use crate::house::setup;
use crate::program::Program;

const KEY: &str = "AIzaSyBackup00000000000000000000000one1";
const PASSPHRASE: &str = "correct horse battery";

fn filled() -> Program {
    let program = Program::new();
    program.ok(&["keys", "add", KEY, "--name", "laptop", "--tag", "paid"]);
    program.ok(&["tokens", "create", "phone"]);
    program.ok(&["config", "set", "MAX_RETRIES", "7"]);
    fs::write(program.directory().join("passphrase"), PASSPHRASE).unwrap();
    program
}

#[test]
fn a_backup_opens_elsewhere_with_its_passphrase_only() {
    let from = filled();
    let made = from.ok(&["backup", "all.backup", "--passphrase-file", "passphrase"]);
    assert!(made.contains("1 key, 1 client token, 1 saved setting"), "{made}");
    let file = from.directory().join("all.backup");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(KEY) && !text.contains(PASSPHRASE), "{text}");
    let there = from.run(&["backup", "all.backup"]).fails(2);
    assert!(there.contains("--force"), "{there}");
    from.ok(&["backup", "plain.backup"]);

    let to = Program::new();
    for name in ["all.backup", "plain.backup", "passphrase"] {
        fs::copy(from.directory().join(name), to.directory().join(name)).unwrap();
    }
    let other = to.run(&["restore", "plain.backup"]).fails(2);
    assert!(other.contains("another master key"), "{other}");
    let needed = to.run(&["restore", "all.backup"]).fails(2);
    assert!(needed.contains("--passphrase-file"), "{needed}");
    fs::write(to.directory().join("wrong"), "a wrong passphrase").unwrap();
    let wrong = to.run(&["restore", "all.backup", "--passphrase-file", "wrong"]).fails(2);
    assert!(wrong.contains("not the one"), "{wrong}");
    fs::write(to.directory().join("short"), "short").unwrap();
    let short = to.run(&["restore", "all.backup", "--passphrase-file", "short"]).fails(2);
    assert!(short.contains("at least 12"), "{short}");
    assert_eq!(to.json(&["keys", "list"]).as_array().unwrap().len(), 0);

    let done = to.ok(&["restore", "all.backup", "--passphrase-file", "passphrase"]);
    assert!(done.contains("1 key, 1 client token"), "{done}");
    assert_eq!(to.ok(&["keys", "export", "--reveal"]).trim(), KEY);
    assert_eq!(to.json(&["keys", "list"])[0]["tags"][0], "paid");
    assert_eq!(to.json(&["tokens", "list"])[0]["name"], "phone");
    assert_eq!(to.json(&["config", "get", "MAX_RETRIES"])["value"], "7");
    let again = to.run(&["restore", "all.backup", "--passphrase-file", "passphrase"]).fails(2);
    assert!(again.contains("not empty") && again.contains("--force"), "{again}");
    to.ok(&["restore", "all.backup", "--passphrase-file", "passphrase", "--force"]);
    assert_eq!(to.json(&["keys", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_backup_goes_through_a_pipe_and_a_broken_one_changes_nothing() {
    let program = filled();
    let text = program.ok(&["backup", "-"]);
    program.ok(&["keys", "remove", "laptop"]);
    let half = &text[..text.len() / 2];
    let broken = program.feed(&["restore", "-", "--force"], half).fails(1);
    assert!(broken.contains("nothing was restored"), "{broken}");
    assert_eq!(program.json(&["keys", "list"]).as_array().unwrap().len(), 0);
    let foreign = program.feed(&["restore", "-", "--force"], "{\"some\":\"thing\"}\n").fails(2);
    assert!(foreign.contains("no backup"), "{foreign}");
    let restored = program.feed(&["restore", "-", "--force", "--json"], &text).ok();
    let restored: serde_json::Value = serde_json::from_str(&restored).unwrap();
    assert_eq!(restored["contents"]["keys"], 1);
    assert_eq!(program.json(&["keys", "list"])[0]["name"], "laptop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_takes_up_what_was_restored() {
    let gateway = setup().keys([key("one")]).start().await;
    gateway.run(&["backup", "one.backup"]).await.ok();
    gateway.run(&["keys", "add", &key("two")]).await.ok();
    eventually("the second key is there", || async { gateway.keys("total").await == 2 }).await;
    gateway.run(&["restore", "one.backup", "--force"]).await.ok();
    eventually("it is gone again", || async { gateway.keys("total").await == 1 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_gives_a_backup_away_under_a_passphrase_only() {
    let password = "correct horse battery staple";
    let gateway = setup().keys([key("one")]).with("AUTH_TOKEN", password).start().await;
    let administrator = gateway.client_with(password);
    let download = |passphrase: &str| {
        let ask = administrator.request("POST", "/admin/system/backup");
        let ask = ask.header("content-type", "application/x-www-form-urlencoded");
        ask.body(format!("passphrase={passphrase}")).send()
    };
    assert_eq!(download("short").await.status, 400);
    let answer = download("a-long-passphrase").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("content-disposition").unwrap().contains("gemini-balance-"));
    assert!(!answer.text().contains(&key("one")));
    let audit = administrator.get("/api/admin/audit").send().await.json();
    assert_eq!(audit[0]["action"], "backup");

    let to = Program::new();
    fs::write(to.directory().join("away.backup"), &answer.body).unwrap();
    fs::write(to.directory().join("passphrase"), "a-long-passphrase").unwrap();
    to.ok(&["restore", "away.backup", "--passphrase-file", "passphrase"]);
    assert_eq!(to.ok(&["keys", "export", "--reveal"]).trim(), key("one"));
}
