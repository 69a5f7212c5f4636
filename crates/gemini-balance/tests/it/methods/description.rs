//! The table against Google's own descriptions, where they lie beside this repository.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::table::{ToldBy, all};

/// A verb and a path whose names are stars.
type Call = (String, String);

fn text(file: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(file);
    let found = std::fs::read_to_string(&path).ok();
    if found.is_none() {
        println!("skipped: {} is not there", path.display());
    }
    found
}

fn in_table(told_by: ToldBy) -> BTreeSet<Call> {
    let told = all().filter(|method| method.told_by == told_by);
    told.map(|method| (method.verb.to_owned(), starred(method.path))).collect()
}

/// A path with a star for each name.
fn starred(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |path, part| format!("{path}*{}", part.split_once('}').unwrap().1))
}

/// What an OpenAPI document lists, without the version.
fn described(document: &str) -> BTreeSet<Call> {
    let document: Value = serde_json::from_str(document).unwrap();
    let mut calls = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let (_, below) = path[1..].split_once('/').unwrap();
        let verbs = methods.as_object().unwrap().keys().filter(|verb| *verb != "parameters");
        calls.extend(verbs.map(|verb| (verb.to_ascii_uppercase(), starred(below))));
    }
    calls
}

#[test]
fn the_table_is_what_google_describes() {
    let (Some(api), Some(interactions)) = (
        text("data/gemini/gemini-v1beta-openapi-20251218.json"),
        text("data/gemini/gemini-interactions-openapi-202512.json"),
    ) else {
        return;
    };
    let mut told = described(&api);
    told.extend(described(&interactions));
    let table = in_table(ToldBy::Description);
    let missing: Vec<_> = told.difference(&table).collect();
    let invented: Vec<_> = table.difference(&told).collect();
    assert!(missing.is_empty() && invented.is_empty(), "missing {missing:?}, new {invented:?}");
}

/// What a protobuf file binds to HTTP, without the version.
fn bound(protobuf: &str) -> BTreeSet<Call> {
    let mut calls = BTreeSet::new();
    for verb in ["get", "post", "patch", "delete", "put"] {
        let needle = format!("{verb}: \"/v1beta/");
        for (at, _) in protobuf.match_indices(&needle) {
            let path = protobuf[at + needle.len()..].split('"').next().unwrap();
            // `{name=corpora/*}:query` is written as its pattern.
            let path = path.split('{').map(|part| part.split_once('=').map_or(part, |(_, it)| it));
            calls.insert((verb.to_ascii_uppercase(), path.collect::<String>().replace('}', "")));
        }
    }
    calls
}

#[test]
fn the_table_has_what_only_the_protobufs_have() {
    let services = ["cache", "discuss", "file", "generative", "model", "permission", "prediction"];
    let services = services.iter().chain(&["retriever", "text"]);
    let mut calls = BTreeSet::new();
    for service in services {
        let file = format!("data/gemini/protos/generativelanguage_v1beta/{service}_service.proto");
        let Some(protobuf) = text(&file) else { return };
        // A path may stand on the line below its verb.
        let lines: Vec<_> = protobuf.lines().map(str::trim).collect();
        calls.extend(bound(&lines.join(" ")));
    }
    assert!(calls.len() > 60, "{calls:?}");
    let described = in_table(ToldBy::Description);
    let only: BTreeSet<_> = calls.difference(&described).cloned().collect();
    assert_eq!(only, in_table(ToldBy::Protobufs));
}

#[test]
fn what_is_newer_is_known_from_somewhere() {
    let Some(notes) = text("reference/wire/gemini-api.md") else { return };
    for (verb, path) in in_table(ToldBy::Sdks) {
        let collection = path.split(['/', ':']).next().unwrap();
        assert!(notes.contains(&format!("/{collection}")), "{verb} {path} is invented");
    }
}
