//! The `FileDescriptorSet` of the `.proto` file, with all imports and without comments: for server reflection.
//!
//! Made from the same messages as the text, which a compiler turns into these very descriptors; a test has one do it.

use indexmap::IndexSet;
use prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, EnumValueOptions, FieldDescriptorProto,
    FieldOptions, FileDescriptorProto, MessageOptions, MethodDescriptorProto, MethodOptions, OneofDescriptorProto,
    ServiceDescriptorProto, ServiceOptions,
    descriptor_proto::ReservedRange,
    enum_descriptor_proto::EnumReservedRange,
    field_descriptor_proto::{self, Type},
    method_options::IdempotencyLevel,
};

use crate::{
    model::{
        Model,
        proto::{self, FieldType, Kind, Label, Streams, Types},
    },
    names,
};

/// The encoded set. `path` is the file's, as others would import it: `shop/v1/shop.proto`.
pub fn emit(model: &Model, path: &str) -> Vec<u8> {
    let imports: IndexSet<_> = model.proto.imports().into_iter().flat_map(with_dependencies).collect();
    let mut set: Vec<u8> = imports.into_iter().flat_map(file_of).copied().collect();
    let own = Describer { package: &model.api.package, types: Types::of(&model.proto) }.file(&model.proto, path);
    // Sets lie one behind the other like their files, as all repeated fields do.
    set.push(FILE_OF_SET);
    prost::encode_length_delimiter(own.len(), &mut set).unwrap_or_else(|_| unreachable!("a vector grows"));
    set.extend(own);
    set
}

/// What is in front of a file's length: field 1 of a `FileDescriptorSet`, and that a length follows.
const FILE_OF_SET: u8 = 1 << 3 | 2;

/// What a file imports, before the file itself.
fn with_dependencies(import: &'static str) -> Vec<&'static str> {
    let dependencies: &[&str] = match import {
        proto::OPERATIONS => &[
            "google/protobuf/any.proto",
            "google/protobuf/duration.proto",
            "google/protobuf/empty.proto",
            "google/rpc/status.proto",
        ],
        _ => &[],
    };
    [dependencies, &[import]].concat()
}

/// A set of one file that comes with protobuf or with the contract.
fn file_of(import: &str) -> &'static [u8] {
    match import {
        proto::OPERATIONS => include_bytes!("descriptors/operations.binpb"),
        "google/protobuf/any.proto" => include_bytes!("descriptors/any.binpb"),
        "google/protobuf/duration.proto" => include_bytes!("descriptors/duration.binpb"),
        "google/protobuf/empty.proto" => include_bytes!("descriptors/empty.binpb"),
        "google/protobuf/field_mask.proto" => include_bytes!("descriptors/field_mask.binpb"),
        "google/protobuf/struct.proto" => include_bytes!("descriptors/struct.binpb"),
        "google/protobuf/timestamp.proto" => include_bytes!("descriptors/timestamp.binpb"),
        "google/rpc/status.proto" => include_bytes!("descriptors/status.binpb"),
        other => unreachable!("no file imports {other}"),
    }
}

struct Describer<'m> {
    package: &'m str,
    types: Types<'m>,
}

impl<'m> Describer<'m> {
    /// Encoded, part behind part: as values, all messages together take many times the memory.
    fn file(&self, file: &'m proto::File, path: &str) -> Vec<u8> {
        let none = FileDescriptorProto::default;
        let head = FileDescriptorProto {
            name: Some(path.to_owned()),
            package: Some(self.package.to_owned()),
            dependency: file.imports().into_iter().map(str::to_owned).collect(),
            ..none()
        };
        let messages = file.messages.iter().map(|message| vec![self.message(message)]);
        let enums = file.enums.iter().map(|declared| vec![enumeration(declared)]);
        let services = file.services.iter().map(|service| vec![self.service(service)]);
        let parts = [head].into_iter();
        let parts = parts.chain(messages.map(|message_type| FileDescriptorProto { message_type, ..none() }));
        let parts = parts.chain(enums.map(|enum_type| FileDescriptorProto { enum_type, ..none() }));
        let parts = parts.chain(services.map(|service| FileDescriptorProto { service, ..none() }));
        let tail = FileDescriptorProto { syntax: Some("proto3".to_owned()), ..none() };
        let mut encoded = Vec::new();
        for part in parts.chain([tail]) {
            part.encode(&mut encoded).unwrap_or_else(|_| unreachable!("a vector grows"));
        }
        encoded
    }

    fn message(&self, message: &'m proto::Message) -> DescriptorProto {
        let mut described = DescriptorProto {
            name: Some(message.name.clone()),
            options: message.deprecated.then(|| MessageOptions { deprecated: Some(true), ..MessageOptions::default() }),
            reserved_range: proto::ranges(&message.reserved_numbers).into_iter().map(reserved_numbers).collect(),
            reserved_name: message.reserved_names.clone(),
            ..DescriptorProto::default()
        };
        for field in &message.fields {
            self.add_field(field, &mut described);
        }
        described
    }

