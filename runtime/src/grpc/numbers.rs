//! Which number each field has on the wire: read from the descriptor set at start, and held against the descriptors.
//!
//! The descriptor set is the compiled contract, so a server whose descriptors say something else doesn't start: a missing
//! or surplus field, another type, or a scalar without the presence that an input needs.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, anyhow, bail, ensure};
use prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type as ProtoType},
};

use crate::descriptor::{Api, Enum, Field, Id, Object, Resource, SetBy, Type};

/// All messages of an api that carry fields of the spec.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    messages: Vec<Message>,
}

/// The message of a resource or a value type.
#[derive(Debug)]
pub(super) struct Message {
    pub fields: &'static [Field],
    /// In the order of `fields`; `None` for what isn't in the contract.
    pub slots: Vec<Option<Slot>>,
    /// Index of a field by its number, ascending.
    by_number: Vec<(u32, usize)>,
    /// Only resources have one.
    pub etag: Option<u32>,
}

/// Where and how a field is written.
#[derive(Debug)]
pub(super) struct Slot {
    pub number: u32,
    pub kind: Kind,
    /// The field tells a zero from nothing: it is written whenever it has a value.
    pub presence: bool,
}

/// A type's form on the wire.
#[derive(Debug)]
pub(super) enum Kind {
    Bool,
    /// `int32` and `int64`: both are varints of 64 bits.
    Int32,
    Int64,
    Double,
    /// Everything that is text: the type says which.
    Text(Type),
    Bytes,
    Timestamp,
    Duration,
    Json,
    Enum(EnumNumbers),
    Message(MessageId),
    List(Box<Kind>),
    Map(Box<Kind>),
}

/// Index into [`Numbers`]: value types may be nested anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MessageId(usize);

/// The numbers of an enum's values, in the spec's order.
#[derive(Debug)]
pub(super) struct EnumNumbers(Vec<(&'static str, i32)>);

impl EnumNumbers {
    pub fn number(&self, value: &str) -> i32 {
        match self.0.iter().find(|(name, _)| *name == value) {
            Some((_, number)) => *number,
            None => unreachable!("{value} is one of the enum's values"),
        }
    }

    pub fn value(&self, number: i32) -> Option<&'static str> {
        self.0.iter().find(|(_, known)| *known == number).map(|(name, _)| *name)
    }

    pub fn values(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }
}

impl Message {
    pub fn index(&self, number: u32) -> Option<usize> {
        let position = self.by_number.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(self.by_number[position].1)
    }
}

impl Numbers {
    pub fn message(&self, id: MessageId) -> &Message {
        &self.messages[id.0]
    }
}

/// The compiled contract, while it is compared with the descriptors.
#[derive(Debug)]
pub(super) struct Contract {
    package: &'static str,
    messages: HashMap<String, DescriptorProto>,
    enums: HashMap<String, EnumDescriptorProto>,
    /// `shop.v1.OrderService/CreateOrder`.
    methods: HashSet<String>,
    value_types: HashMap<&'static str, MessageId>,
    numbers: Numbers,
}

/// A field that a request or response needs: its name and its type as the `.proto` file spells it.
pub(super) type Needed<'a> = (&'a str, &'a [&'a str]);

impl Contract {
    pub fn read(api: &'static Api) -> anyhow::Result<Contract> {
        let set = FileDescriptorSet::decode(api.descriptor_set).context("the descriptor set can't be read")?;
        let mut contract = Contract {
            package: api.package,
            messages: HashMap::new(),
            enums: HashMap::new(),
            methods: HashSet::new(),
            value_types: HashMap::new(),
            numbers: Numbers::default(),
        };
        for file in set.file.into_iter().filter(|file| file.package() == api.package) {
            contract.messages.extend(file.message_type.into_iter().map(|found| (found.name().to_owned(), found)));
            contract.enums.extend(file.enum_type.into_iter().map(|found| (found.name().to_owned(), found)));
            for service in file.service {
                let methods = service.method.iter();
                let paths = methods.map(|method| format!("{}.{}/{}", api.package, service.name(), method.name()));
                contract.methods.extend(paths);
            }
        }
        Ok(contract)
    }

    pub fn finish(self) -> Numbers {
        self.numbers
    }

    /// `path` without the slash in front. A method that the contract lacks can't be served.
    pub fn needs_method(&mut self, path: &str) -> anyhow::Result<()> {
        ensure!(self.methods.remove(path), "the descriptor set has no method {path}");
        Ok(())
    }

    /// After every method that the descriptors know, served or not: what the contract promises beyond them.
    pub fn has_no_further_method(&self) -> anyhow::Result<()> {
        match self.methods.iter().min() {
            Some(method) => bail!("nothing serves the method {method} of the descriptor set"),
            None => Ok(()),
        }
    }

