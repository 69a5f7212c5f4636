//! What an owner looks after: backups by the clock, newer versions, what stands between the gateway and
//! the browser.

use std::net::SocketAddr;

use testkit::eventually;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::browser::Browser;
use crate::house::setup;

#[tokio::test(flavor = "multi_thread")]
async fn backups_are_made_where_those_by_the_clock_lie_and_failures_are_told() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("backups");
    let setup = setup().with("BACKUP_FOLDER", folder.to_str().unwrap());
    let gateway = setup.start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/system").await;
    browser.until_text("[data-testid=backups]", "BACKUP_INTERVAL_HOURS is 0").await;
    browser.until_text("[data-testid=last-backup]", "never").await;
    browser.click("[data-testid=back-up]").await;
    browser.until_text("[data-testid=last-backup]", "ok").await;
    browser.examine("a system with a backup").await;
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);

    let file = home.path().join("a file");
    std::fs::write(&file, "x").unwrap();
    gateway.run(&["config", "set", "BACKUP_FOLDER", file.to_str().unwrap()]).await.ok();
    gateway.run(&["config", "set", "BACKUP_INTERVAL_HOURS", "1"]).await.ok();
    browser.go("/admin/system").await;
    browser.click("[data-testid=back-up]").await;
    browser.until_text("[data-testid=last-backup]", "BACKUP_FOLDER").await;
    browser.examine("a system whose backup failed").await;
    eventually("the overview tells of it", || async {
        browser.go("/admin").await;
        browser.count("[data-testid=backup-failed]").await == 1
    })
    .await;
    browser.resize(390, 844).await;
    browser.go("/admin/system").await;
    browser.examine("a system on a phone").await;
    browser.close().await;
}

/// A feed that knows of a version far ahead.
async fn feed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/releases", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let body = r#"[{"tag_name":"v99.0.0","html_url":"https://example.org/v99",
                "body":"<b>Everything</b> is new."}]"#;
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_versions_are_asked_for_only_if_the_owner_agrees() {
    let gateway = setup().start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/system").await;
    browser.until_text("[data-testid=updates]", "Nobody is asked").await;
    gateway.run(&["config", "set", "UPDATE_FEED_URL", &feed().await]).await.ok();
    browser.go("/admin/system").await;
    browser.click("[data-testid=look]").await;
    browser.until_text("[data-testid=updates]", "v99.0.0 is available").await;
    browser.click("[data-testid=updates] summary").await;
    browser.until_text("[data-testid=updates] pre", "<b>Everything</b> is new.").await;
    browser.examine("a newer version").await;
    eventually("the overview tells of it", || async {
        browser.go("/admin").await;
        browser.count("[data-testid=newer]").await == 1
    })
    .await;
    browser.examine("an overview with a newer version").await;
    browser.close().await;
}

/// Stands before the gateway and hands no event on before its stream has ended.
async fn buffering(gateway: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((browser, _)) = listener.accept().await {
            let server = TcpStream::connect(gateway).await.unwrap();
            let (mut from_browser, mut to_browser) = browser.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_browser, &mut to_server).await });
            tokio::spawn(async move {
                let (mut held, mut piece) = (Vec::new(), vec![0; 65_536]);
                while let Ok(length @ 1..) = from_server.read(&mut piece).await {
                    held.extend_from_slice(&piece[..length]);
                    let text = String::from_utf8_lossy(&held);
                    let is_stream = text.contains("text/event-stream");
                    if !is_stream || text.ends_with("0\r\n\r\n") {
                        let _ = to_browser.write_all(&held).await;
                        held.clear();
                    }
                }
                let _ = to_browser.write_all(&held).await;
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reverse_proxy_that_holds_events_back_is_noticed() {
    let gateway = setup().start().await;
    let Some(mut browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/system/diagnostics").await;
    browser.until_count("[data-testid=stream][data-verdict=ok]", 1).await;
    let bundle = browser.run("return document.querySelector('#bundle').textContent").await;
    assert!(bundle.as_str().unwrap().contains("ok: live updates"), "{bundle}");
    browser.until_text("tbody", "free disk").await;
    browser.until_text("tbody", "database size").await;
    browser.examine("diagnostics").await;
    browser.by_way_of(buffering(gateway.address()).await);
    browser.go("/admin/system/diagnostics").await;
    browser.until_count("[data-testid=stream][data-verdict=warn]", 1).await;
    browser.until_text("[data-testid=stream]", "proxy_buffering off").await;
    browser.examine("diagnostics behind a proxy that holds back").await;
    browser.close().await;
}