    /// A map is a message inside, and a value that may be absent a choice of one.
    fn add_field(&self, field: &'m proto::Field, message: &mut DescriptorProto) {
        let ty = self.types.of_field(field);
        let mut described = FieldDescriptorProto {
            options: field.deprecated.then(|| FieldOptions { deprecated: Some(true), ..FieldOptions::default() }),
            ..self.field(&field.name, field.number, ty)
        };
        match ty.label {
            Label::One | Label::Repeated => {}
            Label::Optional => {
                described.oneof_index = Some(as_i32(message.oneof_decl.len()));
                described.proto3_optional = Some(true);
                let name = Some(format!("_{}", field.name));
                message.oneof_decl.push(OneofDescriptorProto { name, ..OneofDescriptorProto::default() });
            }
            Label::Map => {
                let entry = self.entry(field, ty.kind);
                described.r#type = Some(Type::Message.into());
                described.type_name =
                    message.name.as_ref().map(|name| self.absolute(&format!("{name}.{}", entry.name())));
                message.nested_type.push(entry);
            }
        }
        message.field.push(described);
    }

    fn field(&self, name: &str, number: u32, ty: FieldType<'_>) -> FieldDescriptorProto {
        let (kind, type_name) = match ty.kind {
            Kind::Bool => (Type::Bool, None),
            Kind::Int32 => (Type::Int32, None),
            Kind::Int64 => (Type::Int64, None),
            Kind::Double => (Type::Double, None),
            Kind::String => (Type::String, None),
            Kind::Bytes => (Type::Bytes, None),
            Kind::Enum(name) => (Type::Enum, Some(self.absolute(name))),
            Kind::Message(name) => (Type::Message, Some(self.absolute(name))),
            Kind::WellKnown(name) => (Type::Message, Some(format!(".google.protobuf.{name}"))),
        };
        let label = match ty.label {
            Label::One | Label::Optional => field_descriptor_proto::Label::Optional,
            Label::Repeated | Label::Map => field_descriptor_proto::Label::Repeated,
        };
        FieldDescriptorProto {
            name: Some(name.to_owned()),
            number: Some(as_i32(number)),
            label: Some(label.into()),
            r#type: Some(kind.into()),
            type_name,
            json_name: Some(names::proto_json(name)),
            ..FieldDescriptorProto::default()
        }
    }

    fn entry(&self, field: &proto::Field, value: Kind<'_>) -> DescriptorProto {
        let one = |kind| FieldType { label: Label::One, kind };
        DescriptorProto {
            name: Some(names::proto_map_entry(&field.name)),
            field: vec![self.field("key", 1, one(Kind::String)), self.field("value", 2, one(value))],
            options: Some(MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
            ..DescriptorProto::default()
        }
    }

    fn service(&self, service: &proto::Service) -> ServiceDescriptorProto {
        ServiceDescriptorProto {
            name: Some(service.name.clone()),
            method: service.methods.iter().map(|method| self.method(method)).collect(),
            options: service.deprecated.then(|| ServiceOptions { deprecated: Some(true), ..ServiceOptions::default() }),
        }
    }

    fn method(&self, method: &proto::Method) -> MethodDescriptorProto {
        let options = MethodOptions {
            deprecated: method.deprecated.then_some(true),
            idempotency_level: method.safe.then(|| IdempotencyLevel::NoSideEffects.into()),
            ..MethodOptions::default()
        };
        MethodDescriptorProto {
            name: Some(method.name.clone()),
            input_type: Some(self.absolute(&method.request)),
            output_type: Some(self.absolute(&method.response)),
            options: (method.deprecated || method.safe).then_some(options),
            client_streaming: (method.streams == Streams::Requests).then_some(true),
            server_streaming: (method.streams == Streams::Responses).then_some(true),
        }
    }

    /// Names of Google's have their package already.
    fn absolute(&self, name: &str) -> String {
        if name.starts_with("google.") { format!(".{name}") } else { format!(".{}.{name}", self.package) }
    }
}

fn enumeration(declared: &proto::Enum) -> EnumDescriptorProto {
    let ranges = proto::ranges(&declared.reserved_numbers).into_iter();
    EnumDescriptorProto {
        name: Some(declared.name.clone()),
        value: declared.values.iter().map(value).collect(),
        options: None,
        reserved_range: ranges
            .map(|(first, last)| EnumReservedRange { start: Some(as_i32(first)), end: Some(as_i32(last)) })
            .collect(),
        reserved_name: declared.reserved_names.clone(),
    }
}

fn value(value: &proto::EnumValue) -> EnumValueDescriptorProto {
    EnumValueDescriptorProto {
        name: Some(value.name.clone()),
        number: Some(as_i32(value.number)),
        options: value.deprecated.then(|| EnumValueOptions { deprecated: Some(true), ..EnumValueOptions::default() }),
    }
}

/// Of a message: the end lies behind the last one, unlike in an enum.
fn reserved_numbers((first, last): (u32, u32)) -> ReservedRange {
    ReservedRange { start: Some(as_i32(first)), end: Some(as_i32(last + 1)) }
}

fn as_i32(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or_else(|_| unreachable!("the lock gives out no number above 2^29"))
}
