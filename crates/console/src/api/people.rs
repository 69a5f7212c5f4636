//! `/api/admin/people`: who may use the console.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Administrator, Store};
use utoipa::ToSchema;

use super::ErrorBody;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::people::{self as changes, MadePassword};
use crate::error::Error;
use crate::state::Peer;

/// Somebody who may use the console.
#[derive(Serialize, ToSchema)]
pub(crate) struct Person {
    id: String,
    name: String,
    /// `administrator` or `viewer`.
    role: &'static str,
    /// Whether a code is asked for after the password.
    second_factor: bool,
    created_at: Timestamp,
}

/// Somebody who is to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    /// What they sign in with.
    name: String,
    /// `administrator` or `viewer`.
    role: String,
    /// At least 12 characters; without it one is made.
    password: Option<String>,
}

/// Somebody's password, as far as it was made here.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonAndPassword {
    #[serde(flatten)]
    person: Person,
    /// The password that was made, in clear this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// What is to change about somebody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonChanges {
    /// `administrator` or `viewer`.
    role: String,
}

/// A password for somebody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordReset {
    /// At least 12 characters; without it one is made.
    password: Option<String>,
}

/// A password for oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    current: String,
    /// At least 12 characters.
    password: String,
}

/// Lists who may use the console, besides whoever knows `AUTH_TOKEN`.
#[utoipa::path(
    get, path = "/api/admin/people", tag = "People", operation_id = "listPeople",
    responses((status = 200, description = "Everybody, by name", body = [Person], example = json!([{
        "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "ann", "role": "administrator",
        "second_factor": true, "created_at": 1_795_241_400_000_i64
    }])))
)]
pub(crate) async fn list(State(store): State<Store>) -> Result<Json<Vec<Person>>, Error> {
    let people = store.administrators().await?;
    Ok(Json(people.into_iter().map(Person::from).collect()))
}

/// Adds an administrator or a viewer.
#[utoipa::path(
    post, path = "/api/admin/people", tag = "People", operation_id = "addPerson",
    request_body(content = NewPerson, example = json!({"name": "ann", "role": "viewer"})),
    responses(
        (status = 201, description = "They may sign in", body = PersonAndPassword, example = json!({
            "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "name": "ann", "role": "viewer",
            "second_factor": false, "created_at": 1_795_241_400_000_i64,
            "password": "0a1b2-c3d4e-5f607-18293"
        })),
        (status = 400, description = "The name, the role or the password cannot be", body = ErrorBody),
        (status = 409, description = "The name is in use", body = ErrorBody),
    )
)]
pub(crate) async fn add(
    State(store): State<Store>,
    identity: Identity,
    wanted: Result<Json<NewPerson>, JsonRejection>,
) -> Result<(StatusCode, Json<PersonAndPassword>), Error> {
    let Json(NewPerson { name, role, password }) = wanted?;
    let added = changes::add(&store, &identity, &name, &role, password.as_deref()).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Makes somebody an administrator or a viewer, and ends their sessions.
#[utoipa::path(
    patch, path = "/api/admin/people/{id}", tag = "People", operation_id = "changePerson",
    params(("id" = String, Path, description = "The person's id")),
    request_body(content = PersonChanges, example = json!({"role": "viewer"})),
    responses(
        (status = 204, description = "It is so"),
        (status = 404, description = "There is nobody of this id", body = ErrorBody),
        (status = 409, description = "They are the last administrator", body = ErrorBody),
    )
)]
pub(crate) async fn change(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<PersonChanges>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(PersonChanges { role }) = wanted?;
    changes::set_role(&store, &identity, &id, &role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes somebody, with their sessions and the admin tokens that they made.
#[utoipa::path(
    delete, path = "/api/admin/people/{id}", tag = "People", operation_id = "removePerson",
    params(("id" = String, Path, description = "The person's id")),
    responses(
        (status = 204, description = "They are removed"),
        (status = 404, description = "There is nobody of this id", body = ErrorBody),
        (status = 409, description = "They are the last administrator", body = ErrorBody),
    )
)]
pub(crate) async fn remove(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    changes::remove(&store, &identity, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives somebody another password, ends their sessions, and revokes the admin tokens that they made.
/// Whoever gets one that was made chooses another when they sign in.
#[utoipa::path(
    post, path = "/api/admin/people/{id}/password", tag = "People", operation_id = "resetPassword",
    params(("id" = String, Path, description = "The person's id")),
    request_body(content = PasswordReset, example = json!({})),
    responses(
        (status = 200, description = "They have another password", body = PersonAndPassword),
        (status = 400, description = "The password is too short", body = ErrorBody),
        (status = 404, description = "There is nobody of this id", body = ErrorBody),
    )
)]
pub(crate) async fn reset_password(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<PasswordReset>, JsonRejection>,
) -> Result<Json<PersonAndPassword>, Error> {
    let Json(PasswordReset { password }) = wanted?;
    let reset = changes::reset_password(&store, &identity, &id, password.as_deref()).await?;
    Ok(Json(reset.into()))
}

/// Changes the password of whoever is signed in, and ends their other sessions.
#[utoipa::path(
    post, path = "/api/admin/people/password", tag = "People", operation_id = "changeOwnPassword",
    request_body(content = PasswordChange, example = json!({
        "current": "correct horse battery", "password": "a staple for the battery"
    })),
    responses(
        (status = 204, description = "It is changed"),
        (status = 400, description = "The present one is wrong, or the new one too short", body = ErrorBody),
        (status = 409, description = "Whoever asks has no password of their own", body = ErrorBody),
        (status = 429, description = "Too many were wrong", body = ErrorBody),
    )
)]
pub(crate) async fn change_password(
    State(console): State<Console>,
    identity: Identity,
    peer: Peer,
    wanted: Result<Json<PasswordChange>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(PasswordChange { current, password }) = wanted?;
    changes::change_password(&console, &identity, peer, &current, &password).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Administrator> for Person {
    fn from(person: Administrator) -> Self {
        Self {
            id: person.id,
            name: person.name,
            role: person.role.as_str(),
            second_factor: person.totp.is_some(),
            created_at: person.created_at,
        }
    }
}

impl From<(Administrator, MadePassword)> for PersonAndPassword {
    fn from((person, password): (Administrator, MadePassword)) -> Self {
        Self { person: person.into(), password: password.map(|made| made.to_string()) }
    }
}
