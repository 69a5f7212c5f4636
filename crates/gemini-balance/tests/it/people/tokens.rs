use serde_json::{Value, json};
use testkit::{Gateway, eventually};

use super::{PASSWORD, actions, add, addresses, asked, cookie, gateway, sign_in};

const TOKENS: &str = "/api/admin/admin-tokens";

async fn made(gateway: &Gateway, name: &str, scope: &str) -> (String, String) {
    let wanted = json!({"name": name, "scope": scope});
    let made = asked(gateway, "POST", TOKENS, PASSWORD, wanted).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    (made["id"].as_str().unwrap().to_owned(), made["token"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_what_its_scope_allows_and_no_page() {
    let gateway = gateway().await;
    let (_, read) = made(&gateway, "watch", "read").await;
    let (id, full) = made(&gateway, "deploy", "full").await;
    for (method, path) in addresses() {
        let status = asked(&gateway, &method, &path, &read, json!({})).await.status;
        if path.starts_with("/admin") || method != "GET" {
            // One's own password and second factor are nothing that a token has.
            let is_own = path.starts_with("/api/") && super::OWN.contains(&path.as_str());
            let expected = if is_own { [400, 409] } else { [403, 403] };
            assert!(expected.contains(&status), "{method} {path}: {status}");
        } else {
            assert!(status != 401 && status != 403, "{method} {path}: {status}");
        }
    }
    let change = json!({"MAX_RETRIES": "5"});
    assert_eq!(asked(&gateway, "PATCH", "/api/admin/settings", &full, change).await.status, 200);
    assert_eq!(gateway.client_with(&full).get("/admin/keys").send().await.status, 403);
    assert_eq!(gateway.client_with(&full).get("/v1/models").send().await.status, 401);

    let listed = gateway.client_with(&read).get(TOKENS).send().await;
    let text = listed.text();
    assert!(!text.contains(&read) && !text.contains(&full), "{text}");
    let listed = listed.json();
    let tokens = listed.as_array().unwrap();
    assert_eq!(tokens.len(), 2);
    assert!(tokens.iter().all(|token| token["last_used_at"].is_i64()), "{listed}");

    let revoke = format!("{TOKENS}/{id}");
    assert_eq!(asked(&gateway, "DELETE", &revoke, PASSWORD, json!({})).await.status, 204);
    assert_eq!(asked(&gateway, "DELETE", &revoke, PASSWORD, json!({})).await.status, 404);
    assert_eq!(gateway.client_with(&full).get("/api/admin/pool").send().await.status, 401);
    let actions = actions(&gateway).await;
    for entry in [
        "admin admin_tokens.create",
        "admin admin_tokens.revoke",
        "deploy (token of admin) settings.save",
    ] {
        assert!(actions.iter().any(|action| action == entry), "{entry}: {actions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_its_time_and_with_its_maker() {
    let gateway = gateway().await;
    for wrong in [
        json!({"name": "", "scope": "read"}),
        json!({"name": "x", "scope": "everything"}),
        json!({"name": "x", "scope": "read", "expires_at": 1}),
    ] {
        assert_eq!(
            asked(&gateway, "POST", TOKENS, PASSWORD, wrong.clone()).await.status,
            400,
            "{wrong}"
        );
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let soon = u64::try_from(now.as_millis()).unwrap() + 1500;
    let wanted = json!({"name": "short", "scope": "read", "expires_at": soon});
    let made: Value = asked(&gateway, "POST", TOKENS, PASSWORD, wanted).await.json();
    let client = gateway.client_with(made["token"].as_str().unwrap());
    eventually("the token expires", || async {
        client.get("/api/admin/pool").send().await.status == 401
    })
    .await;

    add(&gateway, "bob", "administrator").await;
    let password = add(&gateway, "ann", "administrator").await;
    let session = cookie(&sign_in(&gateway, "ann", &password).await);
    let made = gateway
        .client()
        .anonymous("POST", TOKENS)
        .header("cookie", &session)
        .header("content-type", "application/json")
        .body(json!({"name": "anns", "scope": "full"}).to_string())
        .send()
        .await
        .json();
    let client = gateway.client_with(made["token"].as_str().unwrap());
    assert_eq!(client.get("/api/admin/pool").send().await.status, 200);
    gateway.run(&["admin", "remove", "ann"]).await.ok();
    assert_eq!(client.get("/api/admin/pool").send().await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_bearers_has_to_wait_but_tokens_and_people_need_not() {
    let gateway = gateway().await;
    let (_, token) = made(&gateway, "watch", "read").await;
    let status =
        async |bearer: &str| gateway.client_with(bearer).get("/api/admin/pool").send().await.status;
    for guess in 0..10 {
        assert_eq!(status(&format!("gba_{guess}")).await, 401);
    }
    let refused = gateway.client_with("another").get("/api/admin/pool").send().await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(refused.json()["error"]["code"], "must_wait");
    assert_eq!(status(PASSWORD).await, 429, "a right guess must not be told from a wrong one");
    assert_eq!(status(&token).await, 200);
    cookie(&sign_in(&gateway, "admin", PASSWORD).await);
}
