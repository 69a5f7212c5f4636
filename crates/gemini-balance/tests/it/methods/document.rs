//! `docs/api.md`: the table of methods is written from ours, what stands around it is its own.

use std::fmt::Write as _;
use std::path::Path;

use super::table::{How, all};

const BEGINS: &str = "<!-- Generated. Rewrite with: UPDATE_DOCS=1 cargo test -p gemini-balance --test it methods::document -->\n";
const ENDS: &str = "<!-- End of what is generated. -->\n";

/// How a method is treated, in words, and the test that shows it.
fn treatment(how: How) -> (&'static str, &'static str) {
    match how {
        How::Pool => ("pool", "what_any_key_can_do_comes_through_as_it_is"),
        How::Streams => ("pool, streamed", "streams_come_through_as_they_are"),
        How::Makes => ("creates", "what_is_made_belongs_to_the_key_and_the_token_that_made_it"),
        How::Bound => ("affinity", "what_is_about_something_goes_to_its_key_for_its_token"),
        How::Lists => ("lists", "lists_hold_what_the_token_has_made_in_any_project"),
        How::Uploads => ("upload", "uploads_reach_the_key_that_they_belong_to"),
    }
}

fn table() -> String {
    let mut table = String::from("| method | request | treatment | test (`methods::…`) |\n");
    table.push_str("| --- | --- | --- | --- |\n");
    for method in all() {
        let (words, test) = treatment(method.how);
        let upload = if method.how == How::Uploads { "/upload" } else { "" };
        let (id, verb, path) = (method.id, method.verb, method.path);
        writeln!(table, "| `{id}` | `{verb} {upload}/v1beta/{path}` | {words} | `{test}` |")
            .unwrap();
    }
    table
}

#[test]
fn the_document_has_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGINS).unwrap();
    let (kept, after) = rest.split_once(ENDS).unwrap();
    let table = format!("\n{}\n", table());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGINS}{table}{ENDS}{after}")).unwrap();
    } else {
        assert!(kept == table, "docs/api.md is out of date; its table says how to rewrite it");
    }
}

#[test]
fn every_treatment_is_explained_and_has_its_test() {
    let tests = include_str!("../methods.rs");
    let document =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api.md"));
    let document = document.unwrap();
    for method in all() {
        let (words, test) = treatment(method.how);
        assert!(tests.contains(&format!("async fn {test}()")), "{test}");
        assert!(document.contains(&format!("| **{words}** |")), "{words}");
    }
}
