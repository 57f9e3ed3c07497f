//! Filters as bytes, so that a cursor can be tied to the filter that it was made for.

use super::{Compare, Filter, Test};
use crate::value::Value;

impl Filter {
    /// Equal filters have equal bytes, different ones different bytes. The bytes live as long as a cursor does; they are
    /// hashed and never read back.
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        filter(self, &mut out);
        out
    }
}

fn filter(it: &Filter, out: &mut Vec<u8>) {
    match it {
        Filter::And(parts) => list(b'&', parts, filter, out),
        Filter::Or(parts) => list(b'|', parts, filter, out),
        Filter::Not(inner) => {
            out.push(b'!');
            filter(inner, out);
        }
        Filter::Compare(Compare { field, test: it }) => {
            out.push(b'?');
            out.extend((*field as u64).to_be_bytes());
            test(it, out);
        }
        Filter::Linked(join, id) => {
            bytes(b'~', join.table.as_bytes(), out);
            bytes(b'~', join.far.as_bytes(), out);
            value(id, out);
        }
    }
}

fn test(it: &Test, out: &mut Vec<u8>) {
    let mut one = |tag, it| {
        out.push(tag);
        value(it, out);
    };
    match it {
        Test::Eq(it) => one(0, it),
        Test::Ne(it) => one(1, it),
        Test::Lt(it) => one(2, it),
        Test::Lte(it) => one(3, it),
        Test::Gt(it) => one(4, it),
        Test::Gte(it) => one(5, it),
        Test::In(values) => list(6, values, value, out),
        Test::Contains(text) => bytes(7, text.as_bytes(), out),
        Test::StartsWith(text) => bytes(8, text.as_bytes(), out),
        Test::EndsWith(text) => bytes(9, text.as_bytes(), out),
        Test::IsNull(yes) => out.extend([10, u8::from(*yes)]),
    }
}

fn value(it: &Value, out: &mut Vec<u8>) {
    match it {
        Value::Null => out.push(0),
        Value::Bool(bool) => out.extend([1, u8::from(*bool)]),
        Value::Int(number) => bytes(2, &number.to_be_bytes(), out),
        // Adding zero makes -0.0 the 0.0 that it equals.
        Value::Float(number) => bytes(3, &(number + 0.0).to_be_bytes(), out),
        Value::Decimal(decimal) => bytes(4, &decimal.normalize().serialize(), out),
        Value::Password(_) => unreachable!("passwords can't be filtered"),
        Value::Text(text) => bytes(5, text.as_bytes(), out),
        Value::Enum(name) => bytes(6, name.as_bytes(), out),
        Value::Uuid(uuid) => bytes(7, uuid.as_bytes(), out),
        Value::Timestamp(timestamp) => bytes(8, &timestamp.as_microsecond().to_be_bytes(), out),
        Value::Date(date) => bytes(9, date.to_string().as_bytes(), out),
        Value::Duration(micros) => bytes(10, &micros.to_be_bytes(), out),
        Value::Bytes(binary) => bytes(11, binary, out),
        Value::Json(json) => bytes(12, json.to_string().as_bytes(), out),
        Value::List(values) => list(13, values, value, out),
        Value::Map(map) => {
            out.push(14);
            out.extend((map.len() as u64).to_be_bytes());
            for (key, it) in map {
                bytes(5, key.as_bytes(), out);
                value(it, out);
            }
        }
        Value::Object(values) => list(15, values, value, out),
    }
}

fn list<T>(tag: u8, items: &[T], write: fn(&T, &mut Vec<u8>), out: &mut Vec<u8>) {
    out.push(tag);
    out.extend((items.len() as u64).to_be_bytes());
    items.iter().for_each(|item| write(item, out));
}

/// The length in front keeps neighbours apart.
fn bytes(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend((content.len() as u64).to_be_bytes());
    out.extend(content);
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Random, random_filter};
    use super::*;

    #[test]
    fn bytes_are_equal_exactly_when_filters_are() {
        let mut random = Random::new(7);
        let filters: Vec<Filter> = (0..300).map(|_| random_filter(&mut random, 2)).collect();
        for a in &filters {
            for b in &filters {
                assert_eq!(a == b, a.canonical() == b.canonical(), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn neighbours_dont_run_into_each_other() {
        let contains = |texts: [&str; 2]| {
            Filter::And(
                texts.map(|text| Filter::Compare(Compare { field: 0, test: Test::Contains(text.into()) })).to_vec(),
            )
        };
        assert_ne!(contains(["ab", "c"]).canonical(), contains(["a", "bc"]).canonical());
        assert_ne!(Filter::ALL.canonical(), Filter::Or(Vec::new()).canonical());
    }
}
