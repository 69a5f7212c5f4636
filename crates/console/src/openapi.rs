//! The admin API described in OpenAPI 3.1, from the types and endpoints themselves.

mod reading;

use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, Ref};
use utoipa::{Modify, OpenApi};

use crate::access::session;
use crate::api;

pub(crate) use reading::{Chapter, Component, Described, read};

/// What scripts may ask for below `/api/admin`, as a document that programs can read.
pub fn document() -> Document {
    AdminApi::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "gemini-balance, admin API",
        description = "The administrator's side of the gateway: its pool of keys, client tokens, \
            settings and logs. Times are milliseconds since the Unix epoch; credentials show as \
            masks. A running gateway takes up a change within two seconds."
    ),
    servers((url = "/", description = "The gateway that serves this document")),
    tags(
        (name = "Pool", description = "The pool as a whole"),
        (name = "Keys", description = "The keys of the pool"),
        (name = "Models", description = "What is asked for, and who can serve it"),
        (name = "Proxies", description = "The ways out to Google, and how each does"),
        (name = "Files", description = "What clients have made at Google: files, caches, batches …"),
        (name = "Jobs", description = "Work over many keys, files or proxies, which goes on at the server"),
        (name = "Client tokens", description = "What lets clients in"),
        (name = "Imports", description = "Moving in, and restoring backups: looked at first, then confirmed"),
        (name = "Requests", description = "The log, and why a request went as it did"),
        (name = "Settings", description = "Every setting, and changes of several at once"),
        (name = "Audit", description = "What was done, by whom and to what"),
        (name = "System", description = "Backups by the clock, and newer versions"),
        (name = "People", description = "Who may use the console, and what opens this API to scripts"),
        (name = "Playground", description = "Requests as clients send them, tried out"),
        (name = "About", description = "This document"),
    ),
    paths(
        api::pool::read,
        api::forecast::read,
        api::quota::read,
        api::traffic::read,
        api::errors::list,
        api::errors::mark,
        api::errors::act,
        api::keys::list,
        api::keys::add,
        api::keys::act,
        api::keys::read,
        api::key_why::read,
        api::keys::change,
        api::keys::remove,
        api::files::list,
        api::files::act,
        api::files::clean,
        api::models::list,
        api::models::read,
        api::models::change,
        api::models::act,
        api::models::refresh,
        api::models::test,
        api::jobs::list,
        api::jobs::read,
        api::jobs::cancel,
        api::jobs::undo,
        api::tokens::list,
        api::tokens::create,
        api::tokens::change,
        api::tokens::rotate,
        api::tokens::copy,
        api::tokens::revoke,
        api::token_trial::send,
        api::imports::begin,
        api::imports::begin_file,
        api::imports::read,
        api::imports::change,
        api::imports::forget,
        api::proxies::list,
        api::proxies::add,
        api::proxies::test,
        api::proxies::read,
        api::proxies::change,
        api::proxy_balance::preview,
        api::proxy_balance::rebalance,
        api::proxies::remove,
        api::requests::list,
        api::requests::delete,
        api::requests::summarize,
        api::request::read,
        api::settings::list,
        api::settings::change,
        api::settings::preview,
        api::settings::test,
        api::audit::list,
        api::upkeep::backups,
        api::upkeep::back_up,
        api::upkeep::updates,
        api::upkeep::look,
        api::people::list,
        api::people::add,
        api::people::change,
        api::people::remove,
        api::people::reset_password,
        api::people::change_password,
        api::second_factor::propose,
        api::second_factor::set_up,
        api::second_factor::turn_off,
        api::admin_tokens::list,
        api::admin_tokens::create,
        api::admin_tokens::revoke,
        api::play::send,
        api::play::preview,
        api::conversations::list,
        api::conversations::keep,
        api::conversations::read,
        api::conversations::change,
        api::conversations::forget,
        api::document::read,
    ),
    components(schemas(api::ErrorBody)),
    modifiers(&Doors, &Refusals)
)]
struct AdminApi;

