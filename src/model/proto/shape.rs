//! Which messages, enums and services a model has, before the lock gives them their numbers: all are 0 here.
//!
//! Knows nothing about numbers already given or retired, nor about how a `.proto` file is written.

use rayon::prelude::*;

use super::{Enum, EnumValue, Field, File, Message, Method, Service, Streams};
use crate::model::{
    self, Deprecation, Id, Model, Origin, Relation, Resource, SetBy, Type, domain_error, prose, prose::Spelling,
};

mod actions;
mod batch;
mod events;
mod login;
mod long_running;

/// The protobuf file of a model, without numbers.
pub fn shape(model: &Model) -> File {
    let resources: Vec<_> = model.resources.par_iter().map(|resource| resource_messages(model, resource)).collect();
    let services: Vec<_> = model.resources.par_iter().map(|resource| service(model, resource)).collect();
    File {
        messages: model
            .objects
            .iter()
            .map(|object| value_type(model, object))
            .chain(resources.into_iter().flatten())
            .chain(batch::violation(model))
            .chain(login::messages(model))
            .chain(long_running::metadata(model))
            .collect(),
        enums: model
            .enums
            .iter()
            .map(enumeration)
            .chain(model.resources.iter().filter_map(events::enumeration))
            .collect(),
        services: services
            .into_iter()
            .filter(|service| !service.methods.is_empty())
            .chain(login::service(model))
            .collect(),
    }
}

fn enumeration(declared: &model::Enum) -> Enum {
    let unspecified = unspecified(&declared.constant);
    let values = declared.values.iter().map(|value| EnumValue {
        name: value.proto.clone(),
        number: 0,
        comment: said(value.description.clone(), value.deprecated.as_ref()),
        deprecated: value.deprecated.is_some(),
    });
    Enum {
        name: declared.name.clone(),
        comment: declared.description.clone(),
        values: std::iter::once(unspecified).chain(values).collect(),
        reserved_numbers: Vec::new(),
        reserved_names: Vec::new(),
    }
}

/// The value 0 of an enum.
fn unspecified(constant: &str) -> EnumValue {
    EnumValue {
        name: format!("{constant}_UNSPECIFIED"),
        number: 0,
        comment: Some("No value. In a request the same as absent.".to_owned()),
        deprecated: false,
    }
}

fn value_type(model: &Model, object: &model::Object) -> Message {
    let fields = object.fields.iter().filter(|field| !field.internal).map(|each| property(model, None, each));
    message(object.name.clone(), object.description.clone(), fields.collect())
}

fn resource_messages(model: &Model, resource: &Resource) -> Vec<Message> {
    let operations = resource.operations;
    let mut messages = vec![resource_message(model, resource)];
    if operations.list {
        messages.extend(list_messages(resource));
    }
    if operations.get {
        messages.extend(get_messages(model, resource));
    }
    if operations.create {
        messages.extend(create_messages(model, resource));
    }
    if operations.update {
        messages.extend(update_messages(resource));
    }
    if operations.delete {
        messages.extend(delete_messages(model, resource));
    }
    if resource.soft_delete {
        let name = format!("Undelete{}", resource.names.pascal);
        messages.extend(pair(&name, vec![id(model, resource)], vec![whole(resource, "")]));
    }
    messages.extend(batch::messages(model, resource));
    let linkable = resource.relations.iter().filter(|relation| model.linkable(resource, relation));
    messages.extend(linkable.flat_map(|relation| link_messages(model, resource, relation)));
    messages.extend(actions::messages(model, resource));
    messages.extend(events::messages(model, resource));
    messages
}

fn resource_message(model: &Model, resource: &Resource) -> Message {
    let mut fields: Vec<Field> = resource
        .fields
        .iter()
        .filter(|field| !field.internal)
        .map(|each| property(model, Some(resource), each))
        .collect();
    fields.push(field("etag", "string", "The version of the row. Changes with every update."));
    let comment = prose::join(resource.description.as_deref().unwrap_or_default(), &resource.rules(Spelling::Proto));
    let comment = (!comment.is_empty()).then_some(comment);
    let deprecated = resource.deprecated.is_some();
    Message { deprecated, ..message(resource.names.pascal.clone(), comment, fields) }
}

fn list_messages(resource: &Resource) -> [Message; 2] {
    let list = &resource.list;
    let mut request = vec![
        field(
            "page_size",
            "int32",
            &format!(
                "How many to return at most. 0 means {}; more than {} means {}.",
                list.page_size, list.max_page_size, list.max_page_size
            ),
        ),
        field("page_token", "string", "`next_page_token` or `previous_page_token` of another page of this list."),
        field("filter", "string", "A condition (AIP-160) that all returned rows meet."),
        field("order_by", "string", "Fields to sort by (AIP-132): `created_at desc, id`."),
    ];
    let mut response = vec![
        field(&resource.names.snake_plural, &format!("repeated {}", resource.names.pascal), ""),
        field("next_page_token", "string", "Asks for the page behind this one. Empty if there is none."),
        field("previous_page_token", "string", "Asks for the page before this one. Empty if there is none."),
    ];
    if !resource.search.is_empty() {
        request.push(field("q", "string", &resource.question("order_by")));
    }
    if list.offset {
        request.push(field("skip", "int32", "How many rows to pass over first (AIP-158)."));
    }
    request.push(read_mask());
    if list.total {
        request.push(field("include_total", "bool", "Also count all rows that meet `filter`."));
        response.push(field("total_size", "int64", "The number of all rows that meet `filter`, if asked for."));
    }
    pair(&format!("List{}", resource.names.pascal_plural), request, response)
}

