//! The document in OpenAPI 3.1, held to the one in 3.0: what differs, and that nothing else does.

use std::collections::HashSet;

use apigen::{
    Input,
    emit::{OpenApi, openapi},
    model::Model,
};
use insta::assert_snapshot;
use serde_json::{Value, json};
use similar::TextDiff;

use crate::{SPECS, model_of, shop};

const SPEC: &str = "\
apigen: 1
api: { name: shop, version: v1, title: Shop }
enums:
  Size: [small, large]
types:
  Box:
    fields:
      height: { type: float64, exclusive_minimum: 0, maximum: 2 }
resources:
  Mug:
    operations: [list, create, update]
    fields:
      name:   { type: string, max_length: 40, example: Blue }
      note?:  string
      weight: { type: int32, exclusive_minimum: 0, exclusive_maximum: 5000 }
      sizes:  { type: list<Size>, description: In stock. }
      size?:  { type: Size, default: small }
      lid:    { type: Size, description: That of the lid. }
      box?:   { type: Box, description: How it is sent. }
      image?: bytes
      other?: json
";

fn mug() -> Model {
    apigen::read(Input { name: "shop.yaml", bytes: SPEC.as_bytes() }, None).unwrap().model
}

fn parsed(model: &Model) -> Value {
    serde_saphyr::from_str(&openapi::emit(model, OpenApi::V3_1)).unwrap()
}

/// What a component is in 3.0, and what of it is otherwise in 3.1.
fn changes(name: &str) -> String {
    let component = |version| {
        let text = openapi::emit(&mug(), version);
        let lines = text.lines().skip_while(|line| *line != format!("    {name}:"));
        lines
            .take_while(|line| line.starts_with("     ") || line.ends_with(&format!("{name}:")))
            .map(|line| line.to_owned() + "\n")
            .collect::<String>()
    };
    let (before, after) = (component(OpenApi::V3_0), component(OpenApi::V3_1));
    TextDiff::from_lines(&before, &after).iter_all_changes().map(|each| format!("{}{}", each.tag(), each)).collect()
}

#[test]
fn schemas_are_those_of_json_schema() {
    assert_snapshot!(changes("Mug"), @r##"
         Mug:
           description: Mug.
           type: object
           properties:
             id:
               readOnly: true
    -          example: 0193a4c5-7e1a-7c3b-9d2e-4f5a6b7c8d9e
    +          examples:
    +          - 0193a4c5-7e1a-7c3b-9d2e-4f5a6b7c8d9e
               description: Identifies the mug.
               type: string
               format: uuid
             name:
    -          example: Blue
    +          examples:
    +          - Blue
               type: string
               maxLength: 40
             note:
    -          nullable: true
    -          example: Note
    -          type: string
    +          examples:
    +          - Note
    +          type:
    +          - string
    +          - "null"
             weight:
    -          example: 1
    +          examples:
    +          - 1
               type: integer
               format: int32
    -          exclusiveMinimum: true
    -          exclusiveMaximum: true
    -          minimum: 0
    -          maximum: 5000
    +          exclusiveMinimum: 0
    +          exclusiveMaximum: 5000
             sizes:
    -          example:
    -          - small
    +          examples:
    +          - - small
               description: In stock.
               type: array
               items:
                 $ref: "#/components/schemas/Size"
             size:
    -          nullable: true
    -          example: small
    -          type: string
    -          allOf:
    +          examples:
    +          - small
    +          anyOf:
               - $ref: "#/components/schemas/Size"
    +          - type: "null"
             lid:
    -          example: small
    +          examples:
    +          - small
               description: That of the lid.
    -          allOf:
    -          - $ref: "#/components/schemas/Size"
    +          $ref: "#/components/schemas/Size"
             box:
    -          nullable: true
               description: How it is sent.
    -          type: object
    -          allOf:
    +          anyOf:
               - $ref: "#/components/schemas/Box"
    +          - type: "null"
             image:
    -          nullable: true
    -          example: aGVsbG8=
    -          type: string
    -          format: byte
    +          examples:
    +          - aGVsbG8=
    +          type:
    +          - string
    +          - "null"
    +          contentEncoding: base64
             other: {}
             created_at:
               readOnly: true
    -          example: "2026-01-31T12:30:00Z"
    +          examples:
    +          - "2026-01-31T12:30:00Z"
               description: When the mug was created.
               type: string
               format: date-time
             updated_at:
               readOnly: true
    -          example: "2026-01-31T12:30:00Z"
    +          examples:
    +          - "2026-01-31T12:30:00Z"
               description: When the mug last changed.
               type: string
               format: date-time
           required:
           - id
           - name
           - note
           - weight
           - sizes
           - size
           - lid
           - box
           - image
           - other
           - created_at
           - updated_at
    "##);
    assert_snapshot!(changes("Box"), @r"
         Box:
           type: object
           properties:
             height:
    -          example: 1.5
    +          examples:
    +          - 1.5
               type: number
               format: double
    -          exclusiveMinimum: true
    -          minimum: 0.0
    +          exclusiveMinimum: 0.0
               maximum: 2.0
           required:
           - height
    ");
}

/// Without its version and its schemas.
fn rest(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(key, _)| !["openapi", "schema", "schemas"].contains(&key.as_str()));
            members.map(|(key, member)| (key.clone(), rest(member))).collect()
        }
        Value::Array(items) => items.iter().map(rest).collect(),
        other => other.clone(),
    }
}

