//! The protobuf wire format: keys, varints and lengths, written into one buffer and read in place.
//!
//! Knows nothing of descriptors or values. The primitives are prost's; what is added is a length that is filled in after
//! its message, so that nested messages need neither a second pass nor a buffer of their own.

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field};

use crate::error::{ApiError, Code};

/// Deeper nesting is refused, as prost does.
pub(super) const MAX_DEPTH: u32 = 100;

/// One message, or the inside of one.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub fn with_capacity(capacity: usize) -> Writer {
        Writer { bytes: Vec::with_capacity(capacity) }
    }

    pub fn finish(self) -> bytes::Bytes {
        self.bytes.into()
    }

    pub fn varint_field(&mut self, number: u32, value: u64) {
        encode_key(number, WireType::Varint, &mut self.bytes);
        self.varint(value);
    }

    pub fn double_field(&mut self, number: u32, value: f64) {
        encode_key(number, WireType::SixtyFourBit, &mut self.bytes);
        self.double(value);
    }

    pub fn bytes_field(&mut self, number: u32, value: &[u8]) {
        encode_key(number, WireType::LengthDelimited, &mut self.bytes);
        self.varint(value.len() as u64);
        self.raw(value);
    }

    /// Opens a message or a packed list; [`Writer::end`] closes it.
    pub fn begin(&mut self, number: u32) -> Begun {
        encode_key(number, WireType::LengthDelimited, &mut self.bytes);
        // Most nested messages are shorter than 128 bytes, whose length takes one byte.
        self.bytes.push(0);
        Begun(self.bytes.len())
    }

    pub fn end(&mut self, Begun(start): Begun) {
        let end = self.bytes.len();
        let mut varint = [0; 10];
        let mut unused = &mut varint[..];
        encode_varint((end - start) as u64, &mut unused);
        let width = 10 - unused.len();
        self.bytes.resize(end + width - 1, 0);
        self.bytes.copy_within(start..end, start + width - 1);
        self.bytes[start - 1..start - 1 + width].copy_from_slice(&varint[..width]);
    }

    pub fn varint(&mut self, value: u64) {
        encode_varint(value, &mut self.bytes);
    }

    pub fn double(&mut self, value: f64) {
        self.raw(&value.to_le_bytes());
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

/// Where the content of an open message starts.
#[derive(Debug)]
#[must_use]
pub(super) struct Begun(usize);

/// What isn't protobuf at all; always MALFORMED_REQUEST.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Malformed(pub String);

impl From<prost::DecodeError> for Malformed {
    fn from(error: prost::DecodeError) -> Malformed {
        Malformed(error.to_string())
    }
}

impl From<Malformed> for ApiError {
    fn from(Malformed(cause): Malformed) -> ApiError {
        ApiError::new(Code::MalformedRequest, format!("the protobuf message can't be read: {cause}"))
            .with("cause", cause)
    }
}

/// One field as it is on the wire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wire<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
    /// A kind that none of our messages uses, skipped.
    Foreign,
}

/// The fields of a message, one after the other.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    pub fn next(&mut self) -> Result<Option<(u32, Wire<'a>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = decode_key(&mut self.rest)?;
        let wire = match wire_type {
            WireType::Varint => Wire::Varint(decode_varint(&mut self.rest)?),
            WireType::SixtyFourBit => Wire::Fixed64(self.fixed64()?),
            WireType::LengthDelimited => Wire::Bytes(self.delimited()?),
            WireType::ThirtyTwoBit | WireType::StartGroup | WireType::EndGroup => {
                skip_field(wire_type, number, &mut self.rest, DecodeContext::default())?;
                Wire::Foreign
            }
        };
        Ok(Some((number, wire)))
    }

    /// The elements of a packed list of varints.
    pub fn next_varint(&mut self) -> Result<Option<u64>, Malformed> {
        if self.rest.is_empty() { Ok(None) } else { Ok(Some(decode_varint(&mut self.rest)?)) }
    }

    /// The elements of a packed list of doubles.
    pub fn next_fixed64(&mut self) -> Result<Option<[u8; 8]>, Malformed> {
        if self.rest.is_empty() { Ok(None) } else { self.fixed64().map(Some) }
    }

    fn fixed64(&mut self) -> Result<[u8; 8], Malformed> {
        let (value, rest) = self.rest.split_first_chunk().ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(*value)
    }

    fn delimited(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(decode_varint(&mut self.rest)?).map_err(|_| ends_early())?;
        let (value, rest) = self.rest.split_at_checked(length).ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(value)
    }
}

fn ends_early() -> Malformed {
    Malformed("it ends in the middle of a field".to_owned())
}

impl<'a> Wire<'a> {
    pub fn varint(self) -> Result<u64, Malformed> {
        match self {
            Wire::Varint(value) => Ok(value),
            other => Err(other.instead_of("a varint")),
        }
    }

    pub fn double(self) -> Result<f64, Malformed> {
        match self {
            Wire::Fixed64(value) => Ok(f64::from_le_bytes(value)),
            other => Err(other.instead_of("a double")),
        }
    }

    pub fn bytes(self) -> Result<&'a [u8], Malformed> {
        match self {
            Wire::Bytes(value) => Ok(value),
            other => Err(other.instead_of("a length-delimited value")),
        }
    }

    pub fn text(self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed("a string isn't UTF-8".to_owned()))
    }

    fn instead_of(self, expected: &str) -> Malformed {
        let found = match self {
            Wire::Varint(_) => "a varint",
            Wire::Fixed64(_) => "64 bits",
            Wire::Bytes(_) => "a length-delimited value",
            Wire::Foreign => "32 bits or a group",
        };
        Malformed(format!("a field holds {found} instead of {expected}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_patched_at_every_width() {
        for length in [0, 1, 127, 128, 16_383, 16_384, 3_000_000] {
            let mut writer = Writer::default();
            writer.varint_field(1, 7);
            let start = writer.begin(2);
            writer.raw(&vec![b'x'; length]);
            writer.end(start);
            writer.varint_field(3, 8);
            let bytes = writer.finish();
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.next(), Ok(Some((1, Wire::Varint(7)))));
            let Ok(Some((2, Wire::Bytes(content)))) = reader.next() else { panic!("no field 2 at {length}") };
            assert_eq!(content.len(), length);
            assert_eq!(reader.next(), Ok(Some((3, Wire::Varint(8)))));
            assert_eq!(reader.next(), Ok(None));
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_malformed() {
        assert!(Reader::new(&[0x0a, 0x05, b'a']).next().is_err());
        assert!(Reader::new(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]).next().is_err());
        assert!(Reader::new(&[0x09, 1, 2]).next().is_err());
        assert!(Reader::new(&[0x0b]).next().is_err(), "a group without an end");
    }
}
