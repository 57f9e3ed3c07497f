//! Which messages, enums and services a model has, before the lock gives them their numbers: all are 0 here.
//!
//! Knows nothing about numbers already given or retired, nor about how a `.proto` file is written.

use super::{Enum, EnumValue, Field, File, Message, Method, Service};
use crate::model::{self, Id, Model, Origin, Resource, SetBy, Type, prose, prose::Spelling};

/// The protobuf file of a model, without numbers.
pub fn shape(model: &Model) -> File {
    File {
        messages: model
            .objects
            .iter()
            .map(|object| value_type(model, object))
            .chain(model.resources.iter().flat_map(|resource| resource_messages(model, resource)))
            .collect(),
        enums: model.enums.iter().map(enumeration).collect(),
        services: model.resources.iter().map(service).filter(|service| !service.methods.is_empty()).collect(),
    }
}

fn enumeration(declared: &model::Enum) -> Enum {
    let unspecified = EnumValue {
        name: format!("{}_UNSPECIFIED", declared.constant),
        number: 0,
        comment: Some("No value. In a request the same as absent.".to_owned()),
        deprecated: false,
    };
    let values = declared.values.iter().map(|value| EnumValue {
        name: value.proto.clone(),
        number: 0,
        comment: value.description.clone(),
        deprecated: value.deprecated,
    });
    Enum {
        name: declared.name.clone(),
        comment: declared.description.clone(),
        values: std::iter::once(unspecified).chain(values).collect(),
        reserved_numbers: Vec::new(),
        reserved_names: Vec::new(),
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
        messages.extend(create_messages(resource));
    }
    if operations.update {
        messages.extend(update_messages(resource));
    }
    if operations.delete {
        messages.extend(delete_messages(model, resource));
    }
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
    message(resource.names.pascal.clone(), resource.description.clone(), fields)
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
    if list.total {
        request.push(field("include_total", "bool", "Also count all rows that meet `filter`."));
        response.push(field("total_size", "int64", "The number of all rows that meet `filter`, if asked for."));
    }
    pair(&format!("List{}", resource.names.pascal_plural), request, response)
}

fn get_messages(model: &Model, resource: &Resource) -> [Message; 2] {
    pair(&format!("Get{}", resource.names.pascal), vec![id(model, resource)], vec![whole(resource, "")])
}

fn create_messages(resource: &Resource) -> [Message; 2] {
    let request = whole(resource, "What the server sets is ignored.");
    pair(&format!("Create{}", resource.names.pascal), vec![request], vec![whole(resource, "")])
}

fn update_messages(resource: &Resource) -> [Message; 2] {
    let request = vec![
        whole(resource, "Its `id` says which one is updated."),
        field(
            "update_mask",
            "google.protobuf.FieldMask",
            "The fields to change (AIP-134). Without it, all that are populated.",
        ),
        field("etag", "string", "If given, the row is changed only in this version."),
    ];
    pair(&format!("Update{}", resource.names.pascal), request, vec![whole(resource, "")])
}

fn delete_messages(model: &Model, resource: &Resource) -> [Message; 2] {
    let etag = field("etag", "string", "If given, the row is deleted only in this version.");
    pair(&format!("Delete{}", resource.names.pascal), vec![id(model, resource), etag], Vec::new())
}

fn service(resource: &Resource) -> Service {
    let names = &resource.names;
    let one = prose::a(&resource.noun());
    let operations = resource.operations;
    let methods = [
        (operations.list, format!("List{}", names.pascal_plural), format!("Lists {}.", resource.nouns()), true),
        (operations.get, format!("Get{}", names.pascal), format!("Gets {one} by its id."), true),
        (operations.create, format!("Create{}", names.pascal), format!("Creates {one}."), false),
        (operations.update, format!("Update{}", names.pascal), format!("Changes some fields of {one}."), false),
        (operations.delete, format!("Delete{}", names.pascal), format!("Deletes {one}."), false),
    ];
    Service {
        name: format!("{}Service", names.pascal),
        comment: Some(format!("Operations on {}.", resource.nouns())),
        methods: methods
            .into_iter()
            .filter(|(offered, ..)| *offered)
            .map(|(_, name, comment, safe)| Method {
                request: format!("{name}Request"),
                response: format!("{name}Response"),
                name,
                comment: Some(comment),
                safe,
            })
            .collect(),
    }
}

fn pair(method: &str, request: Vec<Field>, response: Vec<Field>) -> [Message; 2] {
    [
        message(format!("{method}Request"), Some(format!("What {method} takes.")), request),
        message(format!("{method}Response"), Some(format!("What {method} returns.")), response),
    ]
}

fn message(name: String, comment: Option<String>, fields: Vec<Field>) -> Message {
    Message { name, comment, fields, reserved_numbers: Vec::new(), reserved_names: Vec::new() }
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
        deprecated: declared.deprecated,
    }
}

fn comment(model: &Model, owner: Option<&Resource>, field: &model::Field) -> Option<String> {
    let must_be_sent = field.creatable() && field.required_on_create();
    let mut sentences = Vec::from_iter(must_be_sent.then(|| "Required.".to_owned()));
    sentences.extend(field.constraints());
    sentences.extend(field.handling());
    sentences.extend(field.default_sentence(model, Spelling::Proto));
    let purpose = field.purpose(owner).unwrap_or_default();
    let lines: Vec<String> =
        [purpose, sentences.join(" ")].into_iter().filter(|line| !line.trim().is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn field_type(model: &Model, field: &model::Field) -> String {
    match &field.ty {
        Type::List(item) => format!("repeated {}", singular(model, item)),
        Type::Map(value) => format!("map<string, {}>", singular(model, value)),
        ty if has_presence(ty) || !wants_presence(field) => singular(model, ty).to_owned(),
        ty => format!("optional {}", singular(model, ty)),
    }
}

/// Messages tell absent from empty by themselves.
fn has_presence(ty: &Type) -> bool {
    matches!(ty, Type::Timestamp | Type::Duration | Type::Json | Type::Object(_))
}

/// Where absent must differ from zero: in what callers send, and in what may be without a value.
fn wants_presence(field: &model::Field) -> bool {
    field.origin != Origin::Id && (field.set_by != SetBy::Server || !field.required)
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