    pub fn resource(&mut self, resource: &'static Resource) -> anyhow::Result<MessageId> {
        let id = self.reserve(resource.fields);
        let message = self.find(resource.name)?.clone();
        let etag = find_field(&message, "etag")?;
        let found = self.spelling(&message, etag)?;
        ensure!(found == "string", mismatch(resource.name, "etag", &found, "string"));
        self.numbers.messages[id.0].etag = Some(number(etag)?);
        self.fill(id, &message)?;
        Ok(id)
    }

    /// The numbers of a request's or response's fields, in the order given.
    pub fn wrapper(&self, name: &str, needed: &[Needed<'_>]) -> anyhow::Result<Vec<u32>> {
        let message = self.find(name)?;
        has_only(message, |field| needed.iter().any(|(name, _)| *name == field))?;
        self.numbers_of(message, needed)
    }

    fn numbers_of(&self, message: &DescriptorProto, needed: &[Needed<'_>]) -> anyhow::Result<Vec<u32>> {
        let number = |&(name, types): &Needed<'_>| {
            let field = find_field(message, name)?;
            let found = self.spelling(message, field)?;
            ensure!(types.contains(&found.as_str()), mismatch(message.name(), name, &found, &types.join("` or `")));
            number(field)
        };
        needed.iter().map(number).collect()
    }

    /// A request or response that brings values of `fields` beside what it needs itself.
    pub fn arguments(
        &mut self,
        name: &str,
        fields: &'static [Field],
        needed: &[Needed<'_>],
    ) -> anyhow::Result<(MessageId, Vec<u32>)> {
        let message = self.find(name)?.clone();
        has_only(&message, |found| {
            fields.iter().any(|field| field.name == found) || needed.iter().any(|(name, _)| *name == found)
        })?;
        let numbers = self.numbers_of(&message, needed)?;
        let id = self.reserve(fields);
        self.slots(id, &message)?;
        Ok((id, numbers))
    }

    fn find(&self, name: &str) -> anyhow::Result<&DescriptorProto> {
        self.messages.get(name).ok_or_else(|| anyhow!("the descriptor set has no message {}.{name}", self.package))
    }

    /// A value type's message is known before its fields are, because it may contain itself.
    fn object(&mut self, object: &'static Object) -> anyhow::Result<MessageId> {
        if let Some(id) = self.value_types.get(object.name) {
            return Ok(*id);
        }
        let id = self.reserve(object.fields);
        self.value_types.insert(object.name, id);
        let message = self.find(object.name)?.clone();
        self.fill(id, &message)?;
        Ok(id)
    }

    fn reserve(&mut self, fields: &'static [Field]) -> MessageId {
        self.numbers.messages.push(Message { fields, slots: Vec::new(), by_number: Vec::new(), etag: None });
        MessageId(self.numbers.messages.len() - 1)
    }

    fn fill(&mut self, id: MessageId, message: &DescriptorProto) -> anyhow::Result<()> {
        let Message { fields, etag, .. } = self.numbers.messages[id.0];
        let declared = |name: &str| fields.iter().any(|field| !field.internal && field.name == name);
        has_only(message, |name| declared(name) || (etag.is_some() && name == "etag"))?;
        self.slots(id, message)
    }

    fn slots(&mut self, id: MessageId, message: &DescriptorProto) -> anyhow::Result<()> {
        let fields = self.numbers.messages[id.0].fields;
        let slots = fields.iter().map(|field| self.slot(message, field)).collect::<anyhow::Result<Vec<_>>>()?;
        let numbers = slots.iter().enumerate().filter_map(|(index, slot)| Some((slot.as_ref()?.number, index)));
        let mut by_number: Vec<(u32, usize)> = numbers.collect();
        by_number.sort_unstable();
        let entry = &mut self.numbers.messages[id.0];
        entry.slots = slots;
        entry.by_number = by_number;
        Ok(())
    }

    fn slot(&mut self, message: &DescriptorProto, field: &'static Field) -> anyhow::Result<Option<Slot>> {
        if field.internal {
            return Ok(None);
        }
        let proto = find_field(message, field.name)?;
        let expected = self.expected(&field.ty)?;
        let found = self.spelling(message, proto)?;
        ensure!(found == expected, mismatch(message.name(), field.name, &found, &expected));
        let presence = proto.proto3_optional() || proto.r#type() == ProtoType::Message;
        let scalar = proto.label() != Label::Repeated && proto.r#type() != ProtoType::Message;
        // An id is never empty, so it needs none (and the contract keeps it plain).
        let told_apart = field.set_by == SetBy::Server || field.name == "id";
        if scalar && !presence && !(field.required && told_apart) {
            bail!("field `{}` of message {} must be `optional {expected}`", field.name, message.name());
        }
        let kind = self.kind(&field.ty)?;
        Ok(Some(Slot { number: number(proto)?, kind, presence }))
    }

    fn kind(&mut self, ty: &'static Type) -> anyhow::Result<Kind> {
        Ok(match ty {
            Type::Bool => Kind::Bool,
            Type::Int32 => Kind::Int32,
            Type::Int64 | Type::Id(Id::Int64) => Kind::Int64,
            Type::Float64 => Kind::Double,
            Type::Bytes => Kind::Bytes,
            Type::Timestamp => Kind::Timestamp,
            Type::Duration => Kind::Duration,
            Type::Json => Kind::Json,
            Type::Enum(of) => Kind::Enum(self.enum_numbers(of)?),
            Type::Object(of) => Kind::Message(self.object(of)?),
            Type::List(of) => Kind::List(Box::new(self.kind(of)?)),
            Type::Map(of) => Kind::Map(Box::new(self.kind(of)?)),
            Type::String
            | Type::Decimal { .. }
            | Type::Uuid
            | Type::Date
            | Type::Email
            | Type::Url
            | Type::Password
            | Type::Id(_) => Kind::Text(*ty),
        })
    }

    /// The zero value, `ORDER_STATUS_UNSPECIFIED`, tells the prefix of the others.
    fn enum_numbers(&self, of: &'static Enum) -> anyhow::Result<EnumNumbers> {
        let found = self.enums.get(of.name);
        let found = found.ok_or_else(|| anyhow!("the descriptor set has no enum {}.{}", self.package, of.name))?;
        let zero = found.value.iter().find(|value| value.number() == 0).map(|value| value.name());
        let prefix = zero.and_then(|name| name.strip_suffix("UNSPECIFIED"));
        let prefix = prefix.ok_or_else(|| anyhow!("enum {} has no value `…_UNSPECIFIED = 0`", of.name))?;
        let number = |value: &&'static str| {
            let name = format!("{prefix}{}", value.to_ascii_uppercase());
            let proto = found.value.iter().find(|proto| proto.name() == name);
            let proto = proto.ok_or_else(|| anyhow!("enum {} of the descriptor set has no value {name}", of.name))?;
            Ok((*value, proto.number()))
        };
        let numbers = of.values.iter().map(number).collect::<anyhow::Result<Vec<_>>>()?;
        let surplus = found.value.len().saturating_sub(numbers.len() + 1);
        ensure!(surplus == 0, "enum {} of the descriptor set has {surplus} values that nothing here knows", of.name);
        Ok(EnumNumbers(numbers))
    }

    /// A type as the `.proto` file spells it, without `optional`.
    fn expected(&self, ty: &Type) -> anyhow::Result<String> {
        Ok(match ty {
            Type::Bool => "bool".to_owned(),
            Type::Int32 => "int32".to_owned(),
            Type::Int64 | Type::Id(Id::Int64) => "int64".to_owned(),
            Type::Float64 => "double".to_owned(),
            Type::Bytes => "bytes".to_owned(),
            Type::Timestamp => "google.protobuf.Timestamp".to_owned(),
            Type::Duration => "google.protobuf.Duration".to_owned(),
            Type::Json => "google.protobuf.Value".to_owned(),
            Type::Enum(of) => format!("{}.{}", self.package, of.name),
            Type::Object(of) => format!("{}.{}", self.package, of.name),
            Type::List(Type::List(_) | Type::Map(_)) | Type::Map(Type::List(_) | Type::Map(_)) => {
                bail!("protobuf has no lists or maps directly within lists or maps")
            }
            Type::List(of) => format!("repeated {}", self.expected(of)?),
            Type::Map(of) => format!("map<string, {}>", self.expected(of)?),
            Type::String
            | Type::Decimal { .. }
            | Type::Uuid
            | Type::Date
            | Type::Email
            | Type::Url
            | Type::Password
            | Type::Id(_) => "string".to_owned(),
        })
    }

    /// What the descriptor set says, in the same spelling.
    fn spelling(&self, message: &DescriptorProto, field: &FieldDescriptorProto) -> anyhow::Result<String> {
        let base = base_spelling(field)?;
        if field.label() != Label::Repeated {
            return Ok(base);
        }
        let is_entry = |nested: &&DescriptorProto| {
            let map_entry = nested.options.as_ref().is_some_and(|options| options.map_entry());
            map_entry && base == format!("{}.{}.{}", self.package, message.name(), nested.name())
        };
        match message.nested_type.iter().find(is_entry) {
            None => Ok(format!("repeated {base}")),
            Some(entry) => {
                let key = base_spelling(find_field(entry, "key")?)?;
                let value = base_spelling(find_field(entry, "value")?)?;
                Ok(format!("map<{key}, {value}>"))
            }
        }
    }
}

fn base_spelling(field: &FieldDescriptorProto) -> anyhow::Result<String> {
    Ok(match field.r#type() {
        ProtoType::Bool => "bool".to_owned(),
        ProtoType::Int32 => "int32".to_owned(),
        ProtoType::Int64 => "int64".to_owned(),
        ProtoType::Double => "double".to_owned(),
        ProtoType::String => "string".to_owned(),
        ProtoType::Bytes => "bytes".to_owned(),
        ProtoType::Message | ProtoType::Enum => field.type_name().trim_start_matches('.').to_owned(),
        other => bail!("field `{}` is of type {}, which no contract uses", field.name(), other.as_str_name()),
    })
}

