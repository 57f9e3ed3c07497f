//! Values to protobuf, straight into the reply's buffer.
//!
//! What the store gave back fits its descriptor, so nothing here can fail; a value that doesn't fit is a bug.

use prost::encoding::WireType;

use super::{
    numbers::{Kind, Message, MessageId, Numbers, Slot},
    wire::Writer,
};
use crate::{
    codec::text,
    descriptor::{Id, Type},
    etag,
    fields::{Fields, Part},
    value::{Record, Value},
};

/// Writes records; keeps one text buffer for all of them.
#[derive(Debug)]
pub(super) struct Encoder<'a> {
    numbers: &'a Numbers,
    writer: Writer,
    text: String,
}

impl<'a> Encoder<'a> {
    pub fn new(numbers: &'a Numbers, capacity: usize) -> Encoder<'a> {
        Encoder { numbers, writer: Writer::with_capacity(capacity), text: String::new() }
    }

    pub fn finish(self) -> bytes::Bytes {
        self.writer.finish()
    }

    /// A plain field of a response: left out when it is empty.
    pub fn text(&mut self, number: u32, text: &str) {
        if !text.is_empty() {
            self.writer.bytes_field(number, text.as_bytes());
        }
    }

    /// A plain field of a response: left out when it is zero.
    pub fn int(&mut self, number: u32, value: u64) {
        if value != 0 {
            self.writer.varint_field(number, value);
        }
    }

    /// A resource as field `number` of a response.
    pub fn record(&mut self, number: u32, message: MessageId, record: &Record) {
        self.shown(number, message, (record, None));
    }

    /// The same as far as it was asked for.
    pub fn shown(&mut self, number: u32, message: MessageId, (record, fields): (&Record, Option<&Fields>)) {
        let message = self.numbers.message(message);
        self.delimited(number, |encoder| {
            encoder.fields(message, (&record.values, fields.map(Fields::parts)));
            if let Some(etag) = message.etag {
                encoder.text(etag, &etag::etag(record.version));
            }
        });
    }

    /// All of a response that has nothing but the fields of `message`.
    pub fn values(&mut self, message: MessageId, values: &[Value]) {
        self.fields(self.numbers.message(message), (values, None));
    }

    /// A message as field `number` of a response.
    pub fn message(&mut self, number: u32, content: impl FnOnce(&mut Self)) {
        self.delimited(number, content);
    }

    /// The id of a resource, by its text, as a plain field of a response.
    pub fn id(&mut self, number: u32, message: MessageId, id: &str) {
        match self.numbers.message(message).fields[0].ty {
            Type::Id(Id::Int64) => self.int(number, id.parse::<i64>().map_or(0, i64::cast_unsigned)),
            _ => self.text(number, id),
        }
    }

    fn delimited(&mut self, number: u32, content: impl FnOnce(&mut Self)) {
        let start = self.writer.begin(number);
        content(self);
        self.writer.end(start);
    }

    /// Without parts, all.
    fn fields(&mut self, message: &'a Message, (values, parts): (&[Value], Option<&[Part]>)) {
        let slots = message.fields.iter().zip(&message.slots);
        for (index, ((field, slot), value)) in slots.zip(values).enumerate() {
            let Some(slot) = slot.as_ref().filter(|_| field.readable()) else { continue };
            match (parts.map(|parts| &parts[index]), &slot.kind, value) {
                (Some(Part::Nothing), ..) => {}
                (Some(Part::Members(parts)), Kind::Message(id), Value::Object(values)) => {
                    self.object(slot.number, *id, (values, Some(parts)));
                }
                _ => self.field(slot, value),
            }
        }
    }

    fn object(&mut self, number: u32, message: MessageId, values: (&[Value], Option<&[Part]>)) {
        let message = self.numbers.message(message);
        self.delimited(number, |encoder| encoder.fields(message, values));
    }

    fn field(&mut self, slot: &'a Slot, value: &Value) {
        match (&slot.kind, value) {
            (_, Value::Null) => {}
            (Kind::List(of), Value::List(items)) => self.list(slot.number, of, items),
            (Kind::Map(of), Value::Map(entries)) => {
                for (key, value) in entries {
                    self.delimited(slot.number, |entry| {
                        entry.writer.bytes_field(1, key.as_bytes());
                        entry.single(2, of, value);
                    });
                }
            }
            (kind, value) if slot.presence || !is_zero(value) => self.single(slot.number, kind, value),
            _ => {}
        }
    }

    fn list(&mut self, number: u32, of: &'a Kind, items: &[Value]) {
        if items.is_empty() {
            return;
        }
        match of.packed() {
            Some(_) => self.delimited(number, |list| items.iter().for_each(|item| list.packed(of, item))),
            None => items.iter().for_each(|item| self.single(number, of, item)),
        }
    }

    fn packed(&mut self, kind: &Kind, value: &Value) {
        match value {
            Value::Float(value) => self.writer.double(*value),
            value => self.writer.varint(varint(kind, value)),
        }
    }

    fn single(&mut self, number: u32, kind: &'a Kind, value: &Value) {
        match (kind, value) {
            (Kind::Double, Value::Float(value)) => self.writer.double_field(number, *value),
            (Kind::Text(_), Value::Text(text)) => self.writer.bytes_field(number, text.as_bytes()),
            (Kind::Text(ty), value) => self.formatted(number, ty, value),
            (Kind::Bytes, Value::Bytes(bytes)) => self.writer.bytes_field(number, bytes),
            (Kind::Timestamp, Value::Timestamp(timestamp)) => self.seconds(number, timestamp.as_microsecond(), Floor),
            (Kind::Duration, Value::Duration(micros)) => self.seconds(number, *micros, Truncate),
            (Kind::Json, Value::Json(json)) => self.delimited(number, |encoder| encoder.json(json)),
            (Kind::Json, Value::Null) => self.delimited(number, |encoder| encoder.json(&serde_json::Value::Null)),
            (Kind::Message(id), Value::Object(values)) => self.object(number, *id, (values, None)),
            (kind, value) => self.writer.varint_field(number, varint(kind, value)),
        }
    }

    fn formatted(&mut self, number: u32, ty: &Type, value: &Value) {
        self.text.clear();
        text::write_text(ty, value, &mut self.text);
        self.writer.bytes_field(number, self.text.as_bytes());
    }

    /// `google.protobuf.Timestamp` and `Duration` are the same on the wire; they differ in how they round.
    fn seconds(&mut self, number: u32, micros: i64, rounding: Rounding) {
        let (seconds, rest) = match rounding {
            Floor => (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000)),
            Truncate => (micros / 1_000_000, micros % 1_000_000),
        };
        self.delimited(number, |encoder| {
            encoder.int(1, seconds.cast_unsigned());
            encoder.int(2, (rest * 1_000).cast_unsigned());
        });
    }

