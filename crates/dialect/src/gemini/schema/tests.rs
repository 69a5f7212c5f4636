use serde_json::json;

use super::*;

#[expect(clippy::needless_pass_by_value, reason = "reads better with a literal")]
fn cleaned(schema: Value) -> Value {
    clean(&schema).unwrap().schema
}

#[test]
fn noise_goes_and_names_of_properties_are_no_keywords() {
    let schema = cleaned(json!({
        "$schema": "s", "type": "object", "x-order": 1, "strict": true,
        "properties": {
            "default": {"type": "string", "default": "a", "examples": ["b"], "pattern": "^a"},
            "x-id": {"type": "integer"}
        }
    }));
    assert_eq!(
        schema,
        json!({"type": "object", "properties": {
            "default": {"type": "string", "pattern": "^a"}, "x-id": {"type": "integer"}
        }})
    );
}

#[test]
fn constants_and_enums_become_what_gemini_reads() {
    assert_eq!(cleaned(json!({"const": "a"})), json!({"enum": ["a"], "type": "string"}));
    assert_eq!(cleaned(json!({"const": 3})), json!({"enum": [3], "type": "integer"}));
    assert_eq!(cleaned(json!({"const": true})), json!({"type": "boolean"}));
    assert_eq!(cleaned(json!({"const": null})), json!({"type": "null"}));
    assert_eq!(
        cleaned(json!({"type": "string", "enum": ["a", null]})),
        json!({"type": ["string", "null"], "enum": ["a"]})
    );
    let mixed = clean(&json!({"enum": ["a", 1]})).unwrap();
    assert!(mixed.lossy);
    assert_eq!(mixed.schema, json!({"type": "string", "enum": ["a", "1"]}));
}

#[test]
fn nullable_and_bounds() {
    assert_eq!(
        cleaned(json!({"type": "STRING", "nullable": true})),
        json!({"type": ["string", "null"]})
    );
    assert_eq!(
        cleaned(json!({"anyOf": [{"type": "string"}], "nullable": true})),
        json!({"anyOf": [{"type": "string"}, {"type": "null"}]})
    );
    assert_eq!(
        cleaned(json!({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 9})),
        json!({"type": "integer", "minimum": 1, "maximum": 8})
    );
    assert_eq!(
        cleaned(json!({"type": "number", "exclusiveMinimum": 0.5})),
        json!({"type": "number", "minimum": 0.5})
    );
    assert_eq!(
        cleaned(json!({"type": "integer", "minimum": 5, "exclusiveMinimum": 1})),
        json!({"type": "integer", "minimum": 5})
    );
    assert_eq!(
        cleaned(json!({"type": "integer", "minimum": 5, "exclusiveMinimum": true})),
        json!({"type": "integer", "minimum": 6})
    );
}

#[test]
fn references_stay_local() {
    assert_eq!(
        cleaned(json!({
            "type": "object",
            "properties": {"a": {"$ref": "#/definitions/N", "description": "d"},
                           "b": {"$ref": "#/$defs/N", "nullable": true},
                           "c": {"$ref": "#/properties/d/items"},
                           "d": {"type": "array", "items": {"type": "string"}},
                           "e": {"$ref": "https://example.com/s"}},
            "definitions": {"N": {"type": "object", "properties": {"next": {"$ref": "#/definitions/N"}}}}
        })),
        json!({
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/N"},
                           "b": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]},
                           "c": {"type": "string"},
                           "d": {"type": "array", "items": {"type": "string"}},
                           "e": {}},
            "$defs": {"N": {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}}}
        })
    );
}

#[test]
fn a_root_reference_is_replaced_by_its_target() {
    assert_eq!(
        cleaned(json!({
            "$ref": "#/$defs/N", "$schema": "s",
            "$defs": {"N": {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}}}
        })),
        json!({
            "type": "object", "properties": {"next": {"$ref": "#/$defs/N"}},
            "$defs": {"N": {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}}}
        })
    );
}

#[test]
fn references_to_the_root_do_not_run_forever() {
    let clean = clean(&json!({"type": "object", "properties": {"child": {"$ref": "#"}}})).unwrap();
    assert!(clean.lossy);
    assert_eq!(
        clean.schema["properties"]["child"]["properties"]["child"],
        json!({"type": "object"})
    );
}

#[test]
fn all_of_is_merged() {
    assert_eq!(
        cleaned(json!({
            "allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": {"type": "string"}}, "required": ["b"]}],
            "$defs": {"A": {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}}
        })),
        json!({
            "type": "object",
            "properties": {"a": {"enum": [1], "type": "integer"}, "b": {"type": "string"}},
            "required": ["a", "b"],
            "$defs": {"A": {"type": "object", "properties": {"a": {"enum": [1], "type": "integer"}}, "required": ["a"]}}
        })
    );
    let property = json!({"type": "object", "properties": {"a": {"allOf": [{"$ref": "#/$defs/A"}]}},
                          "$defs": {"A": {"type": "string"}}});
    assert_eq!(cleaned(property)["properties"]["a"], json!({"$ref": "#/$defs/A"}));
}

#[test]
fn boolean_schemas_and_missing_properties() {
    let clean = clean(&json!({
        "type": "object",
        "properties": {"any": true, "never": false, "odd": 3},
        "required": ["any", "never", "gone"],
        "additionalProperties": {"type": "string", "default": "a"}
    }))
    .unwrap();
    assert!(clean.lossy);
    assert_eq!(
        clean.schema,
        json!({"type": "object", "properties": {"any": {}, "odd": {}}, "required": ["any"],
               "additionalProperties": {"type": "string"}})
    );
}

#[test]
fn parameters_are_objects_or_nothing() {
    let parameters = |schema: Value| clean_parameters(&schema).unwrap().map(|clean| clean.schema);
    assert_eq!(parameters(json!({"type": "object", "properties": {}})), None);
    assert_eq!(
        parameters(json!({"type": "object", "properties": {}, "additionalProperties": false})),
        None
    );
    assert_eq!(parameters(json!(null)), None);
    assert_eq!(
        parameters(json!({"properties": {"a": {"type": "string"}}})),
        Some(json!({"properties": {"a": {"type": "string"}}, "type": "object"}))
    );
}

#[test]
fn bombs_are_refused() {
    let mut properties = Map::new();
    for level in 0..30 {
        let next = format!("#/properties/p{}", level + 1);
        let both =
            json!({"type": "object", "properties": {"a": {"$ref": next}, "b": {"$ref": next}}});
        properties.insert(format!("p{level}"), both);
    }
    properties.insert("p30".into(), json!({"type": "string"}));
    assert_eq!(clean(&json!({"type": "object", "properties": properties})), Err(TooLarge));
    let mut copies = Map::from_iter([("p".to_owned(), json!({"enum": ["x".repeat(100_000)]}))]);
    for number in 0..1000 {
        copies.insert(format!("c{number}"), json!({"$ref": "#/properties/p"}));
    }
    assert_eq!(clean(&json!({"type": "object", "properties": copies})), Err(TooLarge));
}
