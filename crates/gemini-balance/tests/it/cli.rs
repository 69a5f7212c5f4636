//! The commands besides `serve`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::program::Program;

const KEY_ONE: &str = "AIzaSyCanaryOne00000000000000000000one1";
const KEY_TWO: &str = "AIzaSyCanaryTwo00000000000000000000two2";
const MASK_ONE: &str = "AIzaSy…one1";

#[test]
fn keys_are_added_listed_and_never_shown() {
    let program = Program::new();
    let input = format!("# mine\n{KEY_ONE}, {KEY_TWO}\n{KEY_ONE}");
    let added = program.feed(&["keys", "add", "--stdin", "--project", "blue"], &input).ok();
    assert!(added.contains("2 keys added") && added.contains(MASK_ONE), "{added}");
    let again = program.ok(&["keys", "add", KEY_ONE]);
    assert!(again.contains("0 keys added, 1 key there already"), "{again}");

    let list = program.json(&["keys", "list"]);
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[0]["key"], MASK_ONE);
    assert_eq!(list[0]["project"], "blue");
    assert_eq!(list[0]["state"], "ready");
    let table = program.ok(&["keys", "list"]);
    assert!(table.starts_with("ID ") && table.contains(MASK_ONE), "{table}");
    for text in [added, again, table, list.to_string()] {
        assert!(!text.contains("Canary"), "{text}");
    }
}

#[test]
fn keys_are_disabled_enabled_and_removed_by_any_name_they_have() {
    let program = Program::new();
    let added = program.json(&["keys", "add", KEY_ONE, "--name", "laptop"]);
    program.ok(&["keys", "add", KEY_TWO]);
    let id = added[0]["id"].as_str().unwrap();
    let state = || program.json(&["keys", "list"])[0]["state"].as_str().unwrap().to_owned();

    program.ok(&["keys", "disable", "laptop"]);
    assert_eq!(state(), "disabled");
    program.ok(&["keys", "enable", id]);
    assert_eq!(state(), "ready");
    program.ok(&["keys", "disable", "AIzaSy...one1"]);
    assert_eq!(state(), "disabled");
    let removed = program.ok(&["keys", "remove", KEY_ONE]);
    assert!(!removed.contains("Canary"), "{removed}");
    assert_eq!(program.json(&["keys", "list"]).as_array().unwrap().len(), 1);

    let gone = program.run(&["keys", "enable", KEY_ONE]).fails(1);
    assert!(gone.contains("no key is meant by AIzaSy…one1"), "{gone}");
    assert!(!gone.contains("Canary"), "{gone}");
}

#[test]
fn a_mask_that_two_keys_share_is_not_enough() {
    let program = Program::new();
    let twin = "AIzaSyCanaryTwin0000000000000000000one1";
    program.ok(&["keys", "add", KEY_ONE, twin]);
    let error = program.run(&["keys", "remove", MASK_ONE]).fails(1);
    assert!(error.contains("means several keys"), "{error}");
    assert_eq!(program.json(&["keys", "list"]).as_array().unwrap().len(), 2);
}

#[test]
fn a_removed_key_comes_back_by_hand_only() {
    let program = Program::new();
    program.ok(&["keys", "add", KEY_ONE]);
    program.ok(&["keys", "remove", KEY_ONE]);
    let imported = program.feed(&["keys", "import", "-"], KEY_ONE).ok();
    assert!(imported.contains("0 keys added, 1 left out"), "{imported}");
    program.ok(&["keys", "add", KEY_ONE]);
    assert_eq!(program.json(&["keys", "list"])[0]["key"], MASK_ONE);
}

#[test]
fn keys_travel_from_one_database_to_another() {
    let from = Program::new();
    from.ok(&["keys", "add", KEY_ONE, "--name", "laptop", "--project", "blue"]);
    from.ok(&["keys", "disable", "laptop"]);
    let refused = from.run(&["keys", "export"]).fails(2);
    assert!(refused.contains("--reveal"), "{refused}");
    assert_eq!(from.ok(&["keys", "export", "--reveal"]).trim(), KEY_ONE);
    let exported = from.ok(&["keys", "export", "--reveal", "--json"]);

    let to = Program::new();
    fs::write(to.directory().join("keys.json"), exported).unwrap();
    assert_eq!(to.json(&["keys", "import", "keys.json"])["added"], 1);
    let list = to.json(&["keys", "list"]);
    assert_eq!(list[0]["name"], "laptop");
    assert_eq!(list[0]["project"], "blue");
    assert_eq!(list[0]["state"], "disabled");
    assert_eq!(list[0]["source"], "import");
}

#[test]
fn wrong_keys_are_refused_without_being_shown() {
    let program = Program::new();
    for arguments in [&["keys", "add", "canary\"quoted"][..], &["keys", "add", "[\"canary"]] {
        let error = program.run(arguments).fails(2);
        assert!(!error.contains("canary"), "{error}");
    }
    program.run(&["keys", "add"]).fails(2);
    program.feed(&["keys", "add", "--stdin"], "# nothing").fails(2);
    let error = program.run(&["keys", "add", KEY_ONE, KEY_TWO, "--name", "x"]).fails(2);
    assert!(error.contains("--name"), "{error}");
}

