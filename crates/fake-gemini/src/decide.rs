//! Comes next.
use crate::{call::Call, reply::Reply, server::Google};
pub(crate) fn decide(_google: &Google, _call: &Call) -> Reply {
    Reply::whole(http::StatusCode::NOT_FOUND, crate::reply::HTML, "")
}
