use std::collections::{HashMap, HashSet};

use apigen::{
    emit,
    model::{Id, Operations},
};
use graphql_parser::schema::{Definition, Document, EnumValue, Field, InputValue, Type, TypeDefinition, parse_schema};
use insta::assert_snapshot;

use crate::{section, shop};

fn parse(text: &str) -> Document<'_, String> {
    parse_schema(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn types<'d>(document: &'d Document<'d, String>) -> Vec<&'d TypeDefinition<'d, String>> {
    let definitions = document.definitions.iter();
    definitions
        .map(|definition| match definition {
            Definition::TypeDefinition(definition) => definition,
            other => panic!("unexpected {other}"),
        })
        .collect()
}

/// Everything of a type that has a name: itself and what is in it, with descriptions and the types that they name.
struct Parts<'d> {
    name: &'d str,
    described: Vec<(&'d str, &'d Option<String>)>,
    uses: Vec<&'d str>,
}

fn parts<'d>(definition: &'d TypeDefinition<'d, String>) -> Parts<'d> {
    match definition {
        TypeDefinition::Scalar(it) => Parts { name: &it.name, described: vec![("", &it.description)], uses: vec![] },
        TypeDefinition::Object(it) => of_fields(&it.name, &it.description, &it.fields, &it.implements_interfaces),
        TypeDefinition::Interface(it) => of_fields(&it.name, &it.description, &it.fields, &[]),
        TypeDefinition::Union(it) => panic!("unexpected {it}"),
        TypeDefinition::Enum(it) => {
            let values = it.values.iter().map(|value: &EnumValue<String>| (value.name.as_str(), &value.description));
            let described = [("", &it.description)].into_iter().chain(values).collect();
            Parts { name: &it.name, described, uses: vec![] }
        }
        TypeDefinition::InputObject(it) => {
            let fields = it.fields.iter().map(|field| (field.name.as_str(), &field.description));
            let described = [("", &it.description)].into_iter().chain(fields).collect();
            Parts { name: &it.name, described, uses: it.fields.iter().map(|field| named(&field.value_type)).collect() }
        }
    }
}

fn of_fields<'d>(
    name: &'d str,
    description: &'d Option<String>,
    fields: &'d [Field<'d, String>],
    interfaces: &'d [String],
) -> Parts<'d> {
    let mut parts =
        Parts { name, described: vec![("", description)], uses: interfaces.iter().map(String::as_str).collect() };
    for field in fields {
        parts.described.push((&field.name, &field.description));
        parts
            .described
            .extend(field.arguments.iter().map(|each: &InputValue<String>| (each.name.as_str(), &each.description)));
        parts.uses.push(named(&field.field_type));
        parts.uses.extend(field.arguments.iter().map(|argument| named(&argument.value_type)));
    }
    parts
}

fn named<'d>(ty: &'d Type<'d, String>) -> &'d str {
    match ty {
        Type::NamedType(name) => name,
        Type::ListType(inner) | Type::NonNullType(inner) => named(inner),
    }
}

#[test]
fn everything_is_described() {
    let text = emit::graphql::emit(&shop::model());
    let document = parse(&text);
    for parts in types(&document).into_iter().map(parts) {
        for (member, description) in parts.described {
            let described = description.as_ref().is_some_and(|text| !text.trim().is_empty());
            assert!(described, "{}.{member} has no description", parts.name);
        }
    }
}

#[test]
fn every_type_is_defined_once_and_reached() {
    let text = emit::graphql::emit(&shop::model());
    let document = parse(&text);
    let all: Vec<Parts> = types(&document).into_iter().map(parts).collect();
    let by_name: HashMap<&str, &Parts> = all.iter().map(|parts| (parts.name, parts)).collect();
    assert_eq!(all.len(), by_name.len(), "a type is defined twice");
    let mut reached = HashSet::from(["String", "Int", "Float", "Boolean", "ID"]);
    let mut open = vec!["Query", "Mutation"];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(&by_name.get(name).unwrap_or_else(|| panic!("{name} isn't defined")).uses);
        }
    }
    let unreached: Vec<_> = by_name.keys().filter(|name| !reached.contains(**name)).collect();
    assert!(unreached.is_empty(), "nothing uses {unreached:?}");
}

#[test]
fn descriptions_survive_quotes_and_backslashes() {
    let text = emit::graphql::emit(&shop::model());
    let document = parse(&text);
    let all: Vec<Parts> = types(&document).into_iter().map(parts).collect();
    let description = |ty: &str, member: &str| {
        let parts = all.iter().find(|parts| parts.name == ty).unwrap();
        parts.described.iter().find(|(name, _)| *name == member).unwrap().1.clone().unwrap()
    };
    assert_eq!(description("User", "name"), "As in \"\"\"Ada\"\"\" \\ or C:\\. 2 to 100 characters.");
    assert_eq!(description("UserSortField", "NAME"), "As in \"\"\"Ada\"\"\" \\ or C:\\");
}

