//! Schemas of the model's types: what one field looks like, and the components made of them.

use openapiv3::{
    AdditionalProperties, AnySchema, ArrayType, BooleanType, IntegerFormat, IntegerType, NumberFormat, NumberType,
    ObjectType, ReferenceOr, Schema, SchemaData, SchemaKind, StringFormat, StringType, Type as JsonType,
    VariantOrUnknownOrEmpty as Format,
};

use super::{super::literal, bodies};
use crate::model::{self, Field, Id, Rules, Type, prose, reach::Direction};

/// A reference to a component, boxed or not as the place needs it.
pub fn reference<T>(name: &str) -> ReferenceOr<T> {
    ReferenceOr::Reference { reference: format!("#/components/schemas/{name}") }
}

pub fn plain(kind: SchemaKind) -> Schema {
    Schema { schema_data: SchemaData::default(), schema_kind: kind }
}

pub fn string(text: StringType) -> SchemaKind {
    SchemaKind::Type(JsonType::String(text))
}

/// What a type is, apart from the field that has it.
pub enum Shape {
    /// A component, and the JSON type of its values.
    Named(String, &'static str),
    Kind(Box<SchemaKind>),
}

impl Shape {
    pub fn into_schema(self) -> ReferenceOr<Schema> {
        match self {
            Shape::Named(name, _) => reference(&name),
            Shape::Kind(kind) => ReferenceOr::Item(plain(*kind)),
        }
    }

    pub fn boxed(self) -> ReferenceOr<Box<Schema>> {
        match self {
            Shape::Named(name, _) => reference(&name),
            Shape::Kind(kind) => ReferenceOr::boxed_item(plain(*kind)),
        }
    }