#[test]
fn all_else_is_as_in_3_0() {
    for spec in SPECS {
        let model = model_of(spec);
        let before = serde_json::to_value(openapi::document(&model)).unwrap();
        let mut after = parsed(&model);
        after.as_object_mut().unwrap().remove("webhooks");
        assert!(rest(&after) == rest(&before), "{spec}");
        assert_eq!(after["openapi"], "3.1.0");
    }
}

#[test]
fn what_3_0_has_as_callbacks_3_1_has_as_webhooks_too() {
    let model = model_of("tests/specs/library.yaml");
    let document = parsed(&model);
    let post = &document["webhooks"]["book"]["post"];
    assert_eq!(
        (&post["operationId"], &post["summary"]),
        (&json!("bookWebhook"), &json!("Something happened to a book"))
    );
    let callback = &document["paths"]["/v1/webhooks"]["post"]["callbacks"]["book"]["{$request.body#/url}"]["post"];
    assert_eq!(callback["requestBody"], post["requestBody"]);
    assert!(parsed(&model_of("specs/shop.yaml"))["webhooks"].is_null());
}

#[test]
fn twice_the_same_model_gives_the_same_bytes() {
    assert_eq!(openapi::emit(&mug(), OpenApi::V3_1), openapi::emit(&mug(), OpenApi::V3_1));
}

/// The same walk as over 3.0, of a document in which nothing may be left of that.
fn left_over(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let names = path.ends_with("/properties") || path.ends_with("/schemas");
            for (key, member) in members {
                let path = format!("{path}/{key}");
                let old = match key.as_str() {
                    "nullable" => true,
                    "example" => path.contains("/schema"),
                    "exclusiveMinimum" | "exclusiveMaximum" => member.is_boolean(),
                    "format" => member == "byte",
                    "allOf" => true,
                    _ => false,
                };
                if old && !names {
                    found.push(path.clone());
                }
                left_over(member, &path, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| left_over(item, path, found)),
        _ => {}
    }
}

#[test]
fn nothing_that_only_3_0_says_is_left() {
    let models = SPECS.iter().map(|spec| model_of(spec)).chain([shop::model(), mug()]);
    for model in models {
        let mut found = Vec::new();
        left_over(&parsed(&model), "", &mut found);
        assert_eq!(found, Vec::<String>::new(), "{}", model.spec);
    }
}

/// Field names are the author's: `nullable` and `example` are good ones.
#[test]
fn properties_called_like_words_of_a_schema_stay() {
    let spec = SPEC.replace("note?:", "example: string\n      nullable: bool\n      format?: string\n      note?:");
    let model = apigen::read(Input { name: "shop.yaml", bytes: spec.as_bytes() }, None).unwrap().model;
    let document = parsed(&model);
    let properties = document["components"]["schemas"]["Mug"]["properties"].as_object().unwrap();
    let names: HashSet<&str> = properties.keys().map(String::as_str).collect();
    assert!(["example", "nullable", "format"].iter().all(|name| names.contains(name)), "{names:?}");
    assert_eq!(properties["format"]["type"], serde_json::json!(["string", "null"]));
}
