//! The rows of each resource as structs, for hooks: as they are read, as they are created, and what an update sets.

use askama::Template;
use rayon::prelude::*;

use super::{Module, docs, render};
use crate::{
    emit::rust::{input, member_type, optional},
    model::{Enum, EnumValue, Field, Model, Object, Origin, Resource, Type},
    names,
};

pub(super) fn module(model: &Model) -> Module {
    let mut inner = Vec::new();
    inner.extend((!model.stored_enums().is_empty()).then(|| public("enums", &enums(model))));
    inner.extend((!model.objects.is_empty()).then(|| public("types", &types(model))));
    let rows = model.stored_resources().par_iter();
    inner.par_extend(rows.map(|resource| public(&resource.names.module, &row(model, resource))));
    let docs = "The rows of each resource as hooks have them, and what they are made of.".to_owned();
    Module { name: "rows".to_owned(), prefix: "pub ", docs: vec![docs], inner, body: String::new() }
}

fn public(name: &str, view: &impl Template) -> Module {
    Module { name: name.to_owned(), prefix: "pub ", docs: Vec::new(), inner: Vec::new(), body: render(view) }
}

fn enums(model: &Model) -> EnumsView<'_> {
    let items = model.stored_enums().iter().map(|item: &Enum| EnumView {
        docs: docs(item.description.as_deref(), &item.name),
        name: &item.name,
        values: &item.values,
    });
    EnumsView { items: items.collect() }
}

fn types(model: &Model) -> TypesView<'_> {
    let shadowing: Vec<_> = model.objects.iter().map(|object| object.name.as_str()).collect();
    let items: Vec<_> = model.objects.iter().map(|object| object_view(model, object, &shadowing)).collect();
    TypesView { uses: uses(items.iter().flat_map(|item| &item.fields)), items }
}

fn object_view<'m>(model: &'m Model, object: &'m Object, shadowing: &[&str]) -> ObjectView<'m> {
    ObjectView {
        docs: docs(object.description.as_deref(), &object.name),
        name: &object.name,
        constant: &object.constant,
        fields: object.fields.iter().map(|field| Member::of(field, member_type(model, field, shadowing))).collect(),
    }
}

fn row<'m>(model: &'m Model, resource: &'m Resource) -> RowView<'m> {
    let shadowing = [resource.names.pascal.as_str()];
    let ty = |field: &Field| member_type(model, field, &shadowing);
    let fields = || resource.fields.iter().filter(|field| !field.computed);
    let read = fields().filter(|field| field.ty != Type::Password);
    let read: Vec<_> = read.map(|field| Member::of(field, ty(field))).collect();
    let created = fields().filter(|field| field.aggregate.is_none() && field.origin != Origin::Timestamp);
    let given = |field: &Field| match field.origin {
        Origin::Id if resource.id.by_server() => optional(&ty(field), &shadowing),
        _ if field.by_hook() => optional(&ty(field), &shadowing),
        _ => ty(field),
    };
    let created: Vec<_> = created.map(|field| Member::undescribed(field, given(field))).collect();
    let set = fields().filter(|field| field.aggregate.is_none());
    let set = set.filter(|field| matches!(field.origin, Origin::Declared | Origin::Relation(_)));
    let set: Vec<_> = set.map(|field| Member::undescribed(field, optional(&ty(field), &shadowing))).collect();
    let taking = resource.actions.iter().filter(|action| !action.long_running && !action.input.is_empty());
    let inputs: Vec<_> = taking
        .map(|action| InputView {
            name: input(resource, action),
            action: action.camel(&resource.names),
            fields: action.input.iter().map(|field| Member::of(field, ty(field))).collect(),
        })
        .collect();
    RowView {
        docs: docs(resource.description.as_deref(), &resource.names.pascal),
        name: &resource.names.pascal,
        module: &resource.names.module,
        constant: &resource.names.constant,
        uses: uses(read.iter().chain(&created).chain(inputs.iter().flat_map(|input| &input.fields))),
        inputs,
        read,
        created,
        set,
    }
}

/// The modules that the types of these members are in.
fn uses<'a>(members: impl Iterator<Item = &'a Member<'a>> + Clone) -> Option<String> {
    let used = |module: &&str| members.clone().any(|member| member.ty.contains(&format!("{module}::")));
    let modules: Vec<_> = ["hooks", "rows"].into_iter().filter(used).collect();
    match modules[..] {
        [] => None,
        [only] => Some(format!("use super::super::{only};")),
        _ => Some(format!("use super::super::{{{}}};", modules.join(", "))),
    }
}

struct Member<'a> {
    docs: Vec<String>,
    /// `r#type`
    ident: String,
    name: &'a str,
    ty: String,
}

impl<'a> Member<'a> {
    fn of(field: &'a Field, ty: String) -> Member<'a> {
        let docs = field.description.iter().flat_map(|text| docs(Some(text), &field.name)).collect();
        Member { docs, ..Member::undescribed(field, ty) }
    }

    fn undescribed(field: &'a Field, ty: String) -> Member<'a> {
        Member { docs: Vec::new(), ident: names::rust_ident(&field.name), name: &field.name, ty }
    }
}

#[derive(Template)]
#[template(path = "server/rows/enums.rs.askama", escape = "none")]
struct EnumsView<'a> {
    items: Vec<EnumView<'a>>,
}

struct EnumView<'a> {
    docs: Vec<String>,
    name: &'a str,
    values: &'a [EnumValue],
}

#[derive(Template)]
#[template(path = "server/rows/types.rs.askama", escape = "none")]
struct TypesView<'a> {
    uses: Option<String>,
    items: Vec<ObjectView<'a>>,
}

struct ObjectView<'a> {
    docs: Vec<String>,
    name: &'a str,
    constant: &'a str,
    fields: Vec<Member<'a>>,
}

#[derive(Template)]
#[template(path = "server/rows/row.rs.askama", escape = "none")]
struct RowView<'a> {
    docs: Vec<String>,
    name: &'a str,
    module: &'a str,
    constant: &'a str,
    uses: Option<String>,
    read: Vec<Member<'a>>,
    created: Vec<Member<'a>>,
    set: Vec<Member<'a>>,
    inputs: Vec<InputView<'a>>,
}

/// What an action takes.
struct InputView<'a> {
    name: String,
    /// `cancelOrder`
    action: String,
    fields: Vec<Member<'a>>,
}
