//! A file that any of the databases understands.

use std::io::BufReader;

use secret::{ClientToken, Passphrase, TokenDigest};
use store::{
    AddKey, BackupError, BackupOptions, NewTotp, RequestFilter, Restored, Role, Source, Store,
    TokenGrant,
};

use super::keys::{add, key};
use super::logs::request;
use crate::database::{Database, Kind};

const PLAIN: &str = "AIzaSyBackedUp0000000000000000000000one";

/// A store with one of everything.
async fn filled(database: &Database) -> Store {
    let store = database.open().await;
    let id = add(&store, PLAIN).await;
    store.set_key_enabled(&id, false).await.unwrap();
    let gone = add(&store, "AIzaSyRemoved00000000000000000000000two").await;
    store.remove_key(&gone).await.unwrap();
    let token = ClientToken::parse("a-client-token-of-tests").unwrap();
    store.create_token("laptop", &token, &TokenGrant::default()).await.unwrap();
    store.set_setting("MAX_RETRIES", "5", false).await.unwrap();
    store.set_setting("AUTH_TOKEN", "a secret password", true).await.unwrap();
    store.add_administrator("ann", Role::Administrator, "$argon2id$…", false).await.unwrap();
    let code = TokenDigest::of(b"a recovery code");
    let totp = NewTotp { secret: "JBSWY3DPEHPK3PXP", step: 1, recovery_codes: &[code] };
    store.set_totp("ann", Some(totp), None).await.unwrap();
    store.note("ann", "keys.remove", "x", "{\"é\": \"\\\"\"}").await.unwrap();
    store.keep_conversation("ann", "Of cats", "what was said").await.unwrap();
    store.insert_requests(&[request(1), request(2)]).await.unwrap();
    store
}

fn options(logs: bool, passphrase: Option<&str>, replace: bool) -> BackupOptions {
    let passphrase = passphrase.map(|text| Passphrase::parse(text).unwrap());
    BackupOptions { logs, passphrase, replace, ..BackupOptions::default() }
}

async fn taken(store: &Store, options: &BackupOptions) -> Vec<u8> {
    let mut file = Vec::new();
    let contents = store.backup(options, &mut file).await.unwrap();
    assert_eq!((contents.keys, contents.tokens, contents.settings), (1, 1, 2));
    assert_eq!(contents.administrators, 1);
    file
}

/// What a look into the file finds.
async fn seen(
    store: &Store,
    file: &[u8],
    options: &BackupOptions,
) -> Result<Restored, BackupError> {
    store.look_into_backup(options, &mut BufReader::new(file)).await
}

async fn restored(store: &Store, file: &[u8], options: &BackupOptions) -> Result<u64, BackupError> {
    store.restore(options, &mut BufReader::new(file)).await.map(|restored| restored.forgotten)
}

/// Everything of [`filled`] is there, and its secrets open.
async fn is_filled(store: &Store, requests: usize) {
    let keys = store.list_keys().await.unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].secret.as_ref().unwrap().expose(), PLAIN);
    assert!(!keys[0].enabled);
    let exists = store.add_key(key(PLAIN), Source::Admin).await.unwrap();
    assert!(matches!(exists, AddKey::Exists(_)), "it is not found by its fingerprint");
    assert_eq!(store.list_tokens().await.unwrap()[0].name, "laptop");
    let settings = store.stored_settings().await.unwrap();
    assert_eq!(settings["MAX_RETRIES"], "5");
    assert_eq!(settings["AUTH_TOKEN"], "a secret password");
    let administrators = store.administrators().await.unwrap();
    assert_eq!(administrators[0].totp.as_deref(), Some("JBSWY3DPEHPK3PXP"));
    assert_eq!(administrators[0].recovery_codes, 1);
    let conversation = store.conversations("ann").await.unwrap().remove(0);
    let (_, said) = store.conversation("ann", &conversation.id).await.unwrap().unwrap();
    assert_eq!(said, "what was said");
    let audit = store.audit_log(10, &store::AuditFilter::default()).await.unwrap();
    assert_eq!(audit[0].detail, "{\"é\": \"\\\"\"}");
    let logged = store.recent_requests(10, &RequestFilter::default()).await.unwrap();
    assert_eq!(logged.len(), requests);
    let newest = (requests > 0).then(|| request(2).request_id);
    assert_eq!(logged.first().map(|row| row.request_id.as_str()), newest.as_deref());
}

pub(crate) async fn come_back_in_another_database(database: &Database) {
    let store = filled(database).await;
    for passphrase in [None, Some("correct horse battery")] {
        for logs in [false, true] {
            let file = taken(&store, &options(logs, passphrase, false)).await;
            let text = String::from_utf8(file.clone()).unwrap();
            for secret in
                [PLAIN, "a secret password", "JBSWY3DPEHPK3PXP", "a-client-token-of-tests"]
            {
                assert!(!text.contains(secret), "{secret} stands in the file");
            }
            let other = Database::fresh(&Kind::Sqlite);
            let there = other.open().await;
            restored(&there, &file, &options(logs, passphrase, false)).await.unwrap();
            is_filled(&there, if logs { 2 } else { 0 }).await;
            // And from there to where it came from.
            let file = taken(&there, &options(logs, passphrase, false)).await;
            let revisions = store.revisions().await.unwrap();
            restored(&store, &file, &options(logs, passphrase, true)).await.unwrap();
            is_filled(&store, 2).await;
            let later = store.revisions().await.unwrap();
            assert!(later.configuration > revisions.configuration, "nobody would take it up");
            there.close().await;
            other.remove().await;
        }
    }
    store.close().await;
}

