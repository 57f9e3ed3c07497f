//! The Rust client: prost messages and enums, and a tonic client per service, for the `.proto` file.
//!
//! The same code as prost-build and tonic's generator make of that file, which a test compares, without the seconds that
//! they take. Knows nothing about the server.

mod derives;
mod docs;
mod google;

use askama::Template;

use self::{
    derives::{Derives, Known},
    docs::Docs,
};
use crate::{
    model::{
        Model,
        proto::{self, FieldType, Kind, Label, Streams, Types},
    },
    names,
};

/// The text of `client.rs`, without a header.
pub fn emit(model: &Model) -> String {
    let file = &model.proto;
    let types = Types::of(file);
    let mut known = Known::new(file, &types);
    let mut text = String::new();
    for message in &file.messages {
        add(Message::new(message, &types, known.of(message)), &mut text);
    }
    for declared in &file.enums {
        add(Enum::new(declared), &mut text);
    }
    for service in &file.services {
        add(Service::new(service, &model.api.package), &mut text);
    }
    if file.imports().contains(&proto::OPERATIONS) {
        let operations = google::operations();
        add(Google { client: Service::new(&operations, google::PACKAGE) }, &mut text);
    }
    text.truncate(text.trim_end().len() + 1);
    text
}

fn add(view: impl Template, text: &mut String) {
    view.render_into(text).unwrap_or_else(|error| unreachable!("writing to a string failed: {error}"));
    text.push('\n');
}

#[derive(Template)]
#[template(path = "client/message.rs.askama", escape = "none")]
struct Message<'m> {
    docs: Docs<'m>,
    derives: Derives,
    name: String,
    fields: Vec<Field<'m>>,
}

struct Field<'m> {
    docs: Docs<'m>,
    deprecated: bool,
    /// What prost's macro wants to know of it, but the number.
    attribute: String,
    number: u32,
    name: String,
    ty: String,
}

#[derive(Template)]
#[template(path = "client/enum.rs.askama", escape = "none")]
struct Enum<'m> {
    docs: Docs<'m>,
    name: String,
    values: Vec<Value<'m>>,
}

struct Value<'m> {
    docs: Docs<'m>,
    deprecated: bool,
    variant: String,
    name: &'m str,
    number: u32,
}

#[derive(Template)]
#[template(path = "client/service.rs.askama", escape = "none")]
struct Service<'m> {
    docs: Docs<'m>,
    module: String,
    name: String,
    /// `shop.v1.OrderService`
    path: String,
    methods: Vec<Method<'m>>,
}

/// Operations, and what they consist of: a module that needs no name of the spec's.
#[derive(Template)]
#[template(path = "client/google.rs.askama", escape = "none")]
struct Google<'m> {
    client: Service<'m>,
}

struct Method<'m> {
    docs: Docs<'m>,
    deprecated: bool,
    name: String,
    proto: &'m str,
    /// The trait that a request is taken by.
    input: String,
    conversion: &'static str,
    call: &'static str,
    response: String,
}

impl<'m> Message<'m> {
    fn new(message: &'m proto::Message, types: &Types<'m>, derives: Derives) -> Message<'m> {
        Message {
            docs: Docs::new("", message.comment.as_deref()),
            derives,
            name: names::rust_type(&message.name),
            fields: message.fields.iter().map(|field| Field::new(field, types.of_field(field))).collect(),
        }
    }
}

impl<'m> Field<'m> {
    fn new(field: &'m proto::Field, ty: FieldType<'m>) -> Field<'m> {
        let single = single(ty.kind);
        let word = word(ty.kind);
        let (attribute, ty) = match ty.label {
            Label::One if !is_message(ty.kind) => (word, single),
            Label::One | Label::Optional => (format!("{word}, optional"), format!("::core::option::Option<{single}>")),
            Label::Repeated => (format!("{word}, repeated"), format!("::prost::alloc::vec::Vec<{single}>")),
            Label::Map => (
                format!("map = \"string, {}\"", word_in_map(ty.kind)),
                format!("::std::collections::HashMap<{STRING}, {single}>"),
            ),
        };
        Field {
            docs: Docs::new("    ", field.comment.as_deref()),
            deprecated: field.deprecated,
            attribute,
            number: field.number,
            name: names::rust_ident(&field.name),
            ty,
        }
    }
}

