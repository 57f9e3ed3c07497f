use std::collections::{BTreeSet, HashSet};

use apigen::{
    Input,
    emit::{self, OpenApi, examples, literal},
    model::{Literal, Model, RelationKind, Rules, Type},
};
use insta::assert_snapshot;
use openapiv3::OpenAPI;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{SPECS, model_of, shop};

fn document() -> Value {
    serde_json::to_value(emit::openapi::document(&shop::model())).unwrap()
}

fn model(spec: &str) -> Model {
    apigen::read(Input { name: "shop.yaml", bytes: spec.trim_start().as_bytes() }, None).unwrap().model
}

fn schema(name: &str) -> Value {
    document()["components"]["schemas"][name].clone()
}

/// Each string member called `key`, anywhere.
fn collect<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| match member {
            Value::String(text) if name == key => found.push(text),
            member => collect(member, key, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        _ => {}
    }
}

#[test]
fn openapiv3_reads_back_what_was_written() {
    let model = shop::model();
    let read: OpenAPI = serde_saphyr::from_str(&emit::openapi::emit(&model, OpenApi::V3_0)).unwrap();
    assert_eq!(read, emit::openapi::document(&model));
}

#[test]
fn twice_the_same_model_gives_the_same_bytes() {
    assert_eq!(emit::openapi::emit(&shop::model(), OpenApi::V3_0), emit::openapi::emit(&shop::model(), OpenApi::V3_0));
}

#[test]
fn what_yaml_1_1_would_misread_is_quoted() {
    let yaml = emit::openapi::emit(&shop::model(), OpenApi::V3_0);
    for quoted in ["example: \"no\"", "example: \"NO\"", "default: \"0.10\"", "example: \"2026-01-31\"", "\"200\":"] {
        assert!(yaml.contains(quoted), "{quoted} isn't in:\n{yaml}");
    }
}

#[test]
fn components_and_references_match() {
    for model in SPECS.iter().map(|spec| model_of(spec)).chain([shop::model()]) {
        let document = serde_json::to_value(emit::openapi::document(&model)).unwrap();
        let mut references = Vec::new();
        collect(&document, "$ref", &mut references);
        let used: BTreeSet<String> =
            references.into_iter().map(|text| text["#/components/".len()..].to_owned()).collect();
        let declared: BTreeSet<String> = document["components"]
            .as_object()
            .unwrap()
            .iter()
            // They are referred to by name.
            .filter(|(kind, _)| *kind != "securitySchemes")
            .flat_map(|(kind, all)| all.as_object().unwrap().keys().map(move |name| format!("{kind}/{name}")))
            .collect();
        assert_eq!(used, declared, "{}", model.spec);
    }
}

