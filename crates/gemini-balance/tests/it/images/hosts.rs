//! Pictures by their address: kept by the gateway, or at hosts.

use std::sync::{Arc, Mutex};

use fake_gemini::{FakeGemini, KeyPlan};
use serde_json::{Value, json};
use testkit::{Gateway, eventually, key};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{drawn, linked, size_of};
use crate::house::{google, setup};

/// A host that answers every upload alike, and remembers them.
struct Host {
    address: String,
    uploads: Arc<Mutex<Vec<String>>>,
}

impl Host {
    async fn start(status: u16, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let uploads = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&uploads);
        tokio::spawn(async move {
            while let Ok((mut peer, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !is_whole(&request) && peer.read_buf(&mut request).await.unwrap_or(0) > 0 {}
                seen.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
                let length = answer.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
                );
                let _ = peer.write_all(head.as_bytes()).await;
            }
        });
        Self { address, uploads }
    }

    fn upload(&self) -> String {
        self.uploads.lock().unwrap().pop().unwrap()
    }
}

/// Whether a request has come to the end that its head promises.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
    });
    request.len() >= end + 4 + length.unwrap_or(0)
}

async fn gateway(settings: &[(&str, &str)]) -> (FakeGemini, Gateway) {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let setup = settings.iter().fold(setup, |setup, (name, value)| setup.with(name, *value));
    (google, setup.start().await)
}

fn by_url() -> Value {
    json!({"prompt": "a cat", "size": "1024x1536", "response_format": "url"})
}

