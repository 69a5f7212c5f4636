//! Who gets in, at every address that there is.

use console::listing;
use testkit::Gateway;

use crate::house::{PASSWORD, setup};

/// What strangers may see: how to become known, and what those pages are made of.
const OPEN: [(&str, &str); 6] = [
    ("GET", "/admin/assets/{hash}/{*name}"),
    ("GET", "/admin/login"),
    ("POST", "/admin/login"),
    ("GET", "/admin/setup"),
    ("POST", "/admin/setup"),
    ("POST", "/admin/preferences"),
];

fn place(path: &str) -> String {
    let path = path.replace("{id}", "0").replace("{key}", "0");
    path.replace("{hash}", "0").replace("{*name}", "app.css")
}

/// What those hear who present nothing: with a wrong password they would have to wait soon.
async fn status(gateway: &Gateway, method: &str, path: &str) -> u16 {
    gateway.client().anonymous(method, &place(path)).send().await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_nothing_but_the_door() {
    let gateway = setup().start().await;
    let (open, guarded) = listing();
    let mut open: Vec<_> = open.iter().map(|route| (route.method.as_str(), route.path)).collect();
    let mut expected = OPEN.to_vec();
    open.sort_unstable();
    expected.sort_unstable();
    assert_eq!(open, expected, "what strangers may ask for has changed");
    assert!(guarded.len() > 70, "the list is not all: {}", guarded.len());
    for route in &guarded {
        let status = status(&gateway, route.method.as_str(), route.path).await;
        assert_eq!(status, 401, "{} {}", route.method, route.path);
    }
    for (password, expected) in [("no password", 401), (PASSWORD, 200)] {
        let client = gateway.client_with(password);
        assert_eq!(client.get("/api/admin/keys").send().await.status, expected, "{password}");
    }
}

/// Nothing is changed by following a link: what changes is asked for by another method.
#[test]
fn links_change_nothing() {
    let (open, guarded) = listing();
    let verbs = [
        "act", "add", "cancel", "edit", "end", "logout", "off", "remove", "revoke", "role", "save",
        "undo",
    ];
    for route in open.iter().chain(&guarded).filter(|route| route.method == "GET") {
        let last = route.path.rsplit('/').next().unwrap();
        assert!(!verbs.contains(&last), "GET {}", route.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_cannot_send_forms() {
    let gateway = setup().start().await;
    let ask = gateway.client_with(PASSWORD).request("POST", "/admin/tokens");
    let answer = ask
        .header("origin", "https://evil.test")
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("name=evil")
        .send()
        .await;
    assert_eq!(answer.status, 403);
    let tokens = gateway.client_with(PASSWORD).get("/api/admin/tokens").send().await.json();
    assert!(tokens.as_array().unwrap().iter().all(|token| token["name"] != "evil"));
}
