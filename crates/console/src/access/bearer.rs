//! The administrator's password, presented as `Authorization: Bearer <AUTH_TOKEN>`.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use secret::TokenDigest;
use settings::Hidden;

/// Whether the headers carry this password. Digests are compared, so that the time taken tells
/// nothing about it.
pub(super) fn carries(headers: &HeaderMap, password: Option<&Hidden>) -> bool {
    let Some(password) = password else { return false };
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Some((scheme, presented)) = value.as_bytes().split_at_checked("Bearer ".len()) else {
        return false;
    };
    scheme.eq_ignore_ascii_case(b"Bearer ") && is_password(presented, password)
}

/// Whether this is the password.
pub(crate) fn is_password(presented: &[u8], password: &Hidden) -> bool {
    let password = password.expose().as_bytes();
    !password.is_empty() && TokenDigest::of(presented) == TokenDigest::of(password)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_whole_password_opens() {
        let headers = |values: &[&'static str]| -> HeaderMap {
            values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value))).collect()
        };
        let sesame = Hidden::new("sesame");
        let opens = |values: &[&'static str]| carries(&headers(values), Some(&sesame));
        assert!(opens(&["Bearer sesame"]));
        assert!(opens(&["bearer sesame"]));
        for wrong in ["Bearer sesam", "Bearer sesame ", "Bearer ", "sesame", "", "Basic sesame"] {
            assert!(!opens(&[wrong]), "{wrong:?}");
        }
        assert!(!carries(&headers(&["Bearer "]), Some(&Hidden::new(""))));
        assert!(!opens(&["Bearer sesame", "Bearer sesame"]));
        assert!(!opens(&[]));
        assert!(!carries(&headers(&["Bearer sesame"]), None));
    }
}
