//! The parameters of a query.

use std::borrow::Cow;

use dialect::DialectError;
use http::Request;
use hyper::body::Incoming;

/// The parameters of a query.
pub(super) struct Query<'r>(Vec<(Cow<'r, str>, Cow<'r, str>)>);

impl<'r> Query<'r> {
    pub(super) fn of(request: &'r Request<Incoming>) -> Self {
        Self::read(request.uri().query().unwrap_or_default())
    }

    fn read(query: &'r str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).collect())
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// A switch; off where it is not named.
    pub(super) fn flag(&self, name: &str) -> Result<bool, DialectError> {
        match self.value(name) {
            Some("true") => Ok(true),
            None | Some("false") => Ok(false),
            Some(_) => Err(invalid(name, "must be true or false")),
        }
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, DialectError> {
        let number = self.value(name).map(str::parse).transpose();
        number.map_err(|_| invalid(name, "must be a whole number, and not negative"))
    }
}

fn invalid(name: &str, rule: &str) -> DialectError {
    DialectError::invalid(name, format!("Invalid value for '{name}': {rule}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_or_named() {
        let query = Query::read("stream=true&starting_after=7&x=no&y=-1");
        assert_eq!((query.flag("stream"), query.flag("none")), (Ok(true), Ok(false)));
        assert_eq!((query.number("starting_after"), query.number("none")), (Ok(Some(7)), Ok(None)));
        assert_eq!(query.flag("x").unwrap_err().param.as_deref(), Some("x"));
        assert_eq!(query.number("y").unwrap_err().param.as_deref(), Some("y"));
    }
}
