use testkit::{Gateway, Setup, eventually};

use crate::browser::Browser;

const PASSWORD: &str = "a long enough password";

/// The code in the invitation that the program printed.
fn printed_code(stdout: &str) -> Option<String> {
    let code = stdout.split("/admin/setup#code=").nth(1)?;
    Some(code.chars().take_while(char::is_ascii_alphanumeric).collect())
}

/// A gateway that nobody administers, and the code that it printed.
pub(crate) async fn unclaimed(setup: Setup) -> (Gateway, String) {
    let gateway = setup.start().await;
    eventually("the invitation is printed", || async {
        printed_code(&gateway.stdout().text()).is_some_and(|code| code.len() == 32)
    })
    .await;
    let code = printed_code(&gateway.stdout().text()).unwrap();
    (gateway, code)
}

fn fresh() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_gemini-balance"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_owner_claims_the_gateway_with_the_printed_code() {
    let (gateway, code) = unclaimed(fresh()).await;
    let Some(browser) = Browser::open(&gateway).await else { return };

    browser.go("/admin").await;
    browser.until_path("/admin/setup").await;
    browser.until_text("[data-testid=step]", "Step 1").await;
    browser.examine("setup").await;
    browser.fill("#code", "not the code").await;
    browser.click("#claim button").await;
    browser.until_text("[role=alert]", "not the setup code").await;

    // The printed link fills the code in, and hides it from the address.
    browser.driver.goto("about:blank").await.unwrap();
    browser.go(&format!("/admin/setup#code={code}")).await;
    let filled = browser.run("return [document.querySelector('#code').value, location.hash]").await;
    assert_eq!(filled, serde_json::json!([code, ""]));
    browser.click("#claim button").await;
    browser.until_text("[data-testid=step]", "Step 2").await;
    browser.examine("claiming").await;
    browser.fill("#timezone", "Middle/Earth").await;
    browser.fill("#password", PASSWORD).await;
    browser.click("#claim button").await;
    browser.until_text("[role=alert]", "no such time zone").await;
    browser.fill("#timezone", "Asia/Shanghai").await;
    browser.fill("#password", PASSWORD).await;
    browser.click("#claim button").await;

    // The other steps can be skipped, and a card keeps them.
    browser.until_path("/admin/setup/data").await;
    for path in ["/admin/setup/check", "/admin/setup/client", "/admin"] {
        browser.examine(path).await;
        browser.click(".gb-head a.btn").await;
        browser.until_path(path).await;
    }
    browser.until_count("[data-testid=checklist] li", 3).await;
    let zone = gateway.json(&["config", "get", "TIMEZONE"]).await;
    assert_eq!(zone["value"], "Asia/Shanghai");

    browser.go("/admin/setup").await;
    browser.until_path("/admin").await;
    browser.close().await;

    let again = Browser::open(&gateway).await.unwrap();
    again.go("/admin/setup").await;
    again.until_path("/admin/login").await;
    again.sign_in("another password").await;
    again.until_text("[role=alert]", "wrong").await;
    again.sign_in(PASSWORD).await;
    again.until_path("/admin").await;
    again.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_claims_one_wins_and_strangers_none() {
    let (gateway, code) = unclaimed(fresh()).await;
    let claim = |code: &str, name: usize| {
        gateway
            .client()
            .anonymous("POST", "/admin/setup")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("code={code}&name=owner{name}&password=a+long+enough+password"))
    };
    assert_eq!(claim("", 0).send().await.status, 403);
    assert_eq!(claim("0123456789abcdef0123456789abcdef", 0).send().await.status, 403);
    let claims: Vec<_> = (0..20).map(|name| tokio::spawn(claim(&code, name).send())).collect();
    let mut won = 0;
    for claim in claims {
        let status = claim.await.unwrap().status;
        won += usize::from(status == 303);
        assert!([303, 403, 404, 409].contains(&status), "{status}");
    }
    assert_eq!(won, 1);
    assert_eq!(claim(&code, 99).send().await.status, 404);
}
