//! The HTML pages of Google's front end.

use http::StatusCode;

use crate::reply::{HTML, Reply};

/// The page of a path that no API has.
pub(crate) fn not_found(path: &str) -> Reply {
    let path = path.replace('&', "&amp;").replace('<', "&lt;");
    let said = format!("The requested URL <code>{path}</code> was not found on this server.");
    page(StatusCode::NOT_FOUND, "Not Found", &said)
}

/// The page of a front end that lost its back end.
pub(crate) fn bad_gateway() -> Reply {
    let said = "The server encountered a temporary error and could not complete your \
                request.<p>Please try again in 30 seconds.";
    page(StatusCode::BAD_GATEWAY, "Server Error", said)
}

/// An HTML page that claims to be a JSON answer.
pub(crate) fn in_json() -> Reply {
    let body = "<!DOCTYPE html>\n<html lang=en><title>Sign in</title><p>Please sign in.\n";
    Reply::whole(StatusCode::OK, crate::reply::JSON, body)
}

fn page(status: StatusCode, title: &str, said: &str) -> Reply {
    let code = status.as_u16();
    let body = format!(
        "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  \
         <title>Error {code} ({title})!!1</title>\n  <p><b>{code}.</b> \
         <ins>That\u{2019}s an error.</ins>\n  <p>{said}  <ins>That\u{2019}s all we know.</ins>\n"
    );
    Reply::whole(status, HTML, body)
}