fn get_messages(model: &Model, resource: &Resource) -> [Message; 2] {
    pair(&format!("Get{}", resource.names.pascal), vec![id(model, resource), read_mask()], vec![whole(resource, "")])
}

fn read_mask() -> Field {
    let comment = "The fields to show (AIP-157). Without it, all. `id` and `etag` are always shown.";
    field("read_mask", "google.protobuf.FieldMask", comment)
}

fn create_messages(model: &Model, resource: &Resource) -> [Message; 2] {
    let nested = resource.nested().map(|relation| {
        let one = &model.resource(relation.target).names.pascal;
        let has_one = matches!(relation.kind, model::RelationKind::HasOne { .. });
        let ty = if has_one { one.clone() } else { format!("repeated {one}") };
        field(&relation.name, &ty, "Created along with it: all of it, or nothing.")
    });
    let request = std::iter::once(whole(resource, "What the server sets is ignored.")).chain(nested);
    pair(&format!("Create{}", resource.names.pascal), request.collect(), vec![whole(resource, "")])
}

fn update_messages(resource: &Resource) -> [Message; 2] {
    let request = vec![
        whole(resource, "Its `id` says which one is updated."),
        field(
            "update_mask",
            "google.protobuf.FieldMask",
            "The fields to change (AIP-134). Without it, all that are populated.",
        ),
        etag(resource, "changed"),
    ];
    pair(&format!("Update{}", resource.names.pascal), request, vec![whole(resource, "")])
}

fn delete_messages(model: &Model, resource: &Resource) -> [Message; 2] {
    let request = vec![id(model, resource), etag(resource, "deleted")];
    pair(&format!("Delete{}", resource.names.pascal), request, Vec::new())
}

fn etag(resource: &Resource, done: &str) -> Field {
    let when = if resource.require.if_match { "Required:" } else { "If given," };
    field("etag", "string", &format!("{when} the row is {done} only in this version."))
}

/// Requests and responses of `AddProductTags` and `RemoveProductTags`.
fn link_messages(model: &Model, owner: &Resource, relation: &Relation) -> Vec<Message> {
    let target = model.resource(relation.target);
    let ty = format!("repeated {}", singular(model, &target.fields[0].ty));
    let names = link_methods(owner, relation).into_iter();
    let request = || {
        let ids = field(&format!("{}_ids", target.names.snake), &ty, &format!("The ids of the {}.", target.nouns()));
        vec![id(model, owner), ids]
    };
    names.flat_map(|(name, _)| pair(&name, request(), Vec::new())).collect()
}

