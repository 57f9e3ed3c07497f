//! Protobuf to values: what is malformed ends the request, what has the wrong form becomes a violation.
//!
//! Knows nothing of required fields or rules: those are judged alike for all protocols, later.

use std::collections::BTreeMap;

use prost::encoding::WireType;

use super::{
    numbers::{EnumNumbers, Kind, Message, Numbers},
    well_known,
    wire::{MAX_DEPTH, Malformed, Reader, Wire},
};
use crate::{
    codec::text::{self, Invalid},
    descriptor::{Field, SetBy, Type},
    error::{self, Location, Segment, Violation},
    value::Value,
};

/// The fields of a message, in the order of its descriptor.
#[derive(Debug)]
pub(super) struct Decoded {
    /// What wasn't sent is null; lists and maps are empty.
    pub values: Vec<Value>,
    pub presence: Vec<Presence>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Absent,
    /// Sent, but not of its type; there is a violation.
    Invalid,
    Present,
}

impl Decoded {
    fn empty(fields: &[Field]) -> Decoded {
        Decoded {
            values: fields.iter().map(|field| empty(&field.ty)).collect(),
            presence: vec![Presence::Absent; fields.len()],
        }
    }
}

/// What stands for a field that wasn't sent.
pub(super) fn empty(ty: &Type) -> Value {
    match ty {
        Type::List(_) => Value::List(Vec::new()),
        Type::Map(_) => Value::Map(BTreeMap::new()),
        _ => Value::Null,
    }
}

/// Where in the request a value stands.
#[derive(Debug, Clone, Copy)]
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Field(&'static Field),
    Index(usize),
    Key(&'a str),
}

impl Path<'_> {
    fn segments(&self) -> Vec<Segment> {
        let mut segments = self.parent.map(Path::segments).unwrap_or_default();
        segments.push(match self.step {
            Step::Field(field) => Segment::Field { name: field.name, camel: field.camel },
            Step::Index(index) => Segment::Index(index),
            Step::Key(key) => Segment::Key(key.to_owned()),
        });
        segments
    }
}

/// Why there is no value.
enum Refused {
    Malformed(Malformed),
    /// Already among the violations.
    Invalid,
}

impl From<Malformed> for Refused {
    fn from(malformed: Malformed) -> Refused {
        Refused::Malformed(malformed)
    }
}

/// Reads messages and gathers what is wrong with them.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    pub numbers: &'a Numbers,
    pub violations: &'a mut Vec<Violation>,
}