pub(crate) async fn open_under_another_master_key_by_a_passphrase(database: &Database) {
    let other = Database::fresh(&Kind::Sqlite);
    let store = filled(&other).await;
    let (plain, sealed) =
        (options(false, None, false), options(false, Some("a long passphrase"), false));
    let (plain_file, sealed_file) = (taken(&store, &plain).await, taken(&store, &sealed).await);
    let there = database.open_with("quite another master key").await.unwrap();
    let error = restored(&there, &plain_file, &plain).await.unwrap_err();
    assert!(matches!(error, BackupError::OtherMasterKey), "{error}");
    let error = restored(&there, &sealed_file, &plain).await.unwrap_err();
    assert!(matches!(error, BackupError::PassphraseNeeded), "{error}");
    let wrong = options(false, Some("a wrong passphrase"), false);
    let error = restored(&there, &sealed_file, &wrong).await.unwrap_err();
    assert!(matches!(error, BackupError::WrongPassphrase), "{error}");
    let error = seen(&there, &sealed_file, &wrong).await.unwrap_err();
    assert!(matches!(error, BackupError::WrongPassphrase), "{error}");
    let found = seen(&there, &sealed_file, &sealed).await.unwrap();
    assert_eq!((found.contents.keys, found.contents.administrators, found.forgotten), (1, 1, 1));
    assert!(there.list_keys().await.unwrap().is_empty());
    assert_eq!(restored(&there, &sealed_file, &sealed).await.unwrap(), 1);
    is_filled(&there, 0).await;
    there.close().await;
    store.close().await;
    other.remove().await;
}

pub(crate) async fn are_restored_whole_or_not_at_all(database: &Database) {
    let other = Database::fresh(&Kind::Sqlite);
    let file = taken(&filled(&other).await, &options(true, None, false)).await;
    let store = database.open().await;
    let text = String::from_utf8(file.clone()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let changed = text.replacen("laptop", "desktop", 1);
    let lost = [&lines[..2], &lines[3..]].concat().concat();
    let later = text.replacen("\"mask\"", "\"new_column\"", 1);
    let damaged = [
        (lines[..lines.len() - 1].concat(), "ends early"),
        (text[..text.len() / 2].to_owned(), "line"),
        (changed, "were changed"),
        (lost, "were changed"),
        (later, "newer version"),
    ];
    let nothing = options(true, None, false);
    for (file, problem) in damaged {
        let error = restored(&store, file.as_bytes(), &nothing).await.unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
        let seen = seen(&store, file.as_bytes(), &nothing).await.unwrap_err().to_string();
        assert_eq!(seen, error);
        assert!(store.list_keys().await.unwrap().is_empty());
        assert_eq!(store.count_logs().await.unwrap().requests, 0);
    }
    for file in ["", "{}", "no backup\n", "[1]\n"] {
        let error = restored(&store, file.as_bytes(), &nothing).await.unwrap_err();
        assert!(matches!(error, BackupError::Foreign), "{file}: {error}");
    }
    let newer = text.replacen("backup\":1", "backup\":2", 1);
    let error = restored(&store, newer.as_bytes(), &nothing).await.unwrap_err();
    assert!(matches!(error, BackupError::Newer(_)), "{error}");

    restored(&store, &file, &nothing).await.unwrap();
    let error = restored(&store, &file, &nothing).await.unwrap_err();
    assert!(error.to_string().contains("keys, client tokens, saved settings"), "{error}");
    store.set_setting("MAX_RETRIES", "7", false).await.unwrap();
    restored(&store, &file, &options(true, None, true)).await.unwrap();
    is_filled(&store, 2).await;
    store.close().await;
    other.remove().await;
}

pub(crate) async fn without_people_let_those_stay_who_are_there(database: &Database) {
    let other = Database::fresh(&Kind::Sqlite);
    let from = other.open().await;
    add(&from, PLAIN).await;
    let mut file = Vec::new();
    from.backup(&options(false, None, false), &mut file).await.unwrap();
    let store = database.open().await;
    store.add_administrator("ann", Role::Administrator, "$argon2id$…", false).await.unwrap();
    let keeping = BackupOptions { keeps_administrators: true, ..options(false, None, true) };
    restored(&store, &file, &keeping).await.unwrap();
    assert_eq!(store.list_keys().await.unwrap().len(), 1);
    assert_eq!(store.administrators().await.unwrap()[0].name, "ann");
    restored(&store, &file, &options(false, None, true)).await.unwrap();
    assert!(store.administrators().await.unwrap().is_empty());
    store.close().await;
    from.close().await;
    other.remove().await;
}

pub(crate) async fn hold_more_rows_than_a_page(database: &Database) {
    let store = database.open().await;
    let keys = (0..1_203).map(|number| key(&format!("AIzaSyMany{number:0>29}"))).collect();
    store.import_keys(keys, Source::Import).await.unwrap();
    let rows: Vec<_> = (0..1_203).map(request).collect();
    store.insert_requests(&rows).await.unwrap();
    let mut file = Vec::new();
    store.backup(&options(true, None, false), &mut file).await.unwrap();
    let restored = store.restore(&options(true, None, true), &mut &file[..]).await.unwrap();
    assert_eq!((restored.contents.keys, restored.contents.requests), (1_203, 1_203));
    assert_eq!(store.list_keys().await.unwrap().len(), 1_203);
    let newest = store.recent_requests(1, &RequestFilter::default()).await.unwrap();
    assert_eq!(newest[0].request_id, *request(1_202).request_id);
    store.close().await;
}
