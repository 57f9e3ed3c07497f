//! What the language accepts, and what it comes to mean.

use apigen::Input;
use apigen::model::{Default, Field, Id, Literal, Model, OnDelete, RelationKind, Resource, SetBy, Sort, Type};

fn model(spec: &str) -> Model {
    match apigen::read(Input { name: "shop.yaml", bytes: spec.as_bytes() }, None) {
        Ok(loaded) => loaded.model,
        Err(mistakes) => panic!("{mistakes}"),
    }
}

/// The first resource of a spec that begins with one.
fn resource(resources: &str) -> Resource {
    model(&format!("apigen: 1\napi: {{ name: shop, version: v1 }}\nresources:\n{resources}")).resources.swap_remove(0)
}

fn field(text: &str) -> Field {
    resource(&format!("  Thing:\n    fields:\n      {text}\n")).fields.swap_remove(1)
}

fn default(text: &str) -> String {
    match field(text).default {
        Some(Default::Literal(Literal::Scalar(text))) => text,
        other => panic!("no plain literal: {other:?}"),
    }
}

#[test]
fn scalars_keep_their_text() {
    assert_eq!(default("a: { type: decimal, scale: 2, default: 0.10 }"), "0.10");
    assert_eq!(default("a: { type: string, default: NO }"), "NO");
    assert_eq!(default("a: { type: string, default: 12:30 }"), "12:30");
    assert_eq!(default("a: { type: string, default: 'null' }"), "null");
    assert_eq!(default("a: { type: string, default: now }"), "now");
    assert_eq!(default("a: { type: string, default: \"\" }"), "");
}

#[test]
fn every_type_takes_its_literals() {
    let fields = [
        "a: { type: bool, default: true }",
        "a: { type: int32, default: -2147483648 }",
        "a: { type: int64, default: 9223372036854775807 }",
        "a: { type: float64, default: -1.5e3, minimum: -1e4 }",
        "a: { type: decimal, scale: 2, precision: 4, default: 99.99, multiple_of: 0.01 }",
        "a: { type: uuid, example: 0190b9a2-7e3f-7cc4-b1d2-3f5a6b7c8d9e }",
        "a: { type: timestamp, example: 2026-01-31T12:30:00.123456+02:00 }",
        "a: { type: date, default: 2024-02-29 }",
        "a: { type: duration, default: P1DT2H }",
        "a: { type: email, example: ada@example.com }",
        "a: { type: url, example: 'https://example.com/x?y=z' }",
        "a: { type: bytes, example: aGVsbG8= }",
        "a: { type: password, min_length: 8 }",
        "a: { type: list<decimal>, scale: 1, default: [0.5, 1], max_items: 2, unique_items: true }",
        "a: { type: map<int32>, example: { one: 1, two: 2 } }",
        "a?: { type: string, example: null }",
        "a: { type: int32, exclusive_minimum: 0, exclusive_maximum: 2, default: 1, sort: true, index: true }",
    ];
    for text in fields {
        assert_eq!(field(text).name, "a");
    }
}

#[test]
fn json_literals_become_json() {
    let text = default("a: { type: json, default: { list: [1, '1', true, null], empty: {} } }");
    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(value, serde_json::json!({ "list": [1, "1", true, null], "empty": {} }));
}

#[test]
fn words_for_now() {
    assert_eq!(field("a: { type: timestamp, default: now, read_only: true }").default, Some(Default::Now));
    assert_eq!(field("a: { type: date, default: today }").default, Some(Default::Today));
}

#[test]
fn who_sets_a_field() {
    assert_eq!(field("a: string").set_by, SetBy::Caller);
    assert_eq!(field("a: { type: string, create_only: true }").set_by, SetBy::CallerOnCreate);
    let internal = field("a: { type: string, internal: true, default: x }");
    assert!(internal.internal && !internal.readable() && !internal.creatable());
}

#[test]
fn ids() {
    let id = |id: &str| resource(&format!("  Thing: {{ {id} fields: {{ a: string }} }}\n")).id;
    assert_eq!(id(""), Id::Uuid);
    assert_eq!(id("id: uuid,"), Id::Uuid);
    assert_eq!(id("id: { type: int64 },"), Id::Int64);
    assert_eq!(id("id: { prefix: my_thing },"), Id::Prefixed("my_thing".to_owned()));
    assert_eq!(id("id: { type: string },"), Id::Text { pattern: None });
}