impl<'m> Enum<'m> {
    fn new(declared: &'m proto::Enum) -> Enum<'m> {
        let values = declared.values.iter().map(|value| Value {
            docs: Docs::new("    ", value.comment.as_deref()),
            deprecated: value.deprecated,
            variant: names::rust_variant(&declared.name, &value.name),
            name: &value.name,
            number: value.number,
        });
        Enum {
            docs: Docs::new("", declared.comment.as_deref()),
            name: names::rust_type(&declared.name),
            values: values.collect(),
        }
    }
}

impl<'m> Service<'m> {
    fn new(service: &'m proto::Service, package: &str) -> Service<'m> {
        Service {
            docs: Docs::new("    ", service.comment.as_deref()),
            module: names::client_module(&service.name),
            name: names::rust_type(&service.name),
            path: format!("{package}.{}", service.name),
            methods: service.methods.iter().map(Method::new).collect(),
        }
    }
}

impl<'m> Method<'m> {
    fn new(method: &'m proto::Method) -> Method<'m> {
        let (request, response) = (names::rust_type(&method.request), rust_path(&method.response));
        let one = || format!("IntoRequest<super::{request}>");
        let (input, conversion, call) = match method.streams {
            Streams::Nothing => (one(), "into_request", "unary"),
            Streams::Responses => (one(), "into_request", "server_streaming"),
            Streams::Requests => (
                format!("IntoStreamingRequest<Message = super::{request}>"),
                "into_streaming_request",
                "client_streaming",
            ),
        };
        Method {
            docs: Docs::new("        ", method.comment.as_deref()),
            deprecated: method.deprecated,
            name: names::rust_ident(&method.name),
            proto: &method.name,
            input,
            conversion,
            call,
            response: match method.streams {
                Streams::Responses => format!("tonic::codec::Streaming<super::{response}>"),
                Streams::Nothing | Streams::Requests if method.response == google::EMPTY => "()".to_owned(),
                Streams::Nothing | Streams::Requests => format!("super::{response}"),
            },
        }
    }
}

/// `google.longrunning.Operation` → `google::longrunning::Operation`.
fn rust_path(message: &str) -> String {
    match message.rsplit_once('.') {
        Some((package, name)) => format!("{}::{}", package.replace('.', "::"), names::rust_type(name)),
        None => names::rust_type(message),
    }
}

/// Whole, since a message may be called `String`.
const STRING: &str = "::prost::alloc::string::String";

/// The Rust type of one value.
fn single(kind: Kind<'_>) -> String {
    match kind {
        Kind::Bool => "bool".to_owned(),
        Kind::Int32 | Kind::Enum(_) => "i32".to_owned(),
        Kind::Int64 => "i64".to_owned(),
        Kind::Double => "f64".to_owned(),
        Kind::String => STRING.to_owned(),
        Kind::Bytes => "::prost::alloc::vec::Vec<u8>".to_owned(),
        Kind::Message(name) => names::rust_type(name),
        Kind::WellKnown(name) => format!("::prost_types::{name}"),
    }
}

/// How prost's macro calls it.
fn word(kind: Kind<'_>) -> String {
    match kind {
        Kind::Bool => "bool".to_owned(),
        Kind::Int32 => "int32".to_owned(),
        Kind::Int64 => "int64".to_owned(),
        Kind::Double => "double".to_owned(),
        Kind::String => "string".to_owned(),
        Kind::Bytes => "bytes = \"vec\"".to_owned(),
        Kind::Enum(name) => format!("enumeration = \"{}\"", names::rust_type(name)),
        Kind::Message(_) | Kind::WellKnown(_) => "message".to_owned(),
    }
}

fn word_in_map(kind: Kind<'_>) -> String {
    match kind {
        Kind::Enum(name) => format!("enumeration({})", names::rust_type(name)),
        Kind::Bytes => "bytes".to_owned(),
        other => word(other),
    }
}

fn is_message(kind: Kind<'_>) -> bool {
    matches!(kind, Kind::Message(_) | Kind::WellKnown(_))
}