#[test]
fn a_token_is_shown_once_and_revoked_by_name() {
    let program = Program::new();
    let nobody = program.ok(&["tokens", "list"]);
    assert!(nobody.contains("nobody gets in"), "{nobody}");

    let run = program.run(&["tokens", "create", "laptop"]);
    assert!(run.stderr.contains("cannot be shown again"), "{}", run.stderr);
    let token = run.ok().trim().to_owned();
    assert!(token.starts_with("gk_") && token.len() > 30, "{token}");
    let list = program.json(&["tokens", "list"]);
    assert_eq!(list[0]["name"], "laptop");
    assert_eq!(list[0]["active"], true);
    assert!(!list.to_string().contains(&token));
    assert!(!program.ok(&["tokens", "list"]).contains(&token));

    let again = program.run(&["tokens", "create", "laptop"]).fails(1);
    assert!(again.contains("\"laptop\""), "{again}");
    program.ok(&["tokens", "revoke", "laptop"]);
    assert_eq!(program.json(&["tokens", "list"])[0]["active"], false);
    program.run(&["tokens", "revoke", "laptop"]).fails(1);
    program.run(&["tokens", "create", " "]).fails(2);
    assert_eq!(program.json(&["tokens", "create", "laptop"])["name"], "laptop");
}

#[test]
fn a_setting_is_saved_shown_and_taken_back() {
    let mut program = Program::new();
    program.set("POOL_WAIT", "3");
    let row = |program: &Program| program.json(&["config", "get", "POOL_WAIT"]);
    assert_eq!(row(&program)["value"], "3s");
    assert_eq!(row(&program)["source"], "environment");

    let saved = program.ok(&["config", "set", "pool_wait", "10"]);
    assert!(saved.contains("POOL_WAIT = 10s") && saved.contains("within 2 seconds"), "{saved}");
    assert_eq!(row(&program)["value"], "10s");
    assert_eq!(row(&program)["source"], "stored");
    let changed = program.json(&["config", "list", "--changed"]);
    assert_eq!(changed.as_array().unwrap().len(), 1);
    let text = program.ok(&["config", "get", "POOL_WAIT"]);
    assert!(text.starts_with("POOL_WAIT = 10s\n  source   saved\n"), "{text}");

    let back = program.ok(&["config", "unset", "POOL_WAIT"]);
    assert!(back.contains("POOL_WAIT = 3s (environment"), "{back}");
    let nothing = program.ok(&["config", "unset", "POOL_WAIT"]);
    assert!(nothing.contains("nothing was saved"), "{nothing}");
}

