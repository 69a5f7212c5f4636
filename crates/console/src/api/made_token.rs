use secret::{AdminToken, ClientToken};
use serde::Serialize;
use utoipa::ToSchema;

use crate::changes::Made;

/// A token that was made, in clear this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeToken {
    id: String,
    name: String,
    token: String,
}

impl From<Made<ClientToken>> for MadeToken {
    fn from(Made { id, name, token }: Made<ClientToken>) -> Self {
        Self { id, name, token: token.expose().to_owned() }
    }
}

impl From<Made<AdminToken>> for MadeToken {
    fn from(Made { id, name, token }: Made<AdminToken>) -> Self {
        Self { id, name, token: token.expose().to_owned() }
    }
}