#[test]
fn types_have_fields_then_the_etag_then_relations() {
    assert_snapshot!(section(&emit::graphql::emit(&shop::model()), "type Order implements Node {"), @r#"
    type Order implements Node {
      """Identifies the order."""
      id: ID!
      """Status."""
      status: OrderStatus!
      """Note. At most 500 characters."""
      note: String @deprecated(reason: "No longer supported.")
      """Ship to."""
      shipTo: Address!
      """Placed at."""
      placedAt: DateTime!
      """The id of the customer that this order belongs to."""
      customerId: ID!
      """When the order was created."""
      createdAt: DateTime!
      """When the order last changed."""
      updatedAt: DateTime!
      """The version of the row, for `ifMatch`. Changes with every update."""
      etag: String!
      """The customer that this order belongs to."""
      customer: User!
    }
    "#);
}

#[test]
fn totals_are_where_the_spec_offers_them() {
    let text = emit::graphql::emit(&shop::model());
    assert!(section(&text, "type OrderConnection {").contains("totalCount: Int!"));
    assert!(!section(&text, "type UserConnection {").contains("totalCount"));
}

#[test]
fn a_create_must_have_what_is_required_and_has_no_default() {
    assert_snapshot!(section(&emit::graphql::emit(&shop::model()), "input CreateSampleInput {"), @r#"
    input CreateSampleInput {
      """Flag. Can't be changed later."""
      flag: Boolean!
      """Small. At least 1. Greater than 1. Defaults to `7`."""
      small: Int
      """Big. At most 100. A multiple of 5."""
      big: Int64!
      """Ratio. Less than 0.5."""
      ratio: Float!
      """Price. At least 0.10. At most 10 digits, 2 of them behind the point. Defaults to `0.10`."""
      price: Decimal
      """Token."""
      token: UUID!
      """Day. Defaults to the date of the write (UTC)."""
      day: Date
      """Wait."""
      wait: Duration!
      """Site."""
      site: String
      """Raw. At most 1024 bytes."""
      raw: Bytes!
      """Extra."""
      extra: JSON
      """Secret. Never returned."""
      secret: String!
      """Cost."""
      cost: MoneyInput
      """Words. At most 10 items. No item twice."""
      words: [String!]
      """States."""
      states: [OrderStatus!]
      """Stock."""
      stock: [Int64EntryInput!]
      """Places."""
      places: [AddressEntryInput!]
      """Answer."""
      answer: String
    }
    "#);
}

#[test]
fn an_update_must_have_nothing() {
    assert_snapshot!(section(&emit::graphql::emit(&shop::model()), "input UpdateOrderInput {"), @r#"
    input UpdateOrderInput {
      """Note. At most 500 characters."""
      note: String @deprecated(reason: "No longer supported.")
      """Ship to. Can't be null."""
      shipTo: AddressInput
      """The id of the customer that this order belongs to. Can't be null."""
      customerId: ID
    }
    "#);
}

#[test]
fn an_input_without_fields_is_left_out() {
    let text = emit::graphql::emit(&shop::model());
    assert!(!text.contains("UpdateCountryInput"));
    let mutations = section(&text, "type Mutation {");
    assert!(!mutations.split("updateCountry").nth(1).unwrap().split(')').next().unwrap().contains("input"));
}

#[test]
fn filters_have_the_operators_of_their_type() {
    let text = emit::graphql::emit(&shop::model());
    assert_snapshot!(section(&text, "input StringFilter {"), @r#"
    input StringFilter {
      """It equals this."""
      eq: String
      """It differs from this."""
      ne: String
      """It is one of these."""
      in: [String!]
      """It is less than this."""
      lt: String
      """It is this or less."""
      lte: String
      """It is greater than this."""
      gt: String
      """It is this or greater."""
      gte: String
      """It contains this, case-sensitive."""
      contains: String
      """It starts with this, case-sensitive."""
      startsWith: String
      """It ends with this, case-sensitive."""
      endsWith: String
      """It is absent (true) or present (false)."""
      isNull: Boolean
    }
    "#);
    assert_snapshot!(section(&text, "input BooleanFilter {"), @r#"
    input BooleanFilter {
      """It equals this."""
      eq: Boolean
      """It differs from this."""
      ne: Boolean
      """It is absent (true) or present (false)."""
      isNull: Boolean
    }
    "#);
    assert_snapshot!(section(&text, "input OrderStatusFilter {"), @r#"
    input OrderStatusFilter {
      """It equals this."""
      eq: OrderStatus
      """It differs from this."""
      ne: OrderStatus
      """It is one of these."""
      in: [OrderStatus!]
      """It is absent (true) or present (false)."""
      isNull: Boolean
    }
    "#);
    assert!(!text.contains("input BytesFilter"), "nothing filters by bytes");
}

#[test]
fn maps_are_lists_of_entries() {
    let text = emit::graphql::emit(&shop::model());
    assert_snapshot!(section(&text, "type AddressEntry {"), @r#"
    type AddressEntry {
      """Unique in its map."""
      key: String!
      """What the key stands for."""
      value: Address!
    }
    "#);
    assert_snapshot!(section(&text, "input AddressEntryInput {"), @r#"
    input AddressEntryInput {
      """Unique in its map."""
      key: String!
      """What the key stands for."""
      value: AddressInput!
    }
    "#);
}

#[test]
fn a_schema_of_which_nothing_can_be_read_still_has_a_query() {
    let mut model = shop::model();
    model.resources.truncate(1);
    model.resources[0].id = Id::Uuid;
    model.resources[0].relations.clear();
    model.resources[0].operations = Operations { create: true, ..Operations::default() };
    let text = emit::graphql::emit(&model);
    parse(&text);
    assert!(section(&text, "type Query {").contains("): Node\n"));
    assert!(!text.contains("PageInfo"));
}

#[test]
fn the_apis_description_stays_a_comment() {
    let mut model = shop::model();
    model.api.description = Some("A\rtype Broken {\r\n\nend".to_owned());
    parse(&emit::graphql::emit(&model));
}