#[test]
fn all_settings_are_listed_and_no_secret_with_them() {
    let mut program = Program::new();
    program.set("API_KEYS", "canary-key");
    program.set("CUSTOM_HEADERS", r#"{"x-team": "canary-header"}"#);
    program.set("MASTER_KEY", "canary-master-key-canary");
    let saved = program.feed(&["config", "set", "AUTH_TOKEN", "--stdin"], "canary-password\n").ok();
    let table = program.ok(&["config", "list"]);
    let json = program.json(&["config", "list"]);
    for text in [&saved, &table, &json.to_string(), &program.ok(&["config", "get", "AUTH_TOKEN"])] {
        assert!(!text.contains("canary"), "{text}");
    }
    assert!(json.as_array().unwrap().len() > 73);
    assert!(table.contains("no effect in this version"), "{table}");
    let database = fs::read(program.directory().join("data/gemini-balance.db")).unwrap();
    assert!(!database.windows(6).any(|bytes| bytes == b"canary"));
    let pool = program.json(&["config", "list", "--group", "pool"]);
    assert!(pool.as_array().unwrap().iter().all(|row| row["group"] == "pool"));
}

#[test]
fn wrong_settings_end_with_two_and_the_name() {
    let program = Program::new();
    for (arguments, expected) in [
        (["config", "set", "MAX_RETRIES", "many"], "MAX_RETRIES: \"many\" is no whole number"),
        (["config", "set", "MAX_RETRYS", "1"], "did you mean MAX_RETRIES?"),
        (["config", "set", "LISTEN", "0.0.0.0:1"], "LISTEN: is read at start"),
        (["config", "set", "API_KEYS", "canary"], "gemini-balance keys add"),
        (["config", "list", "--group", "pond"], "accepted: server, "),
    ] {
        let error = program.run(&arguments).fails(2);
        assert!(error.contains(expected), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
    program.run(&["config", "get", "NONSENSE"]).fails(2);
}

#[test]
fn a_wrong_environment_ends_every_command_before_it_begins() {
    let mut program = Program::new();
    program.set("MAX_RETRIES", "99");
    program.set("PROXIES", "ftp://user:canary@host");
    for arguments in [&[][..], &["serve"], &["keys", "list"], &["config", "list"]] {
        let error = program.run(arguments).fails(2);
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(error.contains("error: MAX_RETRIES: \"99\" is too large"), "{error}");
        assert!(error.contains("error: PROXIES: ") && !error.contains("canary"), "{error}");
    }
    assert!(!program.directory().join("data").exists(), "nothing is begun before all is checked");
}

#[test]
fn a_read_only_environment_refuses_to_be_overruled() {
    let mut program = Program::new();
    program.ok(&["config", "set", "POOL_WAIT", "7"]);
    program.set("SETTINGS_READONLY", "true");
    assert_eq!(program.json(&["config", "get", "POOL_WAIT"])["value"], "5s");
    let error = program.run(&["config", "set", "POOL_WAIT", "8"]).fails(2);
    assert!(error.contains("SETTINGS_READONLY"), "{error}");
}

#[test]
fn the_env_file_counts_below_the_environment() {
    let mut program = Program::new();
    let file = program.directory().join(".env");
    fs::write(&file, "# mine\nPOOL_WAIT=11\nexport MAX_FAILURES=\"7\"\nMAX_RETRIES=2\n").unwrap();
    program.set("MAX_RETRIES", "4");
    program.set("POOL_WAIT", "");
    let value = |name| program.json(&["config", "get", name])["value"].clone();
    assert_eq!(value("POOL_WAIT"), "11s");
    assert_eq!(value("MAX_FAILURES"), "7");
    assert_eq!(value("MAX_RETRIES"), "4");
    fs::write(&file, "AUTH_TOKEN='canary\n").unwrap();
    let error = program.run(&["config", "list"]).fails(2);
    assert!(error.contains(".env") && error.contains("AUTH_TOKEN"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}

#[test]
fn the_key_file_is_private_and_the_wrong_one_is_refused() {
    let mut program = Program::new();
    program.ok(&["keys", "add", KEY_ONE]);
    let file = program.directory().join("data/gemini-balance.key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    for entry in fs::read_dir(program.directory().join("data")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"Canary"));
    }

    let kept = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let error = program.run(&["keys", "list"]).fails(2);
    assert!(error.contains("MASTER_KEY") && error.contains("gemini-balance.key"), "{error}");
    assert!(!file.exists(), "a key that does not fit must not stay");
    program.set("MASTER_KEY", "short");
    let error = program.run(&["keys", "list"]).fails(2);
    assert!(error.contains("MASTER_KEY: ") && !error.contains("short;"), "{error}");
    program.set("MASTER_KEY", &String::from_utf8(kept).unwrap());
    assert_eq!(program.json(&["keys", "list"])[0]["key"], MASK_ONE);
    program.set("MASTER_KEY", "");
    program.set("MASTER_KEY_FILE", "nowhere.key");
    let error = program.run(&["keys", "list"]).fails(2);
    assert!(error.contains("MASTER_KEY_FILE: nowhere.key"), "{error}");
}

#[test]
fn a_database_that_cannot_be_opened_is_named() {
    let mut program = Program::new();
    fs::write(program.directory().join("broken.db"), "this is no database at all, but a text")
        .unwrap();
    program.set("DATABASE_URL", "sqlite://broken.db");
    let error = program.run(&["keys", "list"]).fails(2);
    assert!(error.contains("DATABASE_URL: ") && error.contains("broken.db"), "{error}");
    program.set("DATABASE_URL", "postgres://u:canary@127.0.0.1:1/x");
    let error = program.run(&["keys", "list"]).fails(1);
    assert!(error.contains("127.0.0.1:1") && !error.contains("canary"), "{error}");
}

#[test]
fn a_health_check_tells_life_from_death() {
    use std::io::{Read as _, Write as _};

    let mut program = Program::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    program.set("PORT", &port.to_string());
    let server = std::thread::spawn(move || {
        for status in ["200 OK", "503 Service Unavailable"] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let length = stream.read(&mut request).unwrap();
            assert!(request[..length].starts_with(b"GET /healthz HTTP/1.1\r\n"));
            stream.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).unwrap();
        }
    });
    assert_eq!(program.ok(&["healthcheck"]), "healthy\n");
    let sick = program.run(&["healthcheck"]).fails(1);
    assert!(sick.contains("status 503"), "{sick}");
    server.join().unwrap();
    let dead = program.run(&["healthcheck"]).fails(1);
    assert!(dead.contains("does not answer"), "{dead}");
    let other = program.run(&["healthcheck", "--url", "https://localhost"]).fails(1);
    assert!(other.contains("http://"), "{other}");
}

#[test]
fn help_teaches_and_shells_complete() {
    let program = Program::new();
    let help = program.ok(&["--help"]);
    assert!(help.contains("Examples:") && help.contains("keys add --stdin"), "{help}");
    assert!(program.ok(&["keys", "add", "--help"]).contains("prefer --stdin"));
    assert!(program.ok(&["completions", "bash"]).contains("complete -F"));
    program.run(&["keys", "lsit"]).fails(2);
    assert!(!program.directory().join("data").exists());
}
