//! Looking into a database file with another program's eyes.

use std::path::Path;
use std::process::Command;

const SCRIPT: &str = "
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
for row in connection.execute(sys.argv[2]):
    print(*row, sep='\\t')
connection.commit()
connection.close()
";

/// What `statement` gives, one line a row. `None`, said aloud, on a machine without Python.
pub(crate) fn query(file: &Path, statement: &str) -> Option<String> {
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(file).arg(statement).output();
    let Ok(output) = output else {
        println!("skipped: there is no python3 to look into {}", file.display());
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
}