fn find_field<'a>(message: &'a DescriptorProto, name: &str) -> anyhow::Result<&'a FieldDescriptorProto> {
    let field = message.field.iter().find(|field| field.name() == name);
    field.ok_or_else(|| anyhow!("message {} of the descriptor set has no field `{name}`", message.name()))
}

fn has_only(message: &DescriptorProto, known: impl Fn(&str) -> bool) -> anyhow::Result<()> {
    match message.field.iter().find(|field| !known(field.name())) {
        Some(field) => bail!("message {} has a field `{}` that nothing here knows", message.name(), field.name()),
        None => Ok(()),
    }
}

fn number(field: &FieldDescriptorProto) -> anyhow::Result<u32> {
    u32::try_from(field.number()).with_context(|| format!("field `{}` has a negative number", field.name()))
}

fn mismatch(message: &str, field: &str, found: &str, expected: &str) -> String {
    format!("field `{field}` of message {message} is `{found}` in the descriptor set, but must be `{expected}`")
}

#[cfg(test)]
mod tests {
    use super::super::{
        fixture::{PROTO, api_of},
        methods,
    };
    use super::*;

    fn start(proto: &str) -> String {
        let mut contract = match Contract::read(api_of(proto)) {
            Ok(contract) => contract,
            Err(error) => return error.to_string(),
        };
        let methods = methods::of(api_of(proto), &mut contract);
        match methods.and_then(|methods| contract.has_no_further_method().map(|()| methods)) {
            Ok(methods) => format!("{} methods", methods.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn descriptors_must_agree_with_the_contract() {
        assert_eq!(start(PROTO), "5 methods");
        let cases = [
            (
                "optional int32 small = 4",
                "optional int64 small = 4",
                "field `small` of message Sample is `int64` in the descriptor set, but must be `int32`",
            ),
            ("  optional int32 small = 4;\n", "", "message Sample of the descriptor set has no field `small`"),
            (
                "optional int32 small = 4;",
                "optional int32 small = 4; optional int32 huge = 99;",
                "message Sample has a field `huge` that nothing here knows",
            ),
            (
                "optional int32 small = 4;",
                "optional int32 small = 4; optional int32 cost = 99;",
                "message Sample has a field `cost` that nothing here knows",
            ),
            ("optional bool flag = 3", "bool flag = 3", "field `flag` of message Sample must be `optional bool`"),
            (
                "map<string, int64> limits",
                "map<int32, int64> limits",
                "field `limits` of message Sample is `map<int32, int64>` in the descriptor set, but must be \
                 `map<string, int64>`",
            ),
            (
                "repeated string tags",
                "optional string tags",
                "field `tags` of message Sample is `string` in the descriptor set, but must be `repeated string`",
            ),
            ("COLOR_RED = 5", "COLOR_ROSE = 5", "enum Color of the descriptor set has no value COLOR_RED"),
            (
                "COLOR_RED = 5;",
                "COLOR_RED = 5; COLOR_GREEN = 9;",
                "enum Color of the descriptor set has 1 values that nothing here knows",
            ),
            (
                "  bool include_total = 5;\n",
                "",
                "message ListSamplesRequest of the descriptor set has no field `include_total`",
            ),
            ("  string etag = 2;\n", "", "message Sample of the descriptor set has no field `etag`"),
            (
                "  rpc GetSample(GetSampleRequest) returns (GetSampleResponse);\n",
                "",
                "the descriptor set has no method lab.v1.SampleService/GetSample",
            ),
            (
                "service SampleService {",
                "service SampleService { rpc BurnSample(GetSampleRequest) returns (GetSampleResponse);",
                "nothing serves the method lab.v1.SampleService/BurnSample of the descriptor set",
            ),
        ];
        for (from, to, expected) in cases {
            assert!(PROTO.contains(from), "{from}");
            assert_eq!(start(&PROTO.replace(from, to)), expected);
        }
    }

    #[test]
    fn garbage_is_no_descriptor_set() {
        let garbage = Api { descriptor_set: b"\xff\xff\xff", ..copy(api_of(PROTO)) };
        let error = Contract::read(Box::leak(Box::new(garbage))).unwrap_err();
        assert_eq!(error.to_string(), "the descriptor set can't be read");
    }

    fn copy(api: &Api) -> Api {
        Api { ..*api }
    }
}
