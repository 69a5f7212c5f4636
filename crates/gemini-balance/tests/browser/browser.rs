//! A browser that notices what must not happen on any page: a breach of the policy, an error, a call
//! to another host, something that a screen reader stumbles over.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Gateway, eventually};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

use crate::house::PASSWORD;

const AXE: &str = include_str!("axe-4.14.1.min.js");

/// Collects what goes wrong, across pages.
const WATCH: &str = r#"
    const note = (kind, text) => {
        const list = JSON.parse(sessionStorage.getItem("wrongs") ?? "[]");
        list.push(`${location.pathname}: ${kind}: ${text}`);
        sessionStorage.setItem("wrongs", JSON.stringify(list));
    };
    addEventListener("securitypolicyviolation", (event) =>
        note("policy", `${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
    addEventListener("error", (event) => note("error", event.message ?? event.target?.src), true);
    addEventListener("unhandledrejection", (event) => note("rejection", event.reason));
    const shout = console.error;
    console.error = (...words) => { note("console", words.join(" ")); shout(...words); };
"#;

/// What of a page is examined by axe: the rules of WCAG 2.2 A and AA, and good practice.
const EXAMINE: &str = r#"
    const done = arguments[arguments.length - 1];
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    // What the bar at the top happens to cover could be scrolled out from under it.
    window.scrollTo({ top: 0, behavior: "instant" });
    axe.run(document, { runOnly: { type: "tag", values: tags } }).then((result) =>
        done(result.violations.map((one) =>
            `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`)));
"#;

/// A browser of its own, with nobody signed in.
pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    base: String,
    chromedriver: Child,
}

impl Browser {
    /// Opens one; `None`, which is said aloud, where there is no Chromium.
    pub(crate) async fn open(gateway: &Gateway) -> Option<Self> {
        Self::open_with(gateway, &[]).await
    }

    /// Opens one with further arguments of Chromium's.
    pub(crate) async fn open_with(gateway: &Gateway, arguments: &[&str]) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let started = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(chromedriver) = started else {
            println!("skipped: no chromedriver on this machine");
            return None;
        };
        let mut capabilities = DesiredCapabilities::chrome();
        let own = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1440,1000",
        ];
        for argument in own.iter().chain(arguments) {
            capabilities.add_arg(argument).unwrap();
        }
        let server = format!("http://127.0.0.1:{port}");
        eventually("chromedriver listens", || async {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        })
        .await;
        let driver = WebDriver::new(&server, capabilities).await.unwrap();
        // Audits of large pages are long on a machine that does something else, too.
        driver.set_script_timeout(Duration::from_mins(3)).await.unwrap();
        let source = json!({ "source": WATCH });
        driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", source).await.unwrap();
        let base = format!("http://{}", gateway.address());
        Some(Self { driver, base, chromedriver })
    }

    /// The same one, coming by another address from now on: a reverse proxy's.
    pub(crate) fn by_way_of(&mut self, address: std::net::SocketAddr) {
        self.base = format!("http://{address}");
    }

    /// The same, signed in as the administrator.
    pub(crate) async fn signed_in(gateway: &Gateway) -> Option<Self> {
        let browser = Self::open(gateway).await?;
        browser.sign_in(PASSWORD).await;
        browser.until_path("/admin").await;
        Some(browser)
    }

    /// Fills in the page for signing in.
    pub(crate) async fn sign_in(&self, password: &str) {
        self.go("/admin/login").await;
        self.fill("#password", password).await;
        self.click("form.gb-door-card button").await;
    }

    pub(crate) async fn go(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.unwrap();
    }

    /// The first element that this selects, as soon as there is one.
    pub(crate) async fn find(&self, css: &str) -> WebElement {
        self.driver.query(By::Css(css)).wait(PATIENCE, GLANCE).first().await.unwrap()
    }

    pub(crate) async fn count(&self, css: &str) -> usize {
        self.driver.find_all(By::Css(css)).await.unwrap().len()
    }

    pub(crate) async fn click(&self, css: &str) {
        // A list that is being filtered may put another element in its place meanwhile.
        while let Err(error) = self.click_once(css).await {
            assert!(
                matches!(*error, WebDriverErrorInner::StaleElementReference(_)),
                "{css}: {error}"
            );
        }
    }

    async fn click_once(&self, css: &str) -> WebDriverResult<()> {
        let element = self.find(css).await;
        element.scroll_into_view().await?;
        element.click().await
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Waits until the text of an element contains this.
    pub(crate) async fn until_text(&self, css: &str, wanted: &str) {
        eventually(&format!("{css} says {wanted:?}"), || async {
            let found = self.driver.find(By::Css(css)).await;
            let Ok(found) = found else { return false };
            found.text().await.is_ok_and(|text| text.contains(wanted))
        })
        .await;
    }

    /// Waits until so many elements are there.
    pub(crate) async fn until_count(&self, css: &str, wanted: usize) {
        eventually(&format!("{wanted} of {css}"), || async { self.count(css).await == wanted })
            .await;
    }

    pub(crate) async fn until_path(&self, path: &str) {
        eventually(&format!("the browser is at {path}"), || async {
            self.driver.current_url().await.is_ok_and(|url| url.path() == path)
        })
        .await;
    }

    /// What a script returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.driver.execute(script, vec![]).await.unwrap().json().clone()
    }

    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600
        });
        let cdp = self.driver.cdp();
        cdp.send_raw("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
    }

    /// Asserts what must hold of every page, of the one that is open.
    pub(crate) async fn examine(&self, what: &str) {
        self.driver.execute(AXE, vec![]).await.unwrap();
        let found = self.driver.execute_async(EXAMINE, vec![]).await.unwrap();
        assert_eq!(found.json(), &json!([]), "{what}: axe found something");
        let foreign = self
            .run(
                "return performance.getEntriesByType('resource').map((one) => one.name)\
                 .filter((name) => !name.startsWith(location.origin) && !name.startsWith('data:'))",
            )
            .await;
        assert_eq!(foreign, json!([]), "{what}: something was fetched from elsewhere");
        let width = self
            .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
            .await;
        assert!(width.as_i64().unwrap() <= 0, "{what}: is {width} pixels too wide");
    }

    /// Asserts that nothing went wrong on any page, and closes the browser.
    pub(crate) async fn close(self) {
        let wrongs = self.run("return JSON.parse(sessionStorage.getItem('wrongs') ?? '[]')").await;
        self.driver.clone().quit().await.unwrap();
        assert_eq!(wrongs, json!([]));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may be gone already, which is what is wanted.
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(50);