fn header<'a>(upload: &'a str, name: &str) -> &'a str {
    let lines = upload.lines().take_while(|line| !line.is_empty());
    let mut found = lines.filter_map(|line| line.split_once(": "));
    found.find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_keeps_pictures_and_serves_them_to_whoever_knows_their_name() {
    let (_google, gateway) = gateway(&[]).await;
    let client = gateway.client();
    let answer = drawn(&client, &by_url()).await;
    let url = answer["data"][0]["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("http://{}/images/", client.address())), "{url}");
    let picture = linked(&gateway, url).await;
    assert_eq!((picture.status, size_of(&picture.body)), (200, (16, 24)));
    assert_eq!(picture.header("content-type"), Some("image/png"));
    assert_eq!(picture.header("x-content-type-options"), Some("nosniff"));
    let policy = picture.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    let cached = picture.header("cache-control").unwrap();
    let seconds: u64 = cached.split(['=', ',']).nth(2).unwrap().parse().unwrap();
    assert!((86_000..=86_400).contains(&seconds), "{cached}");

    for path in [&url[..url.len() - 5], &url.replace('-', "-0"), "/images/a.png"] {
        assert_eq!(linked(&gateway, path).await.status, 404, "{path}");
    }
    let path = &url[url.find("/images/").unwrap()..];
    let head = client.anonymous("HEAD", path).send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(client.anonymous("POST", path).send().await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_outlive_a_restart_and_begin_with_the_public_address() {
    let (_google, mut gateway) = gateway(&[("PUBLIC_URL", "https://ai.example/")]).await;
    let answer = drawn(&gateway.client(), &by_url()).await;
    let url = answer["data"][0]["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("https://ai.example/images/"), "{url}");
    gateway.kill().await;
    gateway.start_again().await;
    assert_eq!(linked(&gateway, &url).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_host_is_spoken_to_in_its_own_way() {
    const NAMED: &str = r#"{"success":true,"data":{"url":"https://host/a.png"}}"#;
    const LISTED: &str = r#"{"success":true,"result":["https://host/a.png"]}"#;
    const SOURCE: &str = r#"[{"src":"/file/a.png"}]"#;
    for (provider, answer, settings, line, expected) in [
        (
            "smms",
            NAMED,
            [("SMMS_API_URL", "/api"), ("SMMS_SECRET_TOKEN", "=s")],
            "POST /api HTTP/1.1",
            "https://host/a.png",
        ),
        (
            "picgo",
            LISTED,
            [("PICGO_API_URL", "/1/upload"), ("PICGO_API_KEY", "=s")],
            "POST /1/upload?key=s HTTP/1.1",
            "https://host/a.png",
        ),
        (
            "cloudflare_imgbed",
            SOURCE,
            [("CLOUDFLARE_IMGBED_URL", "/upload"), ("CLOUDFLARE_IMGBED_AUTH_CODE", "=s")],
            "POST /upload?uploadFolder=&authCode=s&uploadNameType=origin HTTP/1.1",
            "/file/a.png",
        ),
    ] {
        let host = Host::start(200, answer).await;
        let values: Vec<(&str, String)> = settings
            .iter()
            .map(|(name, value)| {
                let value = value.strip_prefix('=').map(str::to_owned);
                (*name, value.unwrap_or_else(|| format!("{}{}", host.address, settings[0].1)))
            })
            .collect();
        let mut values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        values.push(("UPLOAD_PROVIDER", provider));
        let (_google, gateway) = gateway(&values).await;
        // With a host, addresses are what is given where nothing else is asked for.
        let answer = drawn(&gateway.client(), &json!({"prompt": "a cat"})).await;
        let url = answer["data"][0]["url"].as_str().unwrap();
        assert!(url.ends_with(expected), "{provider}: {url}");
        let upload = host.upload();
        assert!(upload.starts_with(line), "{provider}: {upload}");
        assert!(upload.contains("filename=\"") && upload.contains("Content-Type: image/png"));
        if provider == "smms" {
            assert_eq!(header(&upload, "authorization"), "Basic s");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_are_written_to_with_signatures() {
    let host = Host::start(200, "").await;
    let oss = [
        ("UPLOAD_PROVIDER", "aliyun_oss"),
        ("OSS_ENDPOINT", host.address.as_str()),
        ("OSS_BUCKET_NAME", "bucket"),
        ("OSS_ACCESS_KEY", "id"),
        ("OSS_ACCESS_KEY_SECRET", "secret"),
        ("OSS_REGION", "cn"),
    ];
    let s3 = [
        ("UPLOAD_PROVIDER", "s3"),
        ("S3_ENDPOINT", host.address.as_str()),
        ("S3_BUCKET", "bucket"),
        ("S3_ACCESS_KEY", "id"),
        ("S3_SECRET_KEY", "secret"),
        ("S3_PUBLIC_URL", "https://cdn.example/"),
    ];
    for (settings, scheme, base) in [
        (&oss, "OSS id:", format!("{}/bucket/", host.address)),
        (&s3, "AWS4-HMAC-SHA256 Credential=id/", "https://cdn.example/".to_owned()),
    ] {
        let (_google, gateway) = gateway(settings).await;
        let answer = drawn(&gateway.client(), &by_url()).await;
        let url = answer["data"][0]["url"].as_str().unwrap();
        let upload = host.upload();
        let name = url.strip_prefix(&base).unwrap();
        assert!(upload.starts_with(&format!("PUT /bucket/{name} HTTP/1.1")), "{upload}");
        assert!(header(&upload, "authorization").starts_with(scheme), "{upload}");
        assert_eq!(header(&upload, "content-type"), "image/png");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_fails_costs_nobody_a_picture() {
    let host = Host::start(500, "{}").await;
    let settings = [
        ("UPLOAD_PROVIDER", "smms"),
        ("SMMS_API_URL", host.address.as_str()),
        ("SMMS_SECRET_TOKEN", "canary-of-a-host"),
    ];
    let (_google, gateway) = gateway(&settings).await;
    let answer = drawn(&gateway.client(), &by_url()).await;
    let url = answer["data"][0]["url"].as_str().unwrap();
    assert!(url.starts_with("data:image/png;base64,"), "{url}");
    eventually("it is in the log", || async {
        gateway.stderr().text().contains("the host answered with status 500")
    })
    .await;
    assert!(!gateway.stderr().text().contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_in_chats_become_links_where_they_can_lie_somewhere() {
    let (_google, gateway) = gateway(&[("PUBLIC_URL", "https://ai.example")]).await;
    let client = gateway.client();
    for (model, stream) in
        [("gemini-3.1-flash-image-chat", false), ("gemini-3.1-flash-image-chat", true)]
    {
        let messages = json!([{"role": "user", "content": "a cat"}]);
        let chat = json!({"model": model, "messages": messages, "stream": stream});
        let answer = client.post("/v1/chat/completions", chat.to_string()).send().await;
        let said: String = if stream {
            let events = answer.events().into_iter().filter(|data| data != "[DONE]");
            let parsed = events.map(|data| crate::house::parse(&data));
            parsed
                .filter_map(|event| {
                    event["choices"][0]["delta"]["content"].as_str().map(str::to_owned)
                })
                .collect()
        } else {
            answer.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
        };
        let url = said.strip_prefix("![image](").unwrap().strip_suffix(')').unwrap();
        assert!(url.starts_with("https://ai.example/images/"), "{said}");
        assert_eq!(linked(&gateway, url).await.status, 200);
    }
}
