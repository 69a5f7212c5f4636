//! `/api/config/ui/models`: the models that settings can name.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::State as Console;
use crate::error::Error;

/// `GET /api/config/ui/models`: the list that OpenAI's clients get, and whether it is one.
pub(crate) async fn list(State(console): State<Console>) -> Result<Json<Value>, Error> {
    let list = console.gateway.list_models().await.map_err(Error::NoModels)?;
    let mut list: Value = serde_json::from_slice(&list).map_err(|_| Error::Internal)?;
    list["success"] = json!(true);
    Ok(Json(list))
}
