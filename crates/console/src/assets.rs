//! Scripts, styles and fonts, inside the binary. Their addresses hold a hash of their content, so
//! browsers keep them for ever.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use rust_embed::Embed;

use crate::error::Error;

#[derive(Embed)]
#[folder = "assets/"]
struct Assets;

/// Where the asset of this name is fetched.
pub(crate) fn address(name: &str) -> String {
    let hash = Assets::get(name).map(|file| file.metadata.sha256_hash()).unwrap_or_default();
    let hash = hash.iter().take(6).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("/admin/assets/{hash}/{name}")
}

/// `GET /admin/assets/{hash}/{name}`. The hash only names the address: styles refer to fonts beside
/// them without knowing theirs.
pub(crate) async fn read(Path((_, name)): Path<(String, String)>) -> Result<Response, Error> {
    let file = Assets::get(&name).ok_or(Error::UnknownAddress)?;
    let kind = file.metadata.mimetype().to_owned();
    let headers =
        [(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned())];
    Ok((headers, file.data.into_owned()).into_response())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path as FilePath;

    use super::*;

    #[test]
    fn files_of_others_are_what_they_were() {
        let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        let manifest = std::fs::read_to_string(folder.join("vendor/MANIFEST.toml")).unwrap();
        let mut listed = BTreeMap::new();
        let mut file = String::new();
        for line in manifest.lines() {
            if let Some(name) = line.strip_prefix("[\"") {
                file = name.trim_end_matches("\"]").to_owned();
            } else if let Some((name, value)) = line.split_once(" = ") {
                let value = value.trim_matches('"').to_owned();
                listed.entry(file.clone()).or_insert_with(BTreeMap::new).insert(name, value);
            }
        }
        let files = std::fs::read_dir(folder.join("vendor")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        for name in names.filter(|name| name != "MANIFEST.toml") {
            let entry = listed.remove(&name).unwrap_or_else(|| panic!("{name} is not listed"));
            let file = Assets::get(&format!("vendor/{name}")).unwrap();
            let hash = file.metadata.sha256_hash();
            let hash = hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
            assert_eq!(entry["sha256"], hash, "{name} is not the file that was vendored");
            assert!(folder.join(&entry["licence_text"]).exists(), "{name} has no licence");
        }
        assert!(listed.is_empty(), "listed, but missing: {listed:?}");
    }

    #[tokio::test]
    async fn what_is_no_asset_is_not_found() {
        for name in ["nothing.js", "../Cargo.toml", "vendor/../../Cargo.toml"] {
            let answer = read(Path(("0".to_owned(), name.to_owned()))).await;
            assert!(matches!(answer, Err(Error::UnknownAddress)), "{name}");
        }
        assert!(read(Path(("0".to_owned(), "app.css".to_owned()))).await.is_ok());
    }
}
