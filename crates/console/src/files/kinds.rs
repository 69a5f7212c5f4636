//! The kinds of what exists at Google, by short names.

/// Short names for the lists that things are found in.
const NAMES: [(&str, &str); 12] = [
    ("files", "file"),
    ("uploads", "upload"),
    ("cachedContents", "cache"),
    ("batches", "batch"),
    ("operations", "operation"),
    ("fileSearchStores", "store"),
    ("interactions", "interaction"),
    ("generatedFiles", "generated_file"),
    ("tunedModels", "tuned_model"),
    ("videos", "video"),
    ("agents", "agent"),
    ("corpora", "corpus"),
];

/// The short name of a list, such as `operation` for `models/veo/operations`.
pub(crate) fn kind_name(kind: &str) -> &str {
    let collection = kind.rsplit('/').next().unwrap_or(kind);
    let name = NAMES.iter().find(|(list, _)| *list == collection);
    name.map_or(collection, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_short_names() {
        assert_eq!(kind_name("files"), "file");
        assert_eq!(kind_name("models/veo/operations"), "operation");
        assert_eq!(kind_name("voices"), "voices");
    }
}
