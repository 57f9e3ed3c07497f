//! Types that several resources share: value types, enums, filters, entries of maps, scalars.

use super::{
    members::{self, Member, Members},
    reach::Reach,
    text::{Doc, Reason},
    types,
};
use crate::model::{Enum, Field, Model, Object, Type, finding::Operator, prose, reach::Direction};

/// A type or input whose members follow from the model.
pub struct Block {
    pub doc: Doc,
    pub head: String,
    pub members: Members,
}

/// One of several object types.
pub struct Union {
    pub doc: Doc,
    pub name: &'static str,
    pub members: Vec<String>,
}

pub struct Enumeration<'m> {
    pub doc: Doc,
    pub name: &'m str,
    pub values: Vec<EnumValue<'m>>,
}

pub struct EnumValue<'m> {
    pub doc: Doc,
    pub name: &'m str,
    pub deprecated: Option<Reason>,
}

pub struct Scalar {
    pub doc: Doc,
    pub name: &'static str,
    pub specified_by: Option<&'static str>,
}

/// Name, description, specification.
const SCALARS: &[(&str, &str, Option<&str>)] = &[
    ("Int64", "A whole number of 64 bits. A string in outputs; a string or a number in inputs.", None),
    ("Decimal", "A decimal number, as a string that keeps its digits: `\"19.90\"`.", None),
    ("UUID", "A UUID: `0192d3c4-…`.", Some("https://www.rfc-editor.org/rfc/rfc9562")),
    ("DateTime", "An instant (RFC 3339), in UTC, to the microsecond.", Some("https://www.rfc-editor.org/rfc/rfc3339")),
    ("Date", "A calendar date: `2026-01-31`.", Some("https://www.rfc-editor.org/rfc/rfc3339#section-5.6")),
    (
        "Duration",
        "A length of time (ISO 8601) without years and months: `PT1H30M`.",
        Some("https://www.rfc-editor.org/rfc/rfc3339#appendix-A"),
    ),
    ("Bytes", "Bytes, as base64.", Some("https://www.rfc-editor.org/rfc/rfc4648#section-4")),
    ("JSON", "Any JSON value.", Some("https://www.rfc-editor.org/rfc/rfc8259")),
];

/// The scalar, if the schema must declare it.
pub fn custom(scalar: &'static str) -> Option<&'static str> {
    SCALARS.iter().any(|(name, ..)| *name == scalar).then_some(scalar)
}

pub fn scalars(reach: &Reach) -> Vec<Scalar> {
    SCALARS
        .iter()
        .filter(|(name, ..)| reach.scalars.contains(*name))
        .map(|(name, description, specified_by)| Scalar {
            doc: Doc::outer(description),
            name,
            specified_by: *specified_by,
        })
        .collect()
}

impl<'m> Enumeration<'m> {
    pub fn new(declared: &'m Enum) -> Enumeration<'m> {
        let values = declared.values.iter().map(|value| EnumValue {
            doc: Doc::member(&value.description.clone().unwrap_or_else(|| prose::sentence(&value.name))),
            name: &value.graphql,
            deprecated: Reason::of(value.deprecated.as_ref()),
        });
        let description = declared.description.clone().unwrap_or_else(|| named(&declared.name));
        Enumeration { doc: Doc::outer(&description), name: &declared.name, values: values.collect() }
    }
}

/// Value types, each in the forms that are used.
pub fn value_types(model: &Model, reach: &Reach) -> Vec<Block> {
    let outputs = reach.model.objects(Direction::Out).map(|id| model.object(id)).map(|object| Block {
        doc: Doc::outer(&about(object)),
        head: format!("type {}", object.name),
        members: fields(object, Direction::Out).map(|field| members::output(model, None, field)).collect(),
    });
    let inputs = reach.model.objects(Direction::In).map(|id| model.object(id)).map(|object| Block {
        doc: Doc::outer(&about(object)),
        head: format!("input {}Input", object.name),
        members: fields(object, Direction::In).map(|field| members::create_input(model, None, field)).collect(),
    });
    outputs.chain(inputs).collect()
}

fn fields(object: &Object, direction: Direction) -> impl Iterator<Item = &Field> {
    object.fields.iter().filter(move |field| field.goes(direction))
}

fn about(object: &Object) -> String {
    object.description.clone().unwrap_or_else(|| named(&object.name))
}

/// `PostalAddress` → `Postal address.`
fn named(pascal: &str) -> String {
    use heck::ToSnakeCase as _;
    prose::sentence(&pascal.to_snake_case())
}

pub fn filters(reach: &Reach) -> Vec<Block> {
    reach.filters.iter().map(|(name, ty)| filter(name, ty)).collect()
}

fn filter(name: &str, ty: &Type) -> Block {
    let tests = ty.operators().iter().map(|&operator| {
        let operand = if operator == Operator::In { format!("[{name}!]") } else { name.to_owned() };
        Member::new(operator.camel(), operand, &meaning(operator))
    });
    let is_null = Member::new(Operator::IsNull.camel(), "Boolean", &meaning(Operator::IsNull));
    Block {
        doc: Doc::outer(&format!("Tests of a `{name}`. All members must hold.")),
        head: format!("input {name}Filter"),
        members: tests.chain([is_null]).collect(),
    }
}

fn meaning(operator: Operator) -> String {
    format!("It {}.", operator.meaning())
}

/// Maps: GraphQL has none, so they are lists of entries.
pub fn entries(model: &Model, reach: &Reach) -> Vec<Block> {
    let outputs = reach.entries.iter().map(|(name, ty)| entry(name, format!("type {name}Entry"), model, ty, ""));
    let inputs =
        reach.input_entries.iter().map(|(name, ty)| entry(name, format!("input {name}EntryInput"), model, ty, "Input"));
    outputs.chain(inputs).collect()
}

fn entry(name: &str, head: String, model: &Model, ty: &Type, suffix: &str) -> Block {
    let value = format!("{}!", types::single(model, ty, suffix));
    let members =
        [Member::new("key", "String!", "Unique in its map."), Member::new("value", value, "What the key stands for.")];
    Block { doc: Doc::outer(&format!("One entry of a map of `{name}`.")), head, members: members.into_iter().collect() }
}
