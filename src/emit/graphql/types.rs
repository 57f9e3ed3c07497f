//! The GraphQL type of a field, in outputs and in inputs.

use std::borrow::Cow;

use crate::model::{Field, Model, Type};

/// Output type of a field: never null where the field is required.
pub fn output(model: &Model, field: &Field) -> String {
    let ty = written(model, &field.ty, "");
    let hidden = field.access.read.is_some();
    if (field.required || is_collection(&field.ty)) && !hidden { format!("{ty}!") } else { ty }
}

/// Input type of a field that a create carries, or a member of a value type.
pub fn create_input(model: &Model, field: &Field) -> String {
    let ty = written(model, &field.ty, "Input");
    if field.required_on_create() { format!("{ty}!") } else { ty }
}

/// Input type of a field that an update carries: absent means unchanged, so never required.
pub fn update_input(model: &Model, field: &Field) -> String {
    written(model, &field.ty, "Input")
}

/// A type as a field has it that may be null.
pub fn written(model: &Model, ty: &Type, suffix: &str) -> String {
    match ty {
        Type::List(item) => format!("[{}!]", single(model, item, suffix)),
        Type::Map(value) => format!("[{}Entry{suffix}!]", single(model, value, "")),
        ty => single(model, ty, suffix).into_owned(),
    }
}

fn is_collection(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Map(_))
}

/// The name of a type that isn't a list or a map; `suffix` marks the input form of value types.
pub fn single<'m>(model: &'m Model, ty: &Type, suffix: &str) -> Cow<'m, str> {
    match ty {
        Type::Object(id) => Cow::Owned(format!("{}{suffix}", model.object(*id).name)),
        Type::Enum(id) => Cow::Borrowed(&model.enumeration(*id).name),
        ty => Cow::Borrowed(scalar(ty)),
    }
}

/// The name of a type that is neither a value type nor an enum.
pub fn scalar(ty: &Type) -> &'static str {
    match ty {
        Type::String | Type::Email | Type::Url | Type::Password => "String",
        Type::Bool => "Boolean",
        Type::Int32 => "Int",
        Type::Float64 => "Float",
        Type::Id(_) => "ID",
        Type::Int64 => "Int64",
        Type::Decimal { .. } => "Decimal",
        Type::Uuid => "UUID",
        Type::Timestamp => "DateTime",
        Type::Date => "Date",
        Type::Duration => "Duration",
        Type::Bytes => "Bytes",
        Type::Json => "JSON",
        Type::Enum(_) | Type::Object(_) | Type::List(_) | Type::Map(_) => unreachable!("{ty:?} has a name of its own"),
    }
}
