//! Cookies of a request (RFC 6265, section 4.2): ours hold no character that needs decoding.

use http::HeaderMap;
use http::header::COOKIE;

/// The value of the first cookie of this name.
pub(crate) fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| own.trim() == name).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_first_of_a_name_counts() {
        let mut headers = HeaderMap::new();
        assert_eq!(find(&headers, "a"), None);
        headers.append(COOKIE, HeaderValue::from_static("b=1; a=2;a=3"));
        headers.append(COOKIE, HeaderValue::from_static("c=x=y"));
        assert_eq!(find(&headers, "a"), Some("2"));
        assert_eq!(find(&headers, "c"), Some("x=y"));
        assert_eq!(find(&headers, "aa"), None);
    }
}