/// With what they do, to be followed by what they do it to.
fn link_methods(owner: &Resource, relation: &Relation) -> [(String, &'static str); 2] {
    let name = |verb: &str| format!("{verb}{}{}", owner.names.pascal, prose::capitalised(&relation.camel));
    [(name("Add"), "Adds to"), (name("Remove"), "Removes from")]
}

fn service(model: &Model, resource: &Resource) -> Service {
    let failures = domain_error::sentences(&model.write_errors(resource));
    let names = &resource.names;
    let one = prose::a(&resource.noun());
    let operations = resource.operations;
    let methods = [
        ("list", operations.list, format!("List{}", names.pascal_plural), format!("Lists {}.", resource.nouns()), true),
        ("get", operations.get, format!("Get{}", names.pascal), format!("Gets {one} by its id."), true),
        ("create", operations.create, format!("Create{}", names.pascal), format!("Creates {one}."), false),
        (
            "update",
            operations.update,
            format!("Update{}", names.pascal),
            format!("Changes some fields of {one}."),
            false,
        ),
        ("delete", operations.delete, format!("Delete{}", names.pascal), format!("Deletes {one}."), false),
        (
            "undelete",
            resource.soft_delete,
            format!("Undelete{}", names.pascal),
            format!("Brings back {}.", prose::a(&format!("deleted {}", resource.noun()))),
            false,
        ),
    ];
    let linkable = resource.relations.iter().filter(|relation| model.linkable(resource, relation));
    let links = linkable.flat_map(|relation| {
        let many = format!("the {} of {one}", prose::words(&relation.name));
        link_methods(resource, relation).map(|(name, does)| {
            (
                "update",
                true,
                name,
                prose::join(&format!("{does} {many}."), &Vec::from_iter(relation.writers(model, resource))),
                false,
            )
        })
    });
    Service {
        name: format!("{}Service", names.pascal),
        comment: said(Some(format!("Operations on {}.", resource.nouns())), resource.deprecated.as_ref()),
        deprecated: resource.deprecated.is_some(),
        methods: methods
            .into_iter()
            .chain(links)
            .filter(|(_, offered, ..)| *offered)
            .map(|(word, _, name, comment, safe)| Method {
                request: format!("{name}Request"),
                response: format!("{name}Response"),
                name,
                comment: said(
                    Some(prose::join(
                        &if safe { comment } else { prose::join(&comment, &failures) },
                        &Vec::from_iter(model.admitted(resource, word)),
                    )),
                    resource.deprecation_of(word),
                ),
                safe,
                deprecated: resource.deprecation_of(word).is_some(),
                streams: Streams::Nothing,
            })
            .chain(batch::methods(model, resource))
            .chain(actions::methods(model, resource))
            .chain(events::method(model, resource))
            .collect(),
    }
}

/// A comment, and what is to be known of a deprecation.
fn said(comment: Option<String>, deprecated: Option<&Deprecation>) -> Option<String> {
    match deprecated.and_then(|deprecated| deprecated.detail(Spelling::Proto)) {
        Some(detail) => Some(prose::join(&comment.unwrap_or_default(), &[detail])),
        None => comment,
    }
}

fn pair(method: &str, request: Vec<Field>, response: Vec<Field>) -> [Message; 2] {
    [
        message(format!("{method}Request"), Some(format!("What {method} takes.")), request),
        message(format!("{method}Response"), Some(format!("What {method} returns.")), response),
    ]
}

fn message(name: String, comment: Option<String>, fields: Vec<Field>) -> Message {
    Message { name, comment, fields, deprecated: false, reserved_numbers: Vec::new(), reserved_names: Vec::new() }
}

fn field(name: &str, ty: &str, comment: &str) -> Field {
    let comment = (!comment.is_empty()).then(|| comment.to_owned());
    Field { name: name.to_owned(), ty: ty.to_owned(), number: 0, comment, deprecated: false }
}

fn whole(resource: &Resource, comment: &str) -> Field {
    field(&resource.names.snake, &resource.names.pascal, comment)
}

fn id(model: &Model, resource: &Resource) -> Field {
    field("id", singular(model, &resource.fields[0].ty), "")
}

fn property(model: &Model, owner: Option<&Resource>, declared: &model::Field) -> Field {
    Field {
        name: declared.name.clone(),
        ty: field_type(model, declared),
        number: 0,
        comment: comment(model, owner, declared),
        deprecated: declared.deprecated.is_some(),
    }
}

fn comment(model: &Model, owner: Option<&Resource>, field: &model::Field) -> Option<String> {
    let must_be_sent = field.creatable() && field.required_on_create();
    let mut sentences = Vec::from_iter(must_be_sent.then(|| "Required.".to_owned()));
    sentences.extend(field.constraints());
    sentences.extend(field.handling());
    sentences.extend(field.restrictions(model, owner));
    sentences.extend(field.default_sentence(model, Spelling::Proto));
    sentences.extend(field.deprecated.as_ref().and_then(|each| each.detail(Spelling::Proto)));
    let purpose = field.purpose(owner).unwrap_or_default();
    let lines: Vec<String> =
        [purpose, sentences.join(" ")].into_iter().filter(|line| !line.trim().is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn field_type(model: &Model, field: &model::Field) -> String {
    match &field.ty {
        Type::List(_) | Type::Map(_) => field_type_of(model, &field.ty),
        ty if has_presence(ty) || !wants_presence(field) => singular(model, ty).to_owned(),
        ty => format!("optional {}", singular(model, ty)),
    }
}

/// The type of a field that is always there.
fn field_type_of(model: &Model, ty: &Type) -> String {
    match ty {
        Type::List(item) => format!("repeated {}", singular(model, item)),
        Type::Map(value) => format!("map<string, {}>", singular(model, value)),
        ty => singular(model, ty).to_owned(),
    }
}

/// Messages tell absent from empty by themselves.
fn has_presence(ty: &Type) -> bool {
    matches!(ty, Type::Timestamp | Type::Duration | Type::Json | Type::Object(_))
}

/// Where absent must differ from zero: in what callers send, and in what may be without a value.
fn wants_presence(field: &model::Field) -> bool {
    field.origin != Origin::Id && (field.set_by != SetBy::Server || !field.always_shown())
}

fn singular<'m>(model: &'m Model, ty: &Type) -> &'m str {
    match ty {
        Type::Bool => "bool",
        Type::Int32 => "int32",
        Type::Int64 => "int64",
        Type::Float64 => "double",
        Type::Bytes => "bytes",
        Type::Timestamp => "google.protobuf.Timestamp",
        Type::Duration => "google.protobuf.Duration",
        Type::Json => "google.protobuf.Value",
        Type::Id(target) if model.resource(*target).id == Id::Int64 => "int64",
        Type::Enum(id) => &model.enumeration(*id).name,
        Type::Object(id) => &model.object(*id).name,
        Type::String
        | Type::Decimal { .. }
        | Type::Uuid
        | Type::Date
        | Type::Email
        | Type::Url
        | Type::Password
        | Type::Id(_) => "string",
        Type::List(_) | Type::Map(_) => unreachable!("lists and maps hold single values"),
    }
}
