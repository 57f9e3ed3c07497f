//! The language's types in Rust, and the hooks that a spec demands. Paths begin with `hooks` and `rows`, the two modules
//! of the server that everyone who names them imports.

use crate::{
    model::{Action, Field, Model, Resource, Returns, Target, Type},
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

/// What stands for the value of a field, which may be absent.
pub fn member_type(model: &Model, field: &Field, shadowing: &[&str]) -> String {
    let ty = type_expression(model, &field.ty, shadowing);
    let always = field.required || matches!(field.ty, Type::List(_) | Type::Map(_));
    if always { ty } else { optional(&ty, shadowing) }
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
    pub purpose: Purpose,
    /// Lines of its documentation.
    pub docs: Vec<String>,
    /// What it gets, each with its type: `new`, `&rows::order_item::NewOrderItem`.
    pub arguments: Vec<(&'static str, String)>,
    /// What it gives.
    pub gives: String,
    /// What it gives until someone writes it; otherwise it answers NOT_IMPLEMENTED.
    pub unwritten: Option<String>,
}

/// What a required hook is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Gives a field to a new row.
    Field,
    /// Computes a field of rows that are read.
    Compute,
    /// Does an action on a row.
    ActOnRow,
    /// Does an action on no row in particular.
    Act,
}

impl RequiredHook {
    /// `OrderItemHooks::unit_price`
    pub fn path(&self) -> String {
        format!("{}::{}", self.hooks, self.name)
    }

    /// `, tx: &mut hooks::Tx<'_>, new: &rows::order_item::NewOrderItem`
    pub fn parameters(&self) -> String {
        self.arguments.iter().map(|(name, ty)| format!(", {name}: {ty}")).collect()
    }

    /// How its method begins, in lines as rustfmt would have them.
    pub fn stub_head(&self) -> String {
        // What gives nothing for each row counts them.
        let unused = |name: &str| if self.unwritten.is_some() && name == "rows" { "" } else { "_" };
        let parameters = self.arguments.iter().map(|(name, ty)| format!("{}{name}: {ty}", unused(name)));
        let parameters: Vec<_> = std::iter::once("&self".to_owned()).chain(parameters).collect();
        let head = |parameters: &str| {
            format!("async fn {}({parameters}) -> Result<{}, hooks::ApiError> {{", self.method, self.gives)
        };
        let line = head(&parameters.join(", "));
        if line.len() + 4 <= 100 {
            return line;
        }
        let lines: String = parameters.iter().map(|parameter| format!("        {parameter},\n")).collect();
        head(&format!("\n{lines}    "))
    }

    /// What its method does until someone writes it.
    pub fn stub_body(&self) -> String {
        match &self.unwritten {
            Some(value) => value.clone(),
            None => format!("Err(hooks::not_implemented(\"{}\"))", self.path()),
        }
    }
}

/// Of all resources.
pub fn required_hooks(model: &Model) -> Vec<RequiredHook> {
    let hooks = |resource| required_hooks_of(model, resource);
    model.stored_resources().iter().flat_map(hooks).collect()
}

/// Of one, in the order of its fields and actions.
pub fn required_hooks_of(model: &Model, resource: &Resource) -> Vec<RequiredHook> {
    let fields = resource.fields.iter().filter_map(|field| match field {
        field if field.computed => Some(computes(model, resource, field)),
        field => field.by_hook().then(|| gives_field(model, resource, field)),
    });
    let actions = resource.actions.iter().filter(|action| action.is_by_hook());
    fields.chain(actions.map(|action| does(model, resource, action))).collect()
}

fn gives_field(model: &Model, resource: &Resource, field: &Field) -> RequiredHook {
    let names = &resource.names;
    RequiredHook {
        hooks: format!("{}Hooks", names.pascal),
        name: field.name.clone(),
        method: names::rust_ident(&field.name),
        purpose: Purpose::Field,
        docs: vec![format!("Gives `{}` to a new row, inside the transaction.", field.name)],
        arguments: vec![transaction(), ("new", format!("&rows::{}::New{}", names.module, names.pascal))],
        gives: type_expression(model, &field.ty, &[]),
        unwritten: None,
    }
}

fn transaction() -> (&'static str, String) {
    ("tx", "&mut hooks::Tx<'_>".to_owned())
}

/// A row without a value is as good as any that has none, so where that may be, nothing fails for want of the hook.
fn computes(model: &Model, resource: &Resource, field: &Field) -> RequiredHook {
    let names = &resource.names;
    let nothing = match field.ty {
        Type::List(_) => Some("Ok(vec![Vec::new(); rows.len()])"),
        Type::Map(_) => Some("Ok(vec![std::collections::BTreeMap::new(); rows.len()])"),
        _ if field.required => None,
        _ => Some("Ok(vec![None; rows.len()])"),
    };
    let docs =
        format!("Computes `{}` of rows that are about to be shown: a value per row, in their order.", field.name);
    RequiredHook {
        hooks: format!("{}Hooks", names.pascal),
        name: field.name.clone(),
        method: names::rust_ident(&field.name),
        purpose: Purpose::Compute,
        docs: vec![docs],
        arguments: vec![("lookup", "&hooks::Lookup<'_>".to_owned()), ("rows", format!("&[{}]", row(resource)))],
        gives: format!("Vec<{}>", member_type(model, field, &[])),
        unwritten: nothing.map(str::to_owned),
    }
}

fn does(model: &Model, resource: &Resource, action: &Action) -> RequiredHook {
    let names = &resource.names;
    let on_row = (action.target == Target::Item).then(|| ("row", format!("&{}", row(resource))));
    let input = format!("rows::{}::{}", names.module, input(resource, action));
    let input = (!action.input.is_empty()).then_some(("input", input));
    let phase = if action.safe { "in a transaction that only reads" } else { "inside the transaction" };
    let docs = action.summary(resource);
    let docs = docs.trim().lines().map(|line| line.trim_end().to_owned());
    RequiredHook {
        hooks: format!("{}Hooks", names.pascal),
        name: action.name.clone(),
        method: names::rust_ident(&action.name),
        purpose: if on_row.is_some() { Purpose::ActOnRow } else { Purpose::Act },
        docs: docs.chain([String::new(), format!("`{}`, {phase}.", action.camel(names))]).collect(),
        arguments: std::iter::once(transaction()).chain(on_row).chain(input).collect(),
        gives: returned(model, &action.returns),
        unwritten: None,
    }
}

/// `CancelOrderInput`
pub fn input(resource: &Resource, action: &Action) -> String {
    format!("{}Input", action.method(&resource.names))
}

fn returned(model: &Model, returns: &Returns) -> String {
    match returns {
        Returns::Nothing => "()".to_owned(),
        Returns::Row(id) => row(model.resource(*id)),
        Returns::Rows(id) => format!("Vec<{}>", row(model.resource(*id))),
        Returns::Value(ty) => type_expression(model, ty, &[]),
    }
}