#[test]
fn both_forms_of_enums() {
    let spec = "apigen: 1\napi: { name: shop, version: v1 }\nenums:\n  Answer: { values: { yes: , no: { deprecated: true, description: Rather not. }, \"null\": } }\n  Word: [true, null, self]\nresources: { Thing: { fields: { a: { type: Word, default: null } } } }\n";
    let refused =
        apigen::read(Input { name: "shop.yaml", bytes: spec.as_bytes() }, None).expect_err("null is no default");
    assert_eq!(refused.iter().count(), 1);
    let model = model(&spec.replace("default: null", "default: 'null'"));
    assert_eq!(model.enums[0].values[1].proto, "ANSWER_NO");
    assert!(model.enums[0].values[1].deprecated.is_some());
    let rust: Vec<_> = model.enums[1].values.iter().map(|value| value.rust.as_str()).collect();
    assert_eq!(rust, ["True", "Null", "Self_"]);
}

#[test]
fn both_forms_of_servers() {
    let spec = "apigen: 1
api: { name: shop, version: v1, servers: ['https://one.example', { url: 'https://two.example', description: Two }] }
resources: { Thing: { fields: { name: string } } }
";
    let servers: Vec<_> = model(spec).api.servers.into_iter().map(|server| (server.url, server.description)).collect();
    assert_eq!(
        servers,
        [("https://one.example".to_owned(), None), ("https://two.example".to_owned(), Some("Two".to_owned()))]
    );
}

#[test]
fn self_relations_and_the_other_side() {
    let folder = resource(
        "  Folder:\n    timestamps: false\n    relations:\n      parent?: { belongs_to: Folder, on_delete: set_null, deprecated: true }\n      children: { has_many: Folder, inverse: parent }\n",
    );
    let names: Vec<_> = folder.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["id", "parent_id"]);
    assert_eq!(folder.relations[0].kind, RelationKind::BelongsTo { field: 1, on_delete: OnDelete::SetNull });
    assert_eq!(folder.relations[1].kind, RelationKind::HasMany { inverse: 0 });
    assert!(!folder.fields[1].required && folder.fields[1].deprecated.is_some() && folder.fields[1].filter);
    assert_eq!(folder.fields[1].ty, Type::Id(apigen::model::ResourceId(0)));
}

#[test]
fn pages_and_order() {
    let list = |list: &str| resource(&format!("  Thing:\n    fields: {{ a: string }}\n    list: {list}\n")).list;
    assert_eq!((list("{ total: false }").page_size, list("{}").max_page_size), (50, 1000));
    assert_eq!(list("{ max_page_size: 20 }").page_size, 20);
    assert_eq!((list("{ offset: true }").offset, list("{}").offset), (true, false));
    assert_eq!(list("{ page_size: 5000 }").max_page_size, 5000);
    assert_eq!(list("{ sort: [id] }").sort, []);
    assert_eq!(list("{ sort: [-updated_at, id] }").sort, [Sort { field: 3, descending: true }]);
    assert_eq!(list("{ sort: [-id] }").sort, [Sort { field: 0, descending: true }]);
}

#[test]
fn a_byte_order_mark_and_foreign_line_ends() {
    let spec = "\u{feff}apigen: 1\r\napi: { name: shop, version: v1 }\r\nresources:\r\n  Thing:\r\n    fields:\r\n      a: string\r\n";
    assert_eq!(model(spec).resources.len(), 1);
}

#[test]
fn errors_amount_to_canonical_codes() {
    let model = model(
        r#"apigen: 1
api: { name: shop, version: v1 }
errors:
  OUT_OF_STOCK: { code: failed_precondition, message: "Only {left} left", params: { left: int32 } }
  TOO_LATE: { code: out_of_range, message: Too late, description: The offer is over }
resources:
  Thing: { fields: { a: string }, errors: [TOO_LATE, OUT_OF_STOCK] }
"#,
    );
    let errors = model.write_errors(&model.resources[0]);
    let told: Vec<_> = errors.iter().map(|error| (error.line(), error.code.http_status())).collect();
    assert_eq!(
        told,
        [("`TOO_LATE`: The offer is over.".to_owned(), 400), ("`OUT_OF_STOCK`: Only {left} left.".to_owned(), 409),]
    );
}