    /// With what its field adds. A `$ref` can't have siblings in 3.0, so it goes into an `allOf`; and `nullable` means
    /// something only beside a `type` (OpenAPI 3.0.3, Schema Object).
    pub fn with(self, data: SchemaData) -> ReferenceOr<Box<Schema>> {
        let kind = match self {
            Shape::Named(name, _) if data == SchemaData::default() => return reference(&name),
            Shape::Named(name, json_type) if data.nullable => SchemaKind::Any(AnySchema {
                typ: Some(json_type.to_owned()),
                all_of: vec![reference(&name)],
                ..AnySchema::default()
            }),
            Shape::Named(name, _) => SchemaKind::AllOf { all_of: vec![reference(&name)] },
            Shape::Kind(kind) => *kind,
        };
        ReferenceOr::boxed_item(Schema { schema_data: data, schema_kind: kind })
    }
}

/// The schema of a type under rules, in the direction that it goes.
pub fn shape(bodies: &bodies::Bodies, ty: &Type, rules: &Rules, direction: Direction) -> Shape {
    let model = bodies.model;
    let kind = match ty {
        Type::String => string(text(rules, None)),
        Type::Email => string(text(rules, Some("email"))),
        Type::Url => string(text(rules, Some("uri"))),
        Type::Password => string(text(rules, Some("password"))),
        Type::Uuid => formatted("uuid"),
        Type::Timestamp => formatted("date-time"),
        Type::Date => formatted("date"),
        Type::Duration => formatted("duration"),
        Type::Bytes => formatted("byte"),
        Type::Decimal { precision, scale } => decimal(*precision, *scale, rules),
        Type::Bool => SchemaKind::Type(JsonType::Boolean(BooleanType::default())),
        Type::Int32 => integer(rules, IntegerFormat::Int32),
        Type::Int64 => integer(rules, IntegerFormat::Int64),
        Type::Float64 => number(rules),
        Type::Json => SchemaKind::Any(AnySchema::default()),
        Type::Id(target) => id(&model.resource(*target).id),
        Type::Enum(id) => return Shape::Named(model.enumeration(*id).name.clone(), "string"),
        Type::Object(id) => return Shape::Named(bodies.object_name(*id, direction), "object"),
        Type::List(item) => {
            let items = shape(bodies, item, &Rules::default(), direction.of_items()).boxed();
            SchemaKind::Type(JsonType::Array(ArrayType {
                items: Some(items),
                min_items: size(rules.min_items),
                max_items: size(rules.max_items),
                unique_items: rules.unique_items,
            }))
        }
        Type::Map(value) => {
            // In a merge patch, null takes an entry out.
            let data = SchemaData { nullable: direction == Direction::Patch, ..SchemaData::default() };
            let values = shape(bodies, value, &Rules::default(), direction).with(data).unbox();
            SchemaKind::Type(JsonType::Object(ObjectType {
                additional_properties: Some(AdditionalProperties::Schema(Box::new(values))),
                min_properties: size(rules.min_items),
                max_properties: size(rules.max_items),
                ..ObjectType::default()
            }))
        }
    };
    Shape::Kind(Box::new(kind))
}

/// A schema has no word for what these sentences say.
fn unexpressed(field: &Field) -> Vec<String> {
    let mut sentences = match field.ty {
        Type::String | Type::Email | Type::Url | Type::Password => Vec::new(),
        Type::Int32 | Type::Int64 | Type::Float64 | Type::List(_) | Type::Map(_) => Vec::new(),
        // The pattern shows the digits.
        Type::Decimal { .. } => field.bounds(),
        _ => field.constraints(),
    };
    if field.unique && field.origin != model::Origin::Id {
        sentences.push("Unique.".to_owned());
    }
    sentences
}

/// Text for a property: the author's, and what the schema itself can't say.
pub fn description(owner: Option<&model::Resource>, field: &Field, more: Vec<String>) -> Option<String> {
    let mut sentences = unexpressed(field);
    sentences.extend(more);
    sentences.extend(field.deprecated.as_ref().and_then(|each| each.detail(prose::Spelling::Json)));
    let text = prose::join(&field.purpose(owner).unwrap_or_default(), &sentences);
    (!text.is_empty()).then_some(text)
}

pub fn enumeration(declared: &model::Enum) -> Schema {
    let values = declared.values.iter().map(|value| Some(value.name.clone())).collect();
    let kind = string(StringType { enumeration: values, ..StringType::default() });
    let data = SchemaData { description: enum_description(declared), ..SchemaData::default() };
    Schema { schema_data: data, schema_kind: kind }
}

/// 3.0 has no descriptions for single values, so they are listed.
fn enum_description(declared: &model::Enum) -> Option<String> {
    let value = |value: &model::EnumValue| {
        let sentences = Vec::from_iter(value.deprecated.as_ref().map(|each| each.sentence(prose::Spelling::Json)));
        let text = prose::join(value.description.as_deref().unwrap_or_default(), &sentences);
        (!text.is_empty()).then(|| format!("- `{}`: {}", value.name, text.replace('\n', "\n  ")))
    };
    let values: Vec<String> = declared.values.iter().filter_map(value).collect();
    let description = declared.description.as_deref().map(|text| text.trim().to_owned());
    let list = (!values.is_empty()).then(|| values.join("\n"));
    let parts: Vec<String> = description.into_iter().chain(list).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

fn text(rules: &Rules, format: Option<&str>) -> StringType {
    StringType {
        format: Format::from(format.map(str::to_owned)),
        pattern: rules.pattern.clone(),
        enumeration: Vec::new(),
        min_length: size(rules.min_length),
        max_length: size(rules.max_length),
    }
}

fn size(limit: Option<u32>) -> Option<usize> {
    limit.map(|limit| limit as usize)
}

fn formatted(format: &str) -> SchemaKind {
    string(StringType { format: Format::<StringFormat>::from(Some(format.to_owned())), ..StringType::default() })
}

fn id(id: &Id) -> SchemaKind {
    match id {
        // TypeID 0.3: 26 characters of base32, the first at most 7.
        Id::Prefixed(prefix) => patterned(format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$")),
        Id::Uuid => formatted("uuid"),
        Id::Int64 => integer(&Rules::default(), IntegerFormat::Int64),
        Id::Text { pattern } => string(StringType { pattern: pattern.clone(), ..StringType::default() }),
    }
}

fn patterned(pattern: String) -> SchemaKind {
    string(StringType { pattern: Some(pattern), ..StringType::default() })
}

/// Digits as the type allows, without a sign where nothing negative is allowed.
fn decimal(precision: u8, scale: u8, rules: &Rules) -> SchemaKind {
    let lower = [&rules.minimum, &rules.exclusive_minimum].into_iter().flatten();
    let positive = lower.filter_map(|text| literal::decimal(text)).any(|bound| !bound.is_sign_negative());
    let sign = if positive { "" } else { "-?" };
    let whole = match precision.saturating_sub(scale) {
        0 => "0".to_owned(),
        1 => "[0-9]".to_owned(),
        digits => format!("(0|[1-9][0-9]{{0,{}}})", digits - 1),
    };
    let fraction = if scale == 0 { String::new() } else { format!("(\\.[0-9]{{1,{scale}}})?") };
    let pattern = Some(format!("^{sign}{whole}{fraction}$"));
    string(StringType { format: Format::Unknown("decimal".to_owned()), pattern, ..StringType::default() })
}

fn integer(rules: &Rules, format: IntegerFormat) -> SchemaKind {
    let parse = |text: &Option<String>| text.as_deref().and_then(literal::integer);
    let (minimum, exclusive_minimum) = stricter(parse(&rules.minimum), parse(&rules.exclusive_minimum), |a, b| a > b);
    let (maximum, exclusive_maximum) = stricter(parse(&rules.maximum), parse(&rules.exclusive_maximum), |a, b| a < b);
    SchemaKind::Type(JsonType::Integer(IntegerType {
        format: Format::Item(format),
        multiple_of: parse(&rules.multiple_of),
        exclusive_minimum,
        exclusive_maximum,
        minimum,
        maximum,
        enumeration: Vec::new(),
    }))
}

fn number(rules: &Rules) -> SchemaKind {
    let parse = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    let (minimum, exclusive_minimum) = stricter(parse(&rules.minimum), parse(&rules.exclusive_minimum), |a, b| a > b);
    let (maximum, exclusive_maximum) = stricter(parse(&rules.maximum), parse(&rules.exclusive_maximum), |a, b| a < b);
    SchemaKind::Type(JsonType::Number(NumberType {
        format: Format::Item(NumberFormat::Double),
        multiple_of: parse(&rules.multiple_of),
        exclusive_minimum,
        exclusive_maximum,
        minimum,
        maximum,
        enumeration: Vec::new(),
    }))
}

/// 3.0 has one bound with a flag: the stricter of an inclusive and an exclusive one, and whether it is exclusive.
fn stricter<T: PartialEq + Copy>(
    inclusive: Option<T>,
    exclusive: Option<T>,
    beats: fn(T, T) -> bool,
) -> (Option<T>, bool) {
    match (inclusive, exclusive) {
        (Some(inclusive), Some(exclusive)) if beats(inclusive, exclusive) => (Some(inclusive), false),
        (_, Some(exclusive)) => (Some(exclusive), true),
        (inclusive, None) => (inclusive, false),
    }
}
