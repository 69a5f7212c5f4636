use secret::TotpSecret;
use serde_json::json;
use testkit::{Answer, Gateway};

use super::{actions, add, between, cookie, form, gateway, sign_in, with_cookie};

/// The step of time of this moment.
fn step() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    TotpSecret::step_at(i64::try_from(since.as_secs()).unwrap())
}

/// Sets a second factor up; returns its secret, the step that was used, and the recovery codes.
async fn enrol(gateway: &Gateway, session: &str, password: &str) -> (TotpSecret, i64, Vec<String>) {
    let path = "/admin/people/second-factor";
    let page = with_cookie(gateway, "GET", path, session).await.text();
    assert!(page.contains("otpauth://totp/gemini-balance:ann?secret="), "{page}");
    let text = between(&page, "name=\"secret\" value=\"", "\"");
    let secret = TotpSecret::parse(text).unwrap();
    let step = step();
    let prove = |code: String, password: &str| {
        let fields = [("secret", text), ("code", code.as_str()), ("current", password)];
        form(gateway, path, session, &fields).send()
    };
    assert_eq!(prove(secret.code(step - 10), password).await.status, 400);
    assert_eq!(prove(secret.code(step), "not the password").await.status, 400);
    let shown = prove(secret.code(step), password).await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    let shown = shown.text();
    let codes = between(&shown, "data-testid=\"shown\">", "</pre>");
    let codes: Vec<_> = codes.lines().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10);
    (secret, step, codes)
}

/// Gives the password and then this code.
async fn with_code(gateway: &Gateway, password: &str, code: &str) -> Answer {
    let asked = sign_in(gateway, "ann", password).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    assert_eq!(asked.header("set-cookie"), None, "signed in without a code");
    let page = asked.text();
    let ticket = between(&page, "name=\"ticket\" value=\"", "\"").replace('+', "%2B");
    form(gateway, "/admin/login", "", &[("ticket", &ticket), ("code", code)]).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_for_after_the_password_and_is_good_once() {
    let gateway = gateway().await;
    let password = add(&gateway, "ann", "administrator").await;
    let session = cookie(&sign_in(&gateway, "ann", &password).await);
    let (secret, used, codes) = enrol(&gateway, &session, &password).await;

    let again = with_code(&gateway, &password, &secret.code(used)).await;
    assert_eq!(again.status, 401, "used when it was set up");
    let next = secret.code(used + 1);
    cookie(&with_code(&gateway, &password, &next).await);
    assert_eq!(with_code(&gateway, &password, &next).await.status, 401, "used a moment ago");
    cookie(&with_code(&gateway, &password, &codes[3]).await);
    assert_eq!(with_code(&gateway, &password, &codes[3]).await.status, 401, "used a moment ago");
    cookie(&with_code(&gateway, &password, &codes[4].to_uppercase().replace('-', " ")).await);
    let forged = form(&gateway, "/admin/login", "", &[("ticket", "forged"), ("code", &codes[5])]);
    assert_eq!(forged.send().await.status, 401);

    let off = "/admin/people/second-factor/off";
    let wrong = form(&gateway, off, &session, &[("current", "not the password")]).send().await;
    assert_eq!(wrong.status, 400);
    let off = form(&gateway, off, &session, &[("current", &password)]).send().await;
    assert_eq!(off.status, 303, "{}", off.text());
    cookie(&sign_in(&gateway, "ann", &password).await);
    let actions = actions(&gateway).await;
    for action in ["totp_on", "recovery_code", "wrong_password", "totp_off"] {
        assert!(actions.contains(&format!("ann people.{action}")), "{action}: {actions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_phone_is_helped_from_the_shell() {
    let gateway = gateway().await;
    let password = add(&gateway, "ann", "administrator").await;
    let session = cookie(&sign_in(&gateway, "ann", &password).await);
    enrol(&gateway, &session, &password).await;
    assert_eq!(sign_in(&gateway, "ann", &password).await.status, 200, "a code is asked for");
    gateway.run(&["admin", "totp-off", "ann"]).await.ok();
    cookie(&sign_in(&gateway, "ann", &password).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_has_to_wait_however_often_the_password_is_given() {
    let gateway = gateway().await;
    let password = add(&gateway, "ann", "administrator").await;
    let session = cookie(&sign_in(&gateway, "ann", &password).await);
    // Two wrong proofs are among the ten.
    enrol(&gateway, &session, &password).await;
    for _ in 0..9 {
        assert_eq!(with_code(&gateway, &password, "not-a-code").await.status, 401);
    }
    let refused = sign_in(&gateway, "ann", &password).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_ones_own_set_it_up_and_turn_it_off() {
    const PATH: &str = "/api/admin/people/second-factor";
    let gateway = gateway().await;
    let password = add(&gateway, "ann", "viewer").await;
    let session = cookie(&sign_in(&gateway, "ann", &password).await);
    let post = |path: &str, body: serde_json::Value| {
        let ask = gateway.client().anonymous("POST", path).header("cookie", &session);
        ask.header("content-type", "application/json").body(body.to_string()).send()
    };
    let proposal = with_cookie(&gateway, "GET", PATH, &session).await.json();
    assert!(proposal["uri"].as_str().unwrap().starts_with("otpauth://totp/"), "{proposal}");
    let secret = proposal["secret"].as_str().unwrap();
    let code = TotpSecret::parse(secret).unwrap().code(step());
    let wrong = json!({"secret": secret, "code": "000000", "current": password});
    assert_eq!(post(PATH, wrong).await.status, 400);
    let right = json!({"secret": secret, "code": code, "current": password});
    let codes = post(PATH, right).await.json();
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10, "{codes}");
    assert_eq!(sign_in(&gateway, "ann", &password).await.status, 200, "a code is asked for");
    let off = format!("{PATH}/off");
    assert_eq!(post(&off, json!({"current": "not the password"})).await.status, 400);
    assert_eq!(post(&off, json!({"current": password})).await.status, 204);
    cookie(&sign_in(&gateway, "ann", &password).await);
    let by_master =
        gateway.client_with(super::PASSWORD).post(&off, json!({"current": "x"}).to_string());
    assert_eq!(by_master.send().await.status, 409, "AUTH_TOKEN has no second factor");
}
