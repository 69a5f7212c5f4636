//! Thought signatures that other gateways hide in the ids of calls.

use std::borrow::Cow;

use crate::json::Text;

/// Some gateways put the signature behind this mark into the call's id.
const ID_MARK: &str = "__thought__";

/// The id of a call without a signature hidden in it, and that signature.
pub(super) fn split_id(id: Cow<'_, str>) -> (Cow<'_, str>, Option<Text<'_>>) {
    let Some(at) = id.find(ID_MARK) else {
        return (id, None);
    };
    match id {
        Cow::Borrowed(id) => (id[..at].into(), Some(id[at + ID_MARK.len()..].into())),
        Cow::Owned(id) => {
            let signature = id[at + ID_MARK.len()..].to_owned();
            (id[..at].to_owned().into(), Some(signature.into()))
        }
    }
}
