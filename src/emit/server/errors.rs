//! The errors of the spec as Rust: a constructor each, for hooks to return.

use askama::Template;

use super::{Imports, Module, docs, private, quoted, type_expression};
use crate::model::{DomainError, Model, Param, Type};

pub(super) fn module(model: &Model) -> Module {
    let mut imports = Imports::new("", ["DomainError", "Type"]);
    let items = model.errors.iter().map(|error| item(model, error, &mut imports)).collect();
    let descriptor = imports.descriptor.iter().copied().filter(|item| *item != "Type" || has_params(model));
    let view = ErrorsView {
        imports: descriptor.collect::<Vec<_>>().join(", "),
        uses: imports.own_uses(),
        values: values(model),
        items,
    };
    private("errors", "The errors of the spec, for hooks to return.", Vec::new(), &view)
}

fn values(model: &Model) -> Option<&'static str> {
    let named = model.errors.iter().flat_map(|error| &error.params).any(|param| rust(&param.ty).starts_with("value::"));
    has_params(model).then_some(if named { "{self, Value}" } else { "Value" })
}

fn has_params(model: &Model) -> bool {
    model.errors.iter().any(|error| !error.params.is_empty())
}

fn item(model: &Model, error: &DomainError, imports: &mut Imports) -> Item {
    let param = |param: &Param| format!("(\"{}\", {})", param.name, type_expression(model, &param.ty, imports));
    let params = error.params.iter().map(param).collect();
    let arguments = error.params.iter().map(|param| format!("{}: {}", param.rust, rust(&param.ty)));
    Item {
        docs: docs(error.description.as_deref().or(Some(&error.message)), &error.name),
        name: error.name.clone(),
        function: error.rust.clone(),
        code: format!("{:?}", error.code.catalogued()),
        message: quoted(&error.message),
        params,
        arguments: arguments.collect::<Vec<_>>().join(", "),
        values: error.params.iter().map(value).collect::<Vec<_>>().join(", "),
    }
}

/// As whoever raises the error gives it.
fn rust(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Int32 => "i32",
        Type::Int64 => "i64",
        Type::Float64 => "f64",
        Type::Decimal { .. } => "value::Decimal",
        Type::Uuid => "value::Uuid",
        Type::Timestamp => "value::Timestamp",
        Type::Date => "value::Date",
        Type::Duration => "value::SignedDuration",
        Type::Enum(_) => "&'static str",
        _ => "impl Into<String>",
    }
}

fn value(param: &Param) -> String {
    let name = &param.rust;
    match param.ty {
        Type::Bool => format!("Value::Bool({name})"),
        Type::Int32 => format!("Value::Int({name}.into())"),
        Type::Int64 => format!("Value::Int({name})"),
        Type::Float64 => format!("Value::Float({name})"),
        Type::Decimal { .. } => format!("Value::Decimal({name})"),
        Type::Uuid => format!("Value::Uuid({name})"),
        Type::Timestamp => format!("Value::Timestamp({name})"),
        Type::Date => format!("Value::Date({name})"),
        Type::Duration => format!("Value::of_duration({name})"),
        Type::Enum(_) => format!("Value::Enum({name})"),
        _ => format!("Value::Text({name}.into())"),
    }
}

#[derive(Template)]
#[template(path = "server/errors.rs.askama", escape = "none")]
struct ErrorsView {
    imports: String,
    uses: Option<String>,
    /// What stands behind `value::` in the import.
    values: Option<&'static str>,
    items: Vec<Item>,
}

struct Item {
    docs: Vec<String>,
    name: String,
    function: String,
    /// Its variant in Rust.
    code: String,
    message: String,
    params: Vec<String>,
    arguments: String,
    values: String,
}
