//! The inputs that the fuzzer has kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

#[test]
fn every_input_that_was_kept_holds_its_property() {
    for (name, property) in fuzzed::PROPERTIES {
        let files: Vec<_> = fs::read_dir(corpus().join(name)).unwrap().collect();
        assert!(files.len() > 3, "{name} has inputs");
        for file in files {
            let path = file.unwrap().path();
            let input = fs::read(&path).unwrap();
            // A panic tells where, but not with which input.
            std::panic::catch_unwind(|| property(&input))
                .unwrap_or_else(|_| panic!("{} breaks {name}", path.display()));
        }
    }
}

#[test]
fn every_property_is_a_target_and_a_corpus() {
    let mut names: Vec<&str> = fuzzed::PROPERTIES.map(|(name, _)| name).to_vec();
    names.sort_unstable();
    let list = |folder: PathBuf| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut names: Vec<String> =
            entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(list(corpus()), names);
    assert_eq!(list(corpus().join("../targets")), names);
}
