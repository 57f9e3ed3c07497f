//! The `.proto` file: `templates/proto/file.proto` filled with the numbered messages of the model.
//!
//! Written as `buf format` writes it. Knows nothing about how messages follow from resources; `model::proto` does.

use std::fmt;

use askama::Template;

use crate::model::{
    Model,
    proto::{self, Streams},
};

/// The text of `proto/<name>/<version>/<name>.proto`.
pub fn emit(model: &Model) -> String {
    let file = &model.proto;
    File {
        header: super::header(model),
        comment: Comment::new("", Some(&about(model))),
        package: &model.api.package,
        imports: file.imports(),
        file,
    }
    .render()
    .unwrap_or_else(|error| unreachable!("writing to a string failed: {error}"))
}

/// Files beside it that it imports and compilers don't bring along: path in the import tree, and text.
pub fn imported(model: &Model) -> &'static [(&'static str, &'static str)] {
    const FILES: [(&str, &str); 2] = [
        (proto::OPERATIONS, include_str!("../../templates/proto/google/longrunning/operations.proto")),
        ("google/rpc/status.proto", include_str!("../../templates/proto/google/rpc/status.proto")),
    ];
    if model.proto.imports().contains(&proto::OPERATIONS) { &FILES } else { &[] }
}

fn about(model: &Model) -> String {
    match &model.api.description {
        Some(description) => format!("\n{}\n\n{}", model.api.title, description.trim()),
        None => format!("\n{}", model.api.title),
    }
}

#[derive(Template)]
#[template(path = "proto/file.proto", escape = "none")]
struct File<'m> {
    header: String,
    comment: Comment,
    package: &'m str,
    imports: Vec<&'static str>,
    file: &'m proto::File,
}

/// One after the other, since all at once they take more memory than the text.
impl<'m> File<'m> {
    fn services(&self) -> impl Iterator<Item = Service<'m>> {
        self.file.services.iter().map(Service::new)
    }

    fn messages(&self) -> impl Iterator<Item = Message<'m>> {
        self.file.messages.iter().map(Message::new)
    }

    fn enums(&self) -> impl Iterator<Item = Enum<'m>> {
        self.file.enums.iter().map(Enum::new)
    }
}

struct Service<'m> {
    comment: Comment,
    name: &'m str,
    deprecated: bool,
    methods: Vec<Method<'m>>,
}

struct Method<'m> {
    comment: Comment,
    name: &'m str,
    request: &'m str,
    response: &'m str,
    safe: bool,
    deprecated: bool,
    sends: &'static str,
    answers: &'static str,
}

struct Message<'m> {
    comment: Comment,
    name: &'m str,
    deprecated: bool,
    reserved: Vec<String>,
    fields: Vec<Field<'m>>,
}

struct Field<'m> {
    comment: Comment,
    ty: &'m str,
    name: &'m str,
    number: u32,
    deprecated: bool,
}

struct Enum<'m> {
    comment: Comment,
    name: &'m str,
    reserved: Vec<String>,
    values: Vec<Value<'m>>,
}

struct Value<'m> {
    comment: Comment,
    name: &'m str,
    number: u32,
    deprecated: bool,
}

impl<'m> Service<'m> {
    fn new(service: &'m proto::Service) -> Service<'m> {
        let methods = service.methods.iter().map(|method| Method {
            comment: Comment::new("  ", method.comment.as_deref()),
            name: &method.name,
            request: &method.request,
            response: &method.response,
            safe: method.safe,
            deprecated: method.deprecated,
            sends: if method.streams == Streams::Requests { "stream " } else { "" },
            answers: if method.streams == Streams::Responses { "stream " } else { "" },
        });
        Service {
            comment: Comment::new("", service.comment.as_deref()),
            name: &service.name,
            deprecated: service.deprecated,
            methods: methods.collect(),
        }
    }
}

impl<'m> Message<'m> {
    fn new(message: &'m proto::Message) -> Message<'m> {
        let fields = message.fields.iter().map(|field| Field {
            comment: Comment::new("  ", field.comment.as_deref()),
            ty: &field.ty,
            name: &field.name,
            number: field.number,
            deprecated: field.deprecated,
        });
        Message {
            comment: Comment::new("", message.comment.as_deref()),
            name: &message.name,
            deprecated: message.deprecated,
            reserved: reserved(&message.reserved_numbers, &message.reserved_names),
            fields: fields.collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.reserved.is_empty() && !self.deprecated
    }
}

impl<'m> Enum<'m> {
    fn new(enumeration: &'m proto::Enum) -> Enum<'m> {
        let values = enumeration.values.iter().map(|value| Value {
            comment: Comment::new("  ", value.comment.as_deref()),
            name: &value.name,
            number: value.number,
            deprecated: value.deprecated,
        });
        Enum {
            comment: Comment::new("", enumeration.comment.as_deref()),
            name: &enumeration.name,
            reserved: reserved(&enumeration.reserved_numbers, &enumeration.reserved_names),
            values: values.collect(),
        }
    }
}

/// A text as `//` lines, each with its line break, so that no text takes no line.
struct Comment {
    indent: &'static str,
    text: String,
}

impl Comment {
    fn new(indent: &'static str, text: Option<&str>) -> Comment {
        Comment { indent, text: text.unwrap_or_default().trim_end().to_owned() }
    }
}

impl fmt::Display for Comment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.lines().map(str::trim_end).try_for_each(|line| match line {
            "" => writeln!(f, "{}//", self.indent),
            line => writeln!(f, "{}// {line}", self.indent),
        })
    }
}

/// What stands behind `reserved`: once for the numbers, once for the names.
fn reserved(numbers: &[u32], names: &[String]) -> Vec<String> {
    let numbers = proto::ranges(numbers).into_iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    });
    let names = names.iter().map(|name| format!("\"{name}\""));
    [numbers.collect::<Vec<_>>().join(", "), names.collect::<Vec<_>>().join(", ")]
        .into_iter()
        .filter(|list| !list.is_empty())
        .collect()
}