#[test]
fn paths_are_those_of_the_resources_and_below_them() {
    let document = emit::openapi::document(&shop::model());
    let operations = document.operations();
    let lines: Vec<String> = operations
        .map(|(path, method, operation)| format!("{method} {path} {}", operation.operation_id.as_deref().unwrap()))
        .collect();
    assert_snapshot!(lines.join("\n"), @r#"
    get /v1/users listUsers
    post /v1/users createUser
    get /v1/users/{user_id} getUser
    delete /v1/users/{user_id} deleteUser
    patch /v1/users/{user_id} updateUser
    get /v1/users/{user_id}/orders listUserOrders
    get /v1/users/{user_id}/profile getUserProfile
    get /v1/orders listOrders
    post /v1/orders createOrder
    get /v1/orders/{order_id} getOrder
    patch /v1/orders/{order_id} updateOrder
    get /v1/samples listSamples
    post /v1/samples createSample
    get /v1/samples/{sample_id} getSample
    delete /v1/samples/{sample_id} deleteSample
    patch /v1/samples/{sample_id} updateSample
    get /v1/profiles/{profile_id} getProfile
    get /v1/countries listCountries
    post /v1/countries createCountry
    get /v1/countries/{country_id} getCountry
    delete /v1/countries/{country_id} deleteCountry
    patch /v1/countries/{country_id} updateCountry
    "#);
}

#[test]
fn operation_ids_stay_unique_when_a_resource_is_named_like_a_relation() {
    let mut model = shop::model();
    let country = model.resources.iter_mut().find(|each| each.names.pascal == "Country").unwrap();
    country.names.pascal = "UserOrder".to_owned();
    country.names.pascal_plural = "UserOrders".to_owned();
    let document = serde_json::to_value(emit::openapi::document(&model)).unwrap();
    let mut ids = Vec::new();
    collect(&document, "operationId", &mut ids);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    assert!(ids.contains(&"listUserOrders") && ids.contains(&"listOrdersOfUser"), "{ids:?}");
}

#[test]
fn required_is_what_is_always_there_and_what_must_be_sent() {
    assert_eq!(
        schema("Order")["required"],
        json!(["id", "status", "note", "ship_to", "placed_at", "customer_id", "created_at", "updated_at"])
    );
    assert_eq!(schema("OrderCreate")["required"], json!(["ship_to", "customer_id"]));
    assert_eq!(schema("OrderUpdate").get("required"), None);
    assert_eq!(schema("OrderCreate")["additionalProperties"], json!(false));
    assert_eq!(schema("Order").get("additionalProperties"), None);
}

#[test]
fn nobody_outside_sees_internal_fields_and_passwords() {
    assert_eq!(schema("User")["properties"].get("password"), None);
    assert_eq!(schema("UserCreate")["properties"]["password"]["writeOnly"], json!(true));
    assert!(!emit::openapi::emit(&shop::model(), OpenApi::V3_0).contains("risk"));
}

#[test]
fn an_input_of_a_value_type_is_a_schema_of_its_own_only_where_it_differs() {
    assert_eq!(schema("SampleCreate")["properties"]["cost"]["allOf"][0]["$ref"], "#/components/schemas/Money");
    assert_eq!(schema("OrderCreate")["properties"]["ship_to"]["$ref"], "#/components/schemas/AddressInput");
    assert_eq!(schema("AddressInput")["required"], json!(["street", "country"]));
    assert_eq!(schema("Address")["required"], json!(["street", "company", "country", "tags"]));
}

#[test]
fn a_reference_gets_its_siblings_through_all_of() {
    assert_eq!(
        schema("User")["properties"]["address"],
        json!({ "nullable": true, "type": "object", "allOf": [{ "$ref": "#/components/schemas/Address" }] })
    );
}

#[test]
fn rules_become_schema_keywords() {
    let sample = schema("SampleCreate");
    let keyword = |field: &str, keyword: &str| sample["properties"][field][keyword].clone();
    assert_eq!((keyword("small", "minimum"), keyword("small", "exclusiveMinimum")), (json!(1), json!(true)));
    assert_eq!((keyword("ratio", "maximum"), keyword("ratio", "exclusiveMaximum")), (json!(0.5), json!(true)));
    assert_eq!(keyword("big", "multipleOf"), json!(5));
    assert_eq!((keyword("words", "maxItems"), keyword("words", "uniqueItems")), (json!(10), json!(true)));
    assert_eq!(keyword("price", "description"), json!("At least 0.10."));
}

#[test]
fn a_decimal_has_no_more_digits_than_its_column() {
    let pattern = schema("Sample")["properties"]["price"]["pattern"].as_str().unwrap().to_owned();
    let pattern = regex::Regex::new(&pattern).unwrap();
    for fits in ["0", "0.1", "0.10", "12345678.99"] {
        assert!(pattern.is_match(fits), "{fits}");
    }
    for refused in ["", "-1", "007", "1.", ".5", "0.123", "123456789"] {
        assert!(!pattern.is_match(refused), "{refused}");
    }
}

#[test]
fn a_sum_may_have_more_digits_than_what_it_adds_up() {
    let spec = "
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order: { fields: { total: { sum: items.price } }, relations: { items: { has_many: Item, inverse: order } } }
  Item: { fields: { price: { type: decimal, scale: 2, precision: 4 } }, relations: { order: { belongs_to: Order } } }
";
    let total = &serde_json::to_value(emit::openapi::document(&model(spec))).unwrap()["components"]["schemas"]["Order"]
        ["properties"]["total"];
    assert_eq!(total["pattern"], json!(r"^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?$"));
}

#[test]
fn lists_take_one_parameter_per_field_and_operator() {
    let document = document();
    let parameters = document["components"]["parameters"].as_object().unwrap();
    let mut references = Vec::new();
    collect(&document["paths"]["/v1/orders"]["get"]["parameters"], "$ref", &mut references);
    let name = |reference: &str| parameters[reference.rsplit('/').next().unwrap()]["name"].as_str().unwrap().to_owned();
    let names: Vec<String> = references.into_iter().map(name).collect();
    assert_snapshot!(names.join(" "), @"limit cursor sort total fields expand filter id id[ne] id[in] status status[ne] status[in] note note[ne] note[in] note[lt] note[lte] note[gt] note[gte] note[contains] note[starts_with] note[ends_with] note[is_null] customer_id customer_id[ne] customer_id[in] created_at created_at[ne] created_at[in] created_at[lt] created_at[lte] created_at[gt] created_at[gte] updated_at updated_at[ne] updated_at[in] updated_at[lt] updated_at[lte] updated_at[gt] updated_at[gte]");
    assert_eq!(parameters["status.OrderStatus.in"]["explode"], json!(false));
    let embeds = &parameters["Order.expand"]["schema"]["items"]["pattern"];
    assert_eq!(*embeds, json!(r"^(customer(\.[a-z][a-z0-9_]*)*)$"), "not the items, which are many");
    let order = &document["components"]["schemas"]["Order"];
    assert_eq!(order["properties"]["customer"]["nullable"], json!(true));
    assert!(!order["required"].as_array().unwrap().contains(&json!("customer")), "{order}");
    assert_eq!(parameters["Order.sort"]["schema"]["default"], json!(["-placed_at"]));
    assert_eq!(parameters["Order.limit"]["schema"].get("maximum"), None);
}

#[test]
fn made_up_examples_satisfy_the_rules() {
    let model = shop::model();
    let number = |ty: Type, rules: Rules| {
        let field = apigen::model::Field { rules, ..shop::field("n", ty) };
        examples::value(&model, &field)
    };
    let text = |text: &str| Some(text.to_owned());
    let from_3 = Rules { minimum: text("3"), multiple_of: text("5"), ..Rules::default() };
    assert_eq!(number(Type::Int32, from_3), Some(json!(5)));
    let below_0 = Rules { exclusive_maximum: text("0"), ..Rules::default() };
    assert_eq!(number(Type::Int64, below_0), Some(json!(-1)));
    let narrow = Rules { exclusive_minimum: text("100"), maximum: text("100.01"), ..Rules::default() };
    assert_eq!(number(Type::Decimal { precision: 10, scale: 2 }, narrow), Some(json!("100.01")));
    for (precision, scale, made_up) in [(18, 18, "0.190000000000000000"), (3, 2, "1.99"), (1, 0, "1"), (2, 0, "19")] {
        let example = number(Type::Decimal { precision, scale }, Rules::default());
        assert_eq!(example, Some(json!(made_up)), "{scale} of {precision} digits");
    }
    let never = Rules { minimum: text("2"), maximum: text("1"), ..Rules::default() };
    assert_eq!(number(Type::Int32, never), None);
    let long = Rules { min_length: Some(7), ..Rules::default() };
    assert_eq!(number(Type::String, long).unwrap().as_str().unwrap().len(), 7);
    let pattern = Rules { pattern: text("^x+$"), ..Rules::default() };
    assert_eq!(number(Type::String, pattern), None);
    assert_eq!(literal::decimal("1e3"), Some(Decimal::from(1000)));
}

#[test]
fn whatever_is_done_with_a_deprecated_resource_is_deprecated() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order:
    fields: { note: string }
    operations: [list, get, create, update, replace, delete]
    batch: {}
    soft_delete: true
    events: [created]
    actions: { purge: { target: collection, returns: none } }
    deprecated: { since: 2026-01-01, sunset: 2026-12-31, reason: Orders are of old }
";
    let model = model(spec);
    let document = serde_json::to_value(emit::openapi::document(&model)).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(_, member)| member.is_object()) {
            assert_eq!(operation["deprecated"], json!(true), "{method} {path}");
            assert!(operation["responses"].get("410").is_some(), "{method} {path} is gone one day");
            let headers =
                operation["responses"].as_object().unwrap().values().find_map(|response| response.get("headers"));
            let names: Vec<&str> =
                ["Deprecation", "Sunset"].into_iter().filter(|name| headers.unwrap().get(name).is_some()).collect();
            assert_eq!(names, ["Deprecation", "Sunset"], "{method} {path}");
        }
    }
    let reason = "@deprecated(reason: \"Orders are of old. Since 2026-01-01. Gone after 2026-12-31.\")";
    assert!(emit::graphql::emit(&model).contains(reason));
}

