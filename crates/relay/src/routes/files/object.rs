//! A file as Google and as OpenAI describe it.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// What a file is for, where nobody has said so: Google does not keep it.
const PURPOSE: &str = "user_data";

#[derive(Deserialize)]
struct Told {
    file: GoogleFile,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GoogleFile {
    name: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    size_bytes: Option<String>,
    #[serde(default)]
    create_time: Option<String>,
    #[serde(default)]
    expiration_time: Option<String>,
    #[serde(default)]
    state: Option<String>,
}

/// Google's name of a file that OpenAI's API calls `id`.
pub(crate) fn google_name(id: &str) -> Option<String> {
    let own = id.strip_prefix("file-").or_else(|| id.strip_prefix("files/"))?;
    Some(format!("files/{own}"))
}

/// The other way round.
pub(crate) fn openai_id(name: &str) -> String {
    format!("file-{}", name.strip_prefix("files/").unwrap_or(name))
}

/// What Google does not know of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    pub(super) purpose: Option<String>,
    /// The size of what the client has sent, where Google has something else.
    pub(super) bytes: Option<u64>,
    /// Added to the id, where it is a part of Google's file.
    pub(super) part: &'static str,
}

/// OpenAI's object for what Google says of a file.
pub(super) fn to_openai(google: &[u8], own: &Own) -> Option<Value> {
    let told = serde_json::from_slice::<Told>(google).map(|told| told.file);
    let file = told.or_else(|_| serde_json::from_slice::<GoogleFile>(google)).ok()?;
    let status = match file.state.as_deref() {
        Some("PROCESSING") => "uploaded",
        Some("FAILED") => "error",
        _ => "processed",
    };
    let bytes = file.size_bytes.and_then(|bytes| bytes.parse::<u64>().ok());
    let bytes = own.bytes.or(bytes).unwrap_or(0);
    Some(json!({
        "id": format!("{}{}", openai_id(&file.name), own.part),
        "object": "file",
        "bytes": bytes,
        "created_at": file.create_time.and_then(|time| seconds(&time)).unwrap_or(0),
        "expires_at": file.expiration_time.and_then(|time| seconds(&time)),
        "filename": file.display_name.unwrap_or_else(|| file.name.clone()),
        "purpose": own.purpose.as_deref().unwrap_or(PURPOSE),
        "status": status,
    }))
}

/// A time of Google's, in seconds since the epoch.
fn seconds(time: &str) -> Option<i64> {
    time.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_google_is_told_as_one_of_openai() {
        let file = r#"{"file":{"name":"files/abc-1","displayName":"a.pdf","sizeBytes":"12","state":"PROCESSING",
            "createTime":"2026-11-26T06:00:00.123456789Z","expirationTime":"2026-11-28T06:00:00Z"}}"#;
        let vision = Own { purpose: Some("vision".to_owned()), ..Own::default() };
        let told = to_openai(file.as_bytes(), &vision).unwrap();
        assert_eq!((&told["id"], &told["bytes"]), (&json!("file-abc-1"), &json!(12)));
        assert_eq!((&told["status"], &told["purpose"]), (&json!("uploaded"), &json!("vision")));
        let (made, ends) =
            (told["created_at"].as_i64().unwrap(), told["expires_at"].as_i64().unwrap());
        assert_eq!(ends - made, 172_800);
        assert_eq!(google_name("file-abc-1").as_deref(), Some("files/abc-1"));
        assert_eq!(google_name("abc"), None);
        let bare = to_openai(br#"{"name":"files/x"}"#, &Own::default()).unwrap();
        assert_eq!((&bare["filename"], &bare["purpose"]), (&json!("files/x"), &json!("user_data")));
        assert!(to_openai(b"{}", &Own::default()).is_none());
    }
}
