//! Proxies in a text that somebody has pasted.

use relay::Way;

/// The addresses in a text, one or several on a line; what follows a `#` is a remark. The error
/// names the line, and repeats nothing of it: there may be a password in it.
pub(crate) fn addresses(text: &str) -> Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or_default();
        if line.trim_start().starts_with('#') {
            continue;
        }
        for word in line.split(|letter: char| letter == ',' || letter.is_whitespace()) {
            let word = word.trim_matches(['"', '\'', '[', ']']);
            if word.is_empty() || found.iter().any(|known| known == word) {
                continue;
            }
            check(word).map_err(|problem| format!("line {}: {problem}", number + 1))?;
            found.push(word.to_owned());
        }
    }
    Ok(found)
}

fn check(address: &str) -> Result<(), String> {
    settings::validate("PROXIES", address).map_err(|_| {
        "a proxy is written as http://, https://, socks5:// or socks5h://, with user:password@ if \
         needed, then host and port"
            .to_owned()
    })?;
    let known = Way::of_proxy(address);
    known
        .map(drop)
        .ok_or_else(|| "a SOCKS proxy's user and password have 1 to 255 bytes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_line_by_line() {
        let text = "# mine\nhttp://one:3128 # in Paris\n\n socks5://u:p@two , https://three\r\nhttp://one:3128";
        let found = addresses(text).unwrap();
        assert_eq!(found, ["http://one:3128", "socks5://u:p@two", "https://three"]);
        assert_eq!(addresses(r#"["http://a", "http://b"]"#).unwrap(), ["http://a", "http://b"]);
        assert_eq!(addresses(" \n#").unwrap(), [""; 0]);
    }

    #[test]
    fn a_mistake_is_named_by_its_line_and_not_repeated() {
        for wrong in ["ftp://u:canary@x", "canary", "http://x/canary", "socks5://canary@x"] {
            let error = addresses(&format!("http://one\n\n{wrong}")).unwrap_err();
            assert!(error.starts_with("line 3: "), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
