use std::path::PathBuf;

use super::*;

/// Compares a checked-in file with what the table says; `UPDATE_DOCS=1` rewrites it.
fn check(file: &str, rendered: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, rendered).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == rendered, "{file} is out of date: UPDATE_DOCS=1 cargo test -p settings");
}

#[test]
fn the_checked_in_documentation_follows_the_table() {
    check("docs/settings.md", &markdown());
    check(".env.example", &env_example());
}

#[test]
fn every_setting_is_in_both_documents() {
    let (markdown, example) = (markdown(), env_example());
    for definition in definitions() {
        assert!(markdown.contains(&format!("| `{}` |", definition.name)), "{}", definition.name);
        assert!(example.contains(&format!("\n#{}=", definition.name)), "{}", definition.name);
    }
}
