//! Who may use the console: administrators and viewers, second factors, admin tokens.

mod second_factor;
mod tokens;

use console::listing;
use serde_json::{Value, json};
use testkit::{Answer, Ask, Gateway};

use crate::house::setup;

const PASSWORD: &str = "correct horse battery staple";

/// What concerns only whoever asks, so that viewers may, too.
const OWN: [&str; 10] = [
    "/admin/people/password",
    "/admin/people/second-factor",
    "/admin/people/second-factor/off",
    "/admin/own/look",
    "/admin/own/views",
    "/admin/own/views/0/pin",
    "/admin/own/views/0/forget",
    "/api/admin/people/password",
    "/api/admin/people/second-factor",
    "/api/admin/people/second-factor/off",
];

/// What those who have one choose in place of the password that was made for them.
const CHOSEN: &str = "a password of their own";

async fn gateway() -> Gateway {
    setup().with("AUTH_TOKEN", PASSWORD).start().await
}

/// Adds somebody, and returns the password that they have chosen in place of the one that was made.
async fn add(gateway: &Gateway, name: &str, role: &str) -> String {
    let made = gateway.run(&["admin", "add", name, "--role", role]).await.ok();
    cookie(&choose(gateway, name, made.trim(), CHOSEN).await);
    CHOSEN.to_owned()
}

/// What stands between two texts of a page.
#[track_caller]
fn between<'p>(page: &'p str, before: &str, after: &str) -> &'p str {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {page}")).1;
    rest.split_once(after).unwrap().0
}

/// Signs in with a password that was made, and chooses another.
async fn choose(gateway: &Gateway, name: &str, made: &str, new: &str) -> Answer {
    let asked = sign_in(gateway, name, made).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    assert_eq!(asked.header("set-cookie"), None, "signed in with a password that was made");
    let page = asked.text();
    assert!(page.contains("name=\"new_password\""), "{page}");
    let ticket = between(&page, "name=\"ticket\" value=\"", "\"").replace('+', "%2B");
    form(gateway, "/admin/login", "", &[("ticket", &ticket), ("new_password", new)]).send().await
}

fn form(gateway: &Gateway, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Ask {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(' ', "+").replace('&', "%26")))
        .collect();
    gateway
        .client()
        .anonymous("POST", path)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(fields.join("&"))
}

async fn sign_in(gateway: &Gateway, name: &str, password: &str) -> Answer {
    form(gateway, "/admin/login", "", &[("name", name), ("password", password)]).send().await
}

