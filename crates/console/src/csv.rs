//! Tables as text that spreadsheets open.

use std::fmt::Write as _;

/// A row. What a spreadsheet would take for a formula is told apart by a quotation mark.
pub(crate) fn row<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let mut line = String::new();
    for (number, cell) in cells.into_iter().enumerate() {
        if number > 0 {
            line.push(',');
        }
        let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let guard = if is_formula { "'" } else { "" };
        if is_formula || cell.contains([',', '"', '\n', '\r']) {
            // Writing into a text does not fail.
            let _ = write!(line, "\"{guard}{}\"", cell.replace('"', "\"\""));
        } else {
            line.push_str(cell);
        }
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn cells_stay_apart_and_are_no_formulas() {
        assert_eq!(row(["a", "", "b c"]), "a,,b c\r\n");
        assert_eq!(
            row(["a,b", "say \"hi\"", "two\nlines"]),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n"
        );
        assert_eq!(row(["=1+1", "@x"]), "\"'=1+1\",\"'@x\"\r\n");
    }
}
