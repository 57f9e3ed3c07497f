//! The language's types in Rust, and the hooks that a spec demands. Paths begin with `hooks` and `rows`, the two modules
//! of the server that everyone who names them imports.

use crate::{
    model::{Field, Model, Resource, Type},
    names,
};

/// What stands for a value of a type. `shadowing`: items of the spec that are in scope under their bare names, and may
/// stand in the way of Rust's own.
pub fn type_expression(model: &Model, ty: &Type, shadowing: &[&str]) -> String {
    let wrapped = |wrapper: &str, item: &Type| {
        format!("{}<{}>", prelude(wrapper, shadowing), type_expression(model, item, shadowing))
    };
    match ty {
        Type::String | Type::Email | Type::Url => prelude("String", shadowing),
        Type::Bool => "bool".to_owned(),
        Type::Int32 => "i32".to_owned(),
        Type::Int64 => "i64".to_owned(),
        Type::Float64 => "f64".to_owned(),
        Type::Decimal { .. } => "hooks::Decimal".to_owned(),
        Type::Uuid => "hooks::Uuid".to_owned(),
        Type::Timestamp => "hooks::Timestamp".to_owned(),
        Type::Date => "hooks::Date".to_owned(),
        Type::Duration => "hooks::SignedDuration".to_owned(),
        Type::Bytes => format!("{}<u8>", prelude("Vec", shadowing)),
        Type::Json => "hooks::Json".to_owned(),
        Type::Password => "hooks::Secret".to_owned(),
        Type::Id(id) => format!("hooks::Id<{}>", row(model.resource(*id))),
        Type::Enum(id) => format!("rows::enums::{}", model.enumeration(*id).name),
        Type::Object(id) => format!("rows::types::{}", model.object(*id).name),
        Type::List(item) => wrapped("Vec", item),
        Type::Map(item) => {
            let item = type_expression(model, item, shadowing);
            format!("std::collections::BTreeMap<{}, {item}>", prelude("String", shadowing))
        }
    }
}

/// `rows::order::Order`
pub fn row(resource: &Resource) -> String {
    format!("rows::{}::{}", resource.names.module, resource.names.pascal)
}

/// `Option<i32>`
pub fn optional(ty: &str, shadowing: &[&str]) -> String {
    format!("{}<{ty}>", prelude("Option", shadowing))
}

fn prelude(name: &str, shadowing: &[&str]) -> String {
    let module = match name {
        _ if !shadowing.contains(&name) => return name.to_owned(),
        "Option" => "option",
        "Vec" => "vec",
        "String" => "string",
        other => unreachable!("{other} isn't used"),
    };
    format!("std::{module}::{name}")
}

/// A hook that a spec can't do without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredHook {
    /// `OrderItemHooks`
    pub hooks: String,
    /// As the spec names what it is for: `unit_price`.
    pub name: String,
    /// `r#type`
    pub method: String,
    /// `rows::order_item::NewOrderItem`
    pub new: String,
    /// What it gives.
    pub gives: String,
}

impl RequiredHook {
    /// `OrderItemHooks::unit_price`
    pub fn path(&self) -> String {
        format!("{}::{}", self.hooks, self.name)
    }
}

/// Of all resources.
pub fn required_hooks(model: &Model) -> Vec<RequiredHook> {
    let hooks = |resource| required_hooks_of(model, resource);
    model.resources.iter().flat_map(hooks).collect()
}

/// Of one, in the order of its fields.
pub fn required_hooks_of(model: &Model, resource: &Resource) -> Vec<RequiredHook> {
    let names = &resource.names;
    let hook = |field: &Field| RequiredHook {
        hooks: format!("{}Hooks", names.pascal),
        name: field.name.clone(),
        method: names::rust_ident(&field.name),
        new: format!("rows::{}::New{}", names.module, names.pascal),
        gives: type_expression(model, &field.ty, &[]),
    };
    resource.fields.iter().filter(|field| field.by_hook()).map(hook).collect()
}