/// The cookie of whoever signed in.
#[track_caller]
fn cookie(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

async fn with_cookie(gateway: &Gateway, method: &str, path: &str, cookie: &str) -> Answer {
    gateway.client().anonymous(method, path).header("cookie", cookie).send().await
}

async fn asked(gateway: &Gateway, method: &str, path: &str, token: &str, body: Value) -> Answer {
    let ask = gateway.client_with(token).request(method, path);
    ask.header("content-type", "application/json").body(body.to_string()).send().await
}

/// Every address but what goes on without end; with something for what varies.
fn addresses() -> Vec<(String, String)> {
    let is_meant = |path: &str| path != "/admin/live";
    let routes = listing().1.into_iter().filter(|route| is_meant(route.path));
    routes
        .map(|route| {
            let path = route.path.replace("{id}", "0").replace("{key}", "0");
            (route.method.to_string(), path)
        })
        .collect()
}

async fn actions(gateway: &Gateway) -> Vec<String> {
    let audit = gateway.client_with(PASSWORD).get("/api/admin/audit").send().await.json();
    let actions = audit.as_array().unwrap().iter();
    actions
        .map(|entry| format!("{} {}", entry["actor"], entry["action"]).replace('"', ""))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_look_at_everything_and_change_nothing_but_themselves() {
    let gateway = gateway().await;
    let made = add(&gateway, "vic", "viewer").await;
    let session = cookie(&sign_in(&gateway, "vic", &made).await);
    let mut refused = 0;
    for (method, path) in addresses().into_iter().filter(|(_, path)| path != "/admin/logout") {
        let status = with_cookie(&gateway, &method, &path, &session).await.status;
        if method == "GET" {
            assert!(status != 401 && status != 403, "{method} {path}: {status}");
        } else if !OWN.contains(&path.as_str()) {
            assert_eq!(status, 403, "{method} {path}");
            refused += 1;
        }
    }
    assert!(refused > 40, "{refused}");
    assert_eq!(with_cookie(&gateway, "POST", "/admin/logout", &session).await.status, 303);
    assert_eq!(with_cookie(&gateway, "GET", "/api/admin/pool", &session).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_change_their_own_password() {
    let gateway = gateway().await;
    let made = add(&gateway, "vic", "viewer").await;
    let session = cookie(&sign_in(&gateway, "vic", &made).await);
    let other = cookie(&sign_in(&gateway, "vic", &made).await);
    let change = |current: &str, new: &str| {
        let fields = [("current", current), ("password", new)];
        form(&gateway, "/admin/people/password", &session, &fields).send()
    };
    assert_eq!(change("not the password", "a password of my own").await.status, 400);
    assert_eq!(change(&made, "too short").await.status, 400);
    assert_eq!(change(&made, "a password of my own").await.status, 303);
    let status =
        async |cookie: &str| with_cookie(&gateway, "GET", "/api/admin/pool", cookie).await.status;
    assert_eq!(status(&session).await, 200);
    assert_eq!(status(&other).await, 401, "the other session has ended");
    assert_eq!(sign_in(&gateway, "vic", &made).await.status, 401);
    cookie(&sign_in(&gateway, "vic", "a password of my own").await);
    let own = json!({"current": PASSWORD, "password": "another for AUTH_TOKEN"});
    let refused = asked(&gateway, "POST", "/api/admin/people/password", PASSWORD, own).await;
    assert_eq!(refused.status, 409, "AUTH_TOKEN is changed where it is set");
    assert!(actions(&gateway).await.contains(&"vic people.password".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_added_changed_and_removed_but_the_last_administrator() {
    let gateway = gateway().await;
    let people = "/api/admin/people";
    let ask = |method: &'static str, path: String, body: Value| {
        let gateway = &gateway;
        async move { asked(gateway, method, &path, PASSWORD, body).await }
    };
    for wrong in [
        json!({"name": " ", "role": "viewer"}),
        json!({"name": "admin", "role": "viewer"}),
        json!({"name": "ann", "role": "owner"}),
        json!({"name": "ann", "role": "viewer", "password": "eleven char"}),
    ] {
        assert_eq!(ask("POST", people.to_owned(), wrong.clone()).await.status, 400, "{wrong}");
    }
    let add = |name: &str, role: &str| {
        ask("POST", people.to_owned(), json!({"name": name, "role": role}))
    };
    let ann = add("ann", "administrator").await;
    assert_eq!(ann.status, 201);
    let ann = ann.json();
    assert_eq!(add("ann", "viewer").await.status, 409);
    let bob = add("bob", "viewer").await.json();
    let made = ann["password"].as_str().unwrap();
    let session = cookie(&choose(&gateway, "ann", made, CHOSEN).await);

    let path = |person: &Value| format!("{people}/{}", person["id"].as_str().unwrap());
    let last = ask("DELETE", path(&ann), json!({})).await;
    assert_eq!(last.status, 409);
    assert!(last.text().contains("last administrator"), "{}", last.text());
    assert_eq!(ask("PATCH", path(&ann), json!({"role": "viewer"})).await.status, 409);
    let refused = gateway.run(&["admin", "remove", "ann"]).await.fails(1);
    assert!(refused.contains("last administrator"), "{refused}");
    assert_eq!(ask("PATCH", path(&bob), json!({"role": "administrator"})).await.status, 204);
    assert_eq!(ask("DELETE", path(&ann), json!({})).await.status, 204);
    assert_eq!(ask("DELETE", path(&ann), json!({})).await.status, 404);
    let ended = with_cookie(&gateway, "GET", "/api/admin/pool", &session).await;
    assert_eq!(ended.status, 401, "who is removed is out at once");

    let reset = ask("POST", format!("{}/password", path(&bob)), json!({})).await.json();
    cookie(&choose(&gateway, "bob", reset["password"].as_str().unwrap(), CHOSEN).await);
    let listed = ask("GET", people.to_owned(), json!({})).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert!(!listed.to_string().contains("argon2"), "{listed}");
    let actions = actions(&gateway).await;
    for action in ["add", "role", "remove", "reset_password"] {
        assert!(actions.contains(&format!("admin people.{action}")), "{action}: {actions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_shell_gets_in_again() {
    let gateway = gateway().await;
    let first = add(&gateway, "ann", "administrator").await;
    let session = cookie(&sign_in(&gateway, "ann", &first).await);
    let second = gateway.run(&["admin", "reset-password", "ann"]).await.ok();
    assert_eq!(sign_in(&gateway, "ann", &first).await.status, 401);
    assert_eq!(with_cookie(&gateway, "GET", "/api/admin/pool", &session).await.status, 401);
    cookie(&choose(&gateway, "ann", second.trim(), "another of their own").await);
    let listed = gateway.json(&["admin", "list"]).await;
    assert_eq!((&listed[0]["name"], &listed[0]["role"]), (&json!("ann"), &json!("administrator")));
    assert!(gateway.run(&["admin", "list"]).await.ok().contains("administrator"));
    for missing in ["reset-password", "remove", "totp-off"] {
        let told = gateway.run(&["admin", missing, "nobody"]).await.fails(1);
        assert!(told.contains("nobody"), "{told}");
    }
    assert!(actions(&gateway).await.contains(&"command line people.reset_password".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_made_opens_nothing_until_another_is_chosen() {
    let gateway = gateway().await;
    let made = gateway.run(&["admin", "add", "ann", "--role", "administrator"]).await.ok();
    let made = made.trim();
    for (new, told) in [(made, "made for you"), ("too short", "too short")] {
        let refused = choose(&gateway, "ann", made, new).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(refused.text().contains(told), "{}", refused.text());
    }
    let forged = [("ticket", "forged"), ("new_password", CHOSEN)];
    assert_eq!(form(&gateway, "/admin/login", "", &forged).send().await.status, 401);
    let session = cookie(&choose(&gateway, "ann", made, CHOSEN).await);
    assert_eq!(with_cookie(&gateway, "GET", "/api/admin/pool", &session).await.status, 200);
    assert_eq!(sign_in(&gateway, "ann", made).await.status, 401);
    cookie(&sign_in(&gateway, "ann", CHOSEN).await);

    // A password that somebody typed is known to both, and asks for nothing more.
    let typed = json!({"name": "bob", "role": "viewer", "password": "agreed over the phone"});
    let added = asked(&gateway, "POST", "/api/admin/people", PASSWORD, typed).await;
    assert_eq!(added.status, 201);
    cookie(&sign_in(&gateway, "bob", "agreed over the phone").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_password_takes_the_admin_tokens_with_it() {
    let gateway = gateway().await;
    let password = add(&gateway, "ann", "administrator").await;
    let session = cookie(&sign_in(&gateway, "ann", &password).await);
    let create = gateway.client().anonymous("POST", "/api/admin/admin-tokens");
    let body = json!({"name": "anns", "scope": "full"}).to_string();
    let create = create.header("cookie", &session).header("content-type", "application/json");
    let made = create.body(body).send().await.json();
    let client = gateway.client_with(made["token"].as_str().unwrap());
    assert_eq!(client.get("/api/admin/pool").send().await.status, 200);
    let people = gateway.client_with(PASSWORD).get("/api/admin/people").send().await.json();
    let reset = format!("/api/admin/people/{}/password", people[0]["id"].as_str().unwrap());
    assert_eq!(asked(&gateway, "POST", &reset, PASSWORD, json!({})).await.status, 200);
    assert_eq!(client.get("/api/admin/pool").send().await.status, 401);
}