/// The two ways in.
struct Doors;

impl Modify for Doors {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The administrator's password, AUTH_TOKEN, or an admin token"))
            .build();
        let cookie = ApiKeyValue::with_description(
            session::COOKIE,
            "A browser that is signed in at /admin/login",
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let either = ["bearer", "session"].map(|name| SecurityRequirement::new(name, [""; 0]));
        document.security = Some(either.into());
    }
}

/// What every endpoint may answer besides.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut Document) {
        let refusal = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
        let refusal = ResponseBuilder::new()
            .description("Anything else: nobody known, a viewer who wants to change something, a wrong parameter, no database")
            .content("application/json", refusal)
            .build();
        for operation in operations(document) {
            operation.responses.responses.insert("default".to_owned(), refusal.clone().into());
        }
    }
}

fn operations(document: &mut Document) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(|item| {
        let methods = [&mut item.get, &mut item.post, &mut item.patch, &mut item.put];
        methods.into_iter().chain([&mut item.delete]).flatten()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;

    fn value() -> Value {
        serde_json::to_value(document()).unwrap()
    }

    /// Every operation of the document, with its method and path.
    fn described(document: &Value) -> Vec<(String, String, &Value)> {
        let paths = document["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, item)| {
                let operations = item.as_object().unwrap().iter();
                operations.map(move |(method, operation)| {
                    (method.to_uppercase(), path.clone(), operation)
                })
            })
            .collect()
    }

    #[test]
    fn what_is_routed_is_described_and_the_other_way_round() {
        let document = value();
        let described: BTreeSet<_> =
            described(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
        let (_, guarded) = crate::listing();
        let routed: BTreeSet<_> = guarded
            .iter()
            .filter(|route| {
                route.path.starts_with("/api/admin/") || route.path == "/api/openapi.json"
            })
            .map(|route| (route.method.to_string(), route.path.to_owned()))
            .collect();
        assert_eq!(described, routed);
        assert!(routed.len() > 15, "{routed:?}");
    }

    /// What holds bodies, as OpenAPI demands it.
    fn content() -> Value {
        json!({"type": "object", "minProperties": 1, "additionalProperties": {
            "type": "object", "required": ["schema"], "additionalProperties": false,
            "properties": {"schema": {"type": "object"}, "example": {}, "examples": {"type": "object"}}
        }})
    }

    fn operation() -> Value {
        let content = content();
        json!({
            "type": "object", "required": ["operationId", "summary", "tags", "responses"],
            "additionalProperties": false, "properties": {
                "operationId": {"type": "string", "pattern": "^[a-z][A-Za-z]+$"},
                "summary": {"type": "string", "minLength": 5},
                "description": {"type": "string"},
                "tags": {"type": "array", "minItems": 1, "maxItems": 1, "items": {"type": "string"}},
                "parameters": {"type": "array", "items": {
                    "type": "object", "required": ["name", "in", "required", "schema"],
                    "additionalProperties": false, "properties": {
                        "name": {"type": "string"}, "in": {"enum": ["query", "path", "header"]},
                        "required": {"type": "boolean"}, "description": {"type": "string"},
                        "schema": {"type": "object"}
                    },
                    "if": {"properties": {"in": {"const": "path"}}},
                    "then": {"properties": {"required": {"const": true}}}
                }},
                "requestBody": {
                    "type": "object", "required": ["content", "required"],
                    "additionalProperties": false, "properties": {
                        "description": {"type": "string"}, "required": {"const": true},
                        "content": content
                    }
                },
                "responses": {"type": "object", "minProperties": 2, "additionalProperties": false,
                    "patternProperties": {"^([1-5][0-9]{2}|default)$": {
                        "type": "object", "required": ["description"],
                        "additionalProperties": false, "properties": {
                            "description": {"type": "string", "minLength": 5}, "content": content
                        }
                    }}
                }
            }
        })
    }

    /// The parts of OpenAPI 3.1 that are used, as it demands them.
    fn specification() -> Value {
        let operation = operation();
        json!({
            "type": "object", "required": ["openapi", "info", "servers", "paths", "components", "security", "tags"],
            "additionalProperties": false, "properties": {
                "openapi": {"const": "3.1.0"},
                "info": {"type": "object", "required": ["title", "version", "description", "license"]},
                "servers": {"type": "array", "items": {"type": "object", "required": ["url"]}},
                "security": {"const": [{"bearer": []}, {"session": []}]},
                "tags": {"type": "array", "items": {
                    "type": "object", "required": ["name", "description"]
                }},
                "paths": {"type": "object", "propertyNames": {"pattern": "^/"},
                    "additionalProperties": {
                        "type": "object", "minProperties": 1, "additionalProperties": false,
                        "patternProperties": {"^(get|post|put|patch|delete)$": operation}
                    }
                },
                "components": {"type": "object", "required": ["schemas", "securitySchemes"],
                    "additionalProperties": false,
                    "properties": {"schemas": {"type": "object"}, "securitySchemes": {"const": {
                        "bearer": {"type": "http", "scheme": "bearer",
                            "description": "The administrator's password, AUTH_TOKEN, or an admin token"},
                        "session": {"type": "apiKey", "in": "cookie", "name": "gb_session",
                            "description": "A browser that is signed in at /admin/login"}
                    }}}
                }
            }
        })
    }

    #[test]
    fn it_is_what_openapi_demands() {
        let document = value();
        let validator = jsonschema::validator_for(&specification()).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let operations = described(&document);
        let ids: BTreeSet<_> =
            operations.iter().map(|(.., operation)| operation["operationId"].to_string()).collect();
        assert_eq!(ids.len(), operations.len(), "an operation's id stands twice");
        let tags: BTreeSet<_> = document["tags"].as_array().unwrap().iter().map(name).collect();
        for (method, path, operation) in &operations {
            assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{method} {path}");
            let parameters = operation["parameters"].as_array();
            let named: BTreeSet<_> = parameters
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .map(name)
                .collect();
            let places: BTreeSet<_> = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            assert_eq!(named, places, "{method} {path}");
        }
    }

    fn name(value: &Value) -> &str {
        value["name"].as_str().unwrap()
    }

    /// A schema of the document, able to refer to its components.
    fn whole(document: &Value, schema: &Value) -> Value {
        json!({"allOf": [schema], "components": document["components"]})
    }

    /// Where the address says all that there is to say.
    const WITHOUT_BODY: [&str; 3] =
        ["/api/admin/backups", "/api/admin/proxies/rebalance", "/api/admin/updates"];

    #[test]
    fn every_schema_is_one_and_every_example_fits_it() {
        let document = value();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            let whole = whole(&document, schema);
            assert!(jsonschema::meta::is_valid(&whole), "{name}");
            jsonschema::validator_for(&whole).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let mut examples = 0;
        for (method, path, operation) in described(&document) {
            let bodies = operation["responses"].as_object().unwrap().values();
            for body in bodies.chain(operation.get("requestBody")) {
                let Some(content) = body.pointer("/content/application~1json") else { continue };
                let validator =
                    jsonschema::validator_for(&whole(&document, &content["schema"])).unwrap();
                let Some(example) = content.get("example") else { continue };
                let errors: Vec<_> =
                    validator.iter_errors(example).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{method} {path}: {errors:#?}");
                examples += 1;
            }
            let changes = method != "GET" && method != "DELETE";
            // A file is no JSON.
            let is_file =
                operation.pointer("/requestBody/content/application~1octet-stream").is_some();
            assert!(
                !changes
                    || is_file
                    || (WITHOUT_BODY.contains(&path.as_str())
                        && operation.get("requestBody").is_none())
                    || operation
                        .pointer("/requestBody/content/application~1json/example")
                        .is_some(),
                "{method} {path} has no example to send"
            );
        }
        assert!(examples > 12, "{examples}");
    }
}