impl Decoder<'_> {
    /// The fields of a resource that `selected` (by index) lets through.
    pub fn resource(
        &mut self,
        message: &Message,
        bytes: &[u8],
        selected: impl Fn(usize) -> bool,
    ) -> Result<Decoded, Malformed> {
        let mut decoded = Decoded::empty(message.fields);
        self.fields(message, bytes, &selected, None, &mut decoded, MAX_DEPTH)?;
        Ok(decoded)
    }

    fn fields(
        &mut self,
        message: &Message,
        bytes: &[u8],
        selected: &dyn Fn(usize) -> bool,
        parent: Option<&Path<'_>>,
        into: &mut Decoded,
        depth: u32,
    ) -> Result<(), Malformed> {
        let mut reader = Reader::new(bytes);
        while let Some((number, wire)) = reader.next()? {
            let Some(index) = message.index(number).filter(|index| selected(*index)) else { continue };
            let Some(slot) = &message.slots[index] else { continue };
            let path = Path { parent, step: Step::Field(&message.fields[index]) };
            match self.merge(&slot.kind, wire, &path, &mut into.values[index], depth) {
                Ok(()) if into.presence[index] == Presence::Invalid => {}
                Ok(()) => into.presence[index] = presence(&into.values[index]),
                Err(Refused::Invalid) => into.presence[index] = Presence::Invalid,
                Err(Refused::Malformed(malformed)) => return Err(malformed),
            }
        }
        Ok(())
    }

    /// Reads one occurrence of a field: lists and maps grow, messages merge, of anything else the last one counts.
    fn merge(
        &mut self,
        kind: &Kind,
        wire: Wire<'_>,
        path: &Path<'_>,
        into: &mut Value,
        depth: u32,
    ) -> Result<(), Refused> {
        match (kind, into) {
            (Kind::List(of), Value::List(items)) => self.items(of, wire, path, items, depth),
            (Kind::Map(of), Value::Map(entries)) => self.entry(of, wire, path, entries, depth),
            (kind, into) => {
                let before = std::mem::replace(into, Value::Null);
                *into = self.single(kind, wire, path, before, depth)?;
                Ok(())
            }
        }
    }

    fn items(
        &mut self,
        of: &Kind,
        wire: Wire<'_>,
        path: &Path<'_>,
        items: &mut Vec<Value>,
        depth: u32,
    ) -> Result<(), Refused> {
        let mut read = Ok(());
        let mut push = |decoder: &mut Self, wire: Wire<'_>| {
            let path = Path { parent: Some(path), step: Step::Index(items.len()) };
            match decoder.item(of, wire, &path, depth) {
                Ok(item) => items.push(item),
                // The place is kept, so that later violations name the right index.
                Err(Refused::Invalid) => {
                    items.push(Value::Null);
                    read = Err(Refused::Invalid);
                }
                Err(malformed) => return Err(malformed),
            }
            Ok(())
        };
        match (of.packed(), wire) {
            (Some(WireType::Varint), Wire::Bytes(packed)) => {
                let mut reader = Reader::new(packed);
                while let Some(value) = reader.next_varint()? {
                    push(self, Wire::Varint(value))?;
                }
            }
            (Some(WireType::SixtyFourBit), Wire::Bytes(packed)) => {
                let mut reader = Reader::new(packed);
                while let Some(value) = reader.next_fixed64()? {
                    push(self, Wire::Fixed64(value))?;
                }
            }
            (_, wire) => push(self, wire)?,
        }
        read
    }

    fn entry(
        &mut self,
        of: &Kind,
        wire: Wire<'_>,
        path: &Path<'_>,
        entries: &mut BTreeMap<String, Value>,
        depth: u32,
    ) -> Result<(), Refused> {
        let (mut key, mut value) = ("", None);
        let mut reader = Reader::new(wire.bytes()?);
        while let Some((number, wire)) = reader.next()? {
            match number {
                1 => key = wire.text()?,
                2 => value = Some(wire),
                _ => {}
            }
        }
        let path = Path { parent: Some(path), step: Step::Key(key) };
        if let Err(invalid) = text::parse_text(&Type::String, key) {
            return Err(self.refuse(&path, invalid));
        }
        let value = self.item(of, value.unwrap_or(zero(of)), &path, depth)?;
        entries.insert(key.to_owned(), value);
        Ok(())
    }

    /// An element of a list or map: it can't be absent, so an enum's zero is one more number that names no value.
    fn item(&mut self, of: &Kind, wire: Wire<'_>, path: &Path<'_>, depth: u32) -> Result<Value, Refused> {
        match (of, wire) {
            (Kind::Enum(numbers), Wire::Varint(0)) => Err(self.refuse(path, unknown_enum(numbers))),
            _ => self.single(of, wire, path, Value::Null, depth),
        }
    }

    fn single(
        &mut self,
        kind: &Kind,
        wire: Wire<'_>,
        path: &Path<'_>,
        before: Value,
        depth: u32,
    ) -> Result<Value, Refused> {
        let read = match kind {
            Kind::Bool => Ok(Value::Bool(wire.varint()? != 0)),
            // The upper bits of an int32 don't count, as in every protobuf parser.
            Kind::Int32 => Ok(Value::Int(i64::from(wire.varint()? as i32))),
            Kind::Int64 => Ok(Value::Int(wire.varint()?.cast_signed())),
            Kind::Double => well_known::finite(wire.double()?).map(Value::Float),
            Kind::Text(ty) => text::parse_text(ty, wire.text()?),
            Kind::Bytes => Ok(Value::Bytes(wire.bytes()?.to_vec())),
            Kind::Timestamp => well_known::timestamp(wire.bytes()?)?,
            Kind::Duration => well_known::duration(wire.bytes()?)?,
            Kind::Json => well_known::json(wire.bytes()?, depth)?.map(|json| Value::Json(Box::new(json))),
            Kind::Enum(numbers) => enum_value(numbers, wire.varint()?),
            Kind::Message(id) => return self.object(self.numbers.message(*id), wire, path, before, depth),
            Kind::List(_) | Kind::Map(_) => unreachable!("protobuf has no lists within lists or maps"),
        };
        read.map_err(|invalid| self.refuse(path, invalid))
    }

    fn object(
        &mut self,
        message: &Message,
        wire: Wire<'_>,
        path: &Path<'_>,
        before: Value,
        depth: u32,
    ) -> Result<Value, Refused> {
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        let mut decoded = Decoded::empty(message.fields);
        if let Value::Object(values) = before {
            decoded.values = values;
        }
        let selected = |index: usize| message.fields[index].set_by != SetBy::Server;
        self.fields(message, wire.bytes()?, &selected, Some(path), &mut decoded, depth)?;
        if decoded.presence.contains(&Presence::Invalid) {
            return Err(Refused::Invalid);
        }
        Ok(Value::Object(decoded.values))
    }

    fn refuse(&mut self, path: &Path<'_>, invalid: Invalid) -> Refused {
        error::note(self.violations, || Violation {
            location: Location::Body(path.segments()),
            code: invalid.code,
            message: invalid.message,
        });
        Refused::Invalid
    }
}

/// An enum's zero is UNSPECIFIED, which is the same as nothing.
fn presence(value: &Value) -> Presence {
    match value {
        Value::Null => Presence::Absent,
        Value::List(items) if items.is_empty() => Presence::Absent,
        Value::Map(entries) if entries.is_empty() => Presence::Absent,
        _ => Presence::Present,
    }
}

fn enum_value(numbers: &EnumNumbers, number: u64) -> Result<Value, Invalid> {
    match number as i32 {
        0 => Ok(Value::Null),
        number => numbers.value(number).map(Value::Enum).ok_or_else(|| unknown_enum(numbers)),
    }
}

fn unknown_enum(numbers: &EnumNumbers) -> Invalid {
    let values: Vec<&str> = numbers.values().collect();
    Invalid { code: "INVALID_ENUM_VALUE", message: format!("must be one of {}", values.join(", ")) }
}

pub(super) fn too_deep() -> Malformed {
    Malformed(format!("its messages are nested more than {MAX_DEPTH} deep"))
}

/// What a map entry without a value holds.
fn zero(kind: &Kind) -> Wire<'static> {
    match kind.packed() {
        Some(WireType::Varint) => Wire::Varint(0),
        Some(_) => Wire::Fixed64([0; 8]),
        None => Wire::Bytes(&[]),
    }
}