#[test]
fn the_authors_example_takes_the_form_of_its_type() {
    let model = shop::model();
    let example = |ty: Type, literal: Literal| literal::json(&model, &ty, &literal);
    let scalar = |text: &str| Literal::Scalar(text.to_owned());
    assert_eq!(example(Type::Int32, scalar("7")), json!(7));
    assert_eq!(example(Type::Bool, scalar("true")), json!(true));
    assert_eq!(example(Type::String, scalar("true")), json!("true"));
    assert_eq!(example(Type::Decimal { precision: 9, scale: 2 }, scalar("0.10")), json!("0.10"));
    let stock = Literal::Map(vec![("a".to_owned(), scalar("1"))]);
    assert_eq!(example(Type::Map(Box::new(Type::Int64)), stock), json!({ "a": 1 }));
    let free = Literal::Map(vec![("a".to_owned(), Literal::List(vec![scalar("1"), scalar("x"), Literal::Null]))]);
    assert_eq!(example(Type::Json, free), json!({ "a": [1, "x", null] }));
}

#[test]
fn what_is_listed_only_below_another_resource_has_its_schemas() {
    let mut model = shop::model();
    let order = &mut model.resources[shop::ORDER.0];
    order.operations = Default::default();
    assert!(matches!(model.resources[shop::USER.0].relations[0].kind, RelationKind::HasMany { .. }));
    let document = serde_json::to_value(emit::openapi::document(&model)).unwrap();
    assert!(document["paths"]["/v1/users/{user_id}/orders"]["get"].is_object());
    assert!(document["paths"].get("/v1/orders").is_none());
    assert!(document["components"]["schemas"]["OrderList"].is_object());
}
