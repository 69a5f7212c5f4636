//! Who may in: whoever presents the administrator's password.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use secret::TokenDigest;
use std::sync::Arc;

use relay::Gateway;

use crate::error::Error;

/// Lets administrators pass: `Authorization: Bearer <AUTH_TOKEN>`.
pub(crate) async fn administrators_only(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let configuration = gateway.configuration();
    let Some(password) = &configuration.settings.security.auth_token else {
        return Err(Error::NoPassword);
    };
    if !carries(request.headers(), password.expose()) {
        return Err(Error::Unauthorized);
    }
    Ok(next.run(request).await)
}

/// Compares digests, so that the time taken tells nothing about the password.
fn carries(headers: &HeaderMap, password: &str) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Some((scheme, presented)) = value.as_bytes().split_at_checked("Bearer ".len()) else {
        return false;
    };
    scheme.eq_ignore_ascii_case(b"Bearer ")
        && !password.is_empty()
        && TokenDigest::of(presented) == TokenDigest::of(password.as_bytes())
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
        assert!(carries(&headers(&["Bearer sesame"]), "sesame"));
        assert!(carries(&headers(&["bearer sesame"]), "sesame"));
        for wrong in ["Bearer sesam", "Bearer sesame ", "Bearer ", "sesame", "", "Basic sesame"] {
            assert!(!carries(&headers(&[wrong]), "sesame"), "{wrong:?}");
        }
        assert!(!carries(&headers(&["Bearer "]), ""));
        assert!(!carries(&headers(&["Bearer sesame", "Bearer sesame"]), "sesame"));
        assert!(!carries(&HeaderMap::new(), "sesame"));
    }
}