    /// The inside of a `google.protobuf.Value`.
    fn json(&mut self, json: &serde_json::Value) {
        use serde_json::Value as Json;
        match json {
            Json::Null => self.writer.varint_field(1, 0),
            Json::Bool(value) => self.writer.varint_field(4, u64::from(*value)),
            Json::Number(number) => self.writer.double_field(2, number.as_f64().unwrap_or(f64::NAN)),
            Json::String(text) => self.writer.bytes_field(3, text.as_bytes()),
            Json::Array(items) => self.delimited(6, |list| {
                items.iter().for_each(|item| list.delimited(1, |value| value.json(item)));
            }),
            Json::Object(members) => self.delimited(5, |object| {
                for (key, member) in members {
                    object.delimited(1, |entry| {
                        entry.writer.bytes_field(1, key.as_bytes());
                        entry.delimited(2, |value| value.json(member));
                    });
                }
            }),
        }
    }
}

/// How a count of microseconds before the epoch is split.
#[derive(Debug, Clone, Copy)]
enum Rounding {
    /// Nanoseconds count forward, so they are never negative.
    Floor,
    /// Seconds and nanoseconds have the same sign.
    Truncate,
}
use Rounding::{Floor, Truncate};

impl Kind {
    /// The wire type of the elements of a packed list; `None` for what isn't packed.
    pub fn packed(&self) -> Option<WireType> {
        match self {
            Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::Enum(_) => Some(WireType::Varint),
            Kind::Double => Some(WireType::SixtyFourBit),
            _ => None,
        }
    }
}

fn varint(kind: &Kind, value: &Value) -> u64 {
    match (kind, value) {
        (Kind::Bool, Value::Bool(value)) => u64::from(*value),
        (Kind::Int32 | Kind::Int64, Value::Int(value)) => value.cast_unsigned(),
        (Kind::Enum(numbers), Value::Enum(value)) => i64::from(numbers.number(value)).cast_unsigned(),
        (kind, value) => unreachable!("{value:?} isn't of kind {kind:?}"),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Int(value) => *value == 0,
        // −0.0 isn't the default value of a double.
        Value::Float(value) => value.to_bits() == 0,
        Value::Text(value) => value.is_empty(),
        Value::Bytes(value) => value.is_empty(),
        _ => false,
    }
}
