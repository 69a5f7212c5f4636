//! Tools that Anthropic defines and clients run: they are declared by name and version only, since
//! Claude knows what they take. Gemini has to be told.

/// A tool with a fixed schema.
pub(super) struct KnownTool {
    /// `type` without the date of its version.
    kind: &'static str,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// JSON.
    pub(super) schema: &'static str,
}

/// The tool of that `type`, whatever its version.
pub(super) fn find(kind: &str) -> Option<&'static KnownTool> {
    KNOWN.iter().find(|known| kind.strip_prefix(known.kind).is_some_and(is_version))
}

fn is_version(rest: &str) -> bool {
    let digits = rest.strip_prefix('_').unwrap_or(rest);
    digits.bytes().all(|byte| byte.is_ascii_digit())
}

const KNOWN: &[KnownTool] = &[
    KnownTool {
        kind: "bash",
        name: "bash",
        description: "Runs a command in a bash shell that keeps its state between calls. Give \
                      `command`, or `restart` to begin with a fresh shell.",
        schema: r#"{"type":"object","properties":{"command":{"type":"string","description":"The command to run."},"restart":{"type":"boolean","description":"Restart the shell instead."}}}"#,
    },
    KnownTool {
        kind: "text_editor",
        name: "str_replace_based_edit_tool",
        description: "Views, creates and edits text files. `view` shows a file (or lines \
                      `view_range` of it) or lists a directory, `create` writes `file_text`, \
                      `str_replace` replaces `old_str`, which must occur exactly once, by \
                      `new_str`, `insert` puts `insert_text` after line `insert_line`.",
        schema: r#"{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert"]},"path":{"type":"string","description":"Absolute path of the file or directory."},"file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":"integer","description":"0 is before the first line."},"insert_text":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"},"description":"First and last line, counted from 1; -1 is the last of the file."}},"required":["command","path"]}"#,
    },
    KnownTool {
        kind: "memory",
        name: "memory",
        description: "Keeps notes in files below /memories that outlive this conversation: view, \
                      create, str_replace, insert, delete, rename.",
        schema: r#"{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},"path":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}},"file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":"integer"},"insert_text":{"type":"string"},"old_path":{"type":"string"},"new_path":{"type":"string"}},"required":["command"]}"#,
    },
    KnownTool {
        kind: "computer",
        name: "computer",
        description: "Looks at the screen and uses mouse and keyboard. Coordinates are pixels from \
                      the upper left corner. Take a screenshot first, and again to see what an \
                      action did.",
        schema: r#"{"type":"object","properties":{"action":{"type":"string","enum":["screenshot","key","type","mouse_move","left_click","right_click","middle_click","double_click","triple_click","left_click_drag","left_mouse_down","left_mouse_up","scroll","hold_key","wait","cursor_position","zoom"]},"coordinate":{"type":"array","items":{"type":"integer"}},"start_coordinate":{"type":"array","items":{"type":"integer"}},"text":{"type":"string","description":"Text to type, or keys to press."},"scroll_direction":{"type":"string","enum":["up","down","left","right"]},"scroll_amount":{"type":"integer"},"duration":{"type":"number","description":"Seconds."},"region":{"type":"array","items":{"type":"integer"}}},"required":["action"]}"#,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_do_not_matter_and_schemas_are_json() {
        let name = |kind: &str| find(kind).map(|known| known.name);
        assert_eq!(name("bash_20250124"), Some("bash"));
        assert_eq!(name("text_editor_20250728"), Some("str_replace_based_edit_tool"));
        assert_eq!(name("memory_20250818"), Some("memory"));
        assert_eq!(name("computer_20251124"), Some("computer"));
        assert_eq!(name("computer_toolset_20260801"), None);
        for known in KNOWN {
            let schema: serde_json::Value = serde_json::from_str(known.schema).unwrap();
            assert!(schema["properties"].is_object(), "{}", known.name);
        }
    }
}
