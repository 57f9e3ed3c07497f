//! The contracts for people: what can fail (`errors.md`), and what there is (`model.md`). Markdown as GitHub shows it, a
//! line per fact, so that a change of the spec reads well as a diff.
//!
//! Knows nothing about how anything is served.

mod actions;
mod diagram;
mod errors;
mod markdown;
mod model;
mod operations;

pub use self::{errors::emit as errors, model::emit as model};
use crate::model::{Id, Model, Type};

/// The first line: a comment, which `-->` in the spec's path mustn't end.
fn header(model: &Model) -> String {
    format!("<!-- {} -->", super::header(model).replace("-->", "-- >"))
}

/// A type as a spec has it; of an id, whose.
fn type_name(model: &Model, ty: &Type) -> String {
    let word = match ty {
        Type::String => "string",
        Type::Bool => "bool",
        Type::Int32 => "int32",
        Type::Int64 => "int64",
        Type::Float64 => "float64",
        Type::Decimal { .. } => "decimal",
        Type::Uuid => "uuid",
        Type::Timestamp => "timestamp",
        Type::Date => "date",
        Type::Duration => "duration",
        Type::Email => "email",
        Type::Url => "url",
        Type::Bytes => "bytes",
        Type::Json => "json",
        Type::Password => "password",
        Type::Enum(id) => &model.enumeration(*id).name,
        Type::Object(id) => &model.object(*id).name,
        Type::Id(target) => {
            return format!("{} of `{}`", id_name(&model.resource(*target).id), model.resource(*target).names.pascal);
        }
        Type::List(item) => return format!("list of {}", type_name(model, item)),
        Type::Map(value) => return format!("map of {}", type_name(model, value)),
    };
    format!("`{word}`")
}

fn id_name(id: &Id) -> String {
    match id {
        Id::Prefixed(prefix) => format!("id `{prefix}_…`"),
        Id::Uuid => "id `uuid`".to_owned(),
        Id::Int64 => "id `int64`".to_owned(),
        Id::Text { .. } => "id `string`".to_owned(),
    }
}
