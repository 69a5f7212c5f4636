//! Where a picture lies, by what its host answers.

use serde::Deserialize;
use url::Url;

use crate::{Outgoing, UploadError};

/// Everything that hosts answer, of which each gives its part.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer {
    /// SM.MS.
    data: Option<Named>,
    /// SM.MS, of a picture that it has already.
    images: Option<String>,
    /// `PicGo`.
    result: Option<Vec<String>>,
    /// Chevereto.
    image: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    url: Option<String>,
}

/// Cloudflare `ImgBed`.
#[derive(Deserialize)]
struct Source {
    src: String,
}

/// Where the picture lies that was sent, by the host's answer.
pub fn address(sent: &Outgoing, status: u16, body: &[u8]) -> Result<String, UploadError> {
    if !(200..300).contains(&status) {
        return Err(UploadError::Status(status));
    }
    if let Some(address) = &sent.lies_at {
        return Ok(address.clone());
    }
    let found = named(body).or_else(|| listed(&sent.url, body));
    found.filter(|address| is_web(address)).ok_or(UploadError::Answer)
}

fn named(body: &[u8]) -> Option<String> {
    let Answer { data, images, result, image } = serde_json::from_slice(body).ok()?;
    let of_list = result.and_then(|list| list.into_iter().next());
    data.and_then(|data| data.url).or(images).or(of_list).or_else(|| image.and_then(|one| one.url))
}

/// An address without a host is meant beside the one that took the upload.
fn listed(url: &Url, body: &[u8]) -> Option<String> {
    let sources: Vec<Source> = serde_json::from_slice(body).ok()?;
    let source = sources.into_iter().next()?.src;
    if is_web(&source) {
        return Some(source);
    }
    let whole = url.as_str();
    let base = whole.split("/upload").next().unwrap_or(whole);
    Some(format!("{base}/{}", source.trim_start_matches('/')))
}

fn is_web(address: &str) -> bool {
    let is_plain = address.chars().all(|letter| letter.is_ascii_graphic() && letter != ')');
    (address.starts_with("https://") || address.starts_with("http://")) && is_plain
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;

    fn told(body: &str) -> Result<String, UploadError> {
        let sent = Outgoing {
            method: Method::POST,
            url: Url::parse("https://img.example/sub/upload?authCode=s").unwrap(),
            headers: HeaderMap::new(),
            body: "".into(),
            lies_at: None,
        };
        address(&sent, 200, body.as_bytes())
    }

    #[test]
    fn every_host_has_its_own_place_for_it() {
        for (body, expected) in [
            (r#"{"success":true,"data":{"url":"https://s/a.png"}}"#, "https://s/a.png"),
            (
                r#"{"success":false,"code":"image_repeated","images":"https://s/b.png"}"#,
                "https://s/b.png",
            ),
            (r#"{"success":true,"result":["https://p/c.png"]}"#, "https://p/c.png"),
            (r#"{"status_code":200,"image":{"url":"http://c/d.png"}}"#, "http://c/d.png"),
            (r#"[{"src":"/file/e.png"}]"#, "https://img.example/sub/file/e.png"),
            (r#"[{"src":"https://f/e.png"}]"#, "https://f/e.png"),
        ] {
            assert_eq!(told(body).as_deref(), Ok(expected));
        }
        for body in [
            "",
            "{}",
            "[]",
            "<html>",
            r#"{"data":{"url":"javascript:x"}}"#,
            r#"{"data":{"url":"https://x/) evil"}}"#,
        ] {
            assert_eq!(told(body), Err(UploadError::Answer), "{body}");
        }
    }
}
