//! Every type there and back, judged by an independent protobuf implementation (prost-reflect).

use serde_json::json;

use super::{
    fixture::{SAMPLE, decode, json as shown, message, numbers},
    output::Encoder,
};
use crate::{
    error::Code,
    service::Write,
    value::{Record, Secret, Value},
};

const ID: &str = "00000000-0000-7000-8000-000000000001";

fn full() -> serde_json::Value {
    json!({
        "name": "nä\u{1F600}me",
        "flag": false,
        "small": -2147483648,
        "large": "-9223372036854775808",
        "ratio": 0.0,
        "price": "-12345.60",
        "token": "0188bac7-4afa-78aa-bc3b-bd1eef28d881",
        "takenAt": "1969-12-31T23:59:59.250Z",
        "day": "2024-02-29",
        "lasts": "-1.500s",
        "email": "ada@example.com",
        "site": "https://example.com/",
        "raw": "AP8=",
        "extra": { "a": [1.0, 2.5, null, true, "x", {}], "b": { "c": "" } },
        "color": "COLOR_DARK_BLUE",
        "part": { "label": "", "weight": "0.10", "color": "COLOR_RED", "parts": [{ "label": "inner" }] },
        "ownerId": "0",
        "tags": ["a", "", "a"],
        "counts": [0, -1, 2147483647],
        "ratios": [0.0, -2.5],
        "colors": ["COLOR_RED", "COLOR_DARK_BLUE"],
        "parts": [{ "label": "x" }, {}],
        "limits": { "": "0", "max": "9223372036854775807" },
        "spares": { "k": { "label": "spare" } },
        "palette": { "sky": "COLOR_DARK_BLUE" },
    })
}

/// What was decoded as the row that a store would give back.
fn record(bytes: &[u8]) -> Record {
    let (draft, violations) = decode(bytes, &[], Write::Create);
    assert_eq!(violations, []);
    let mut values: Vec<Value> = draft
        .expect("the message is well-formed")
        .values
        .into_iter()
        .map(|value| value.unwrap_or(Value::Null))
        .collect();
    values[0] = Value::Uuid(ID.parse().expect("a UUID"));
    Record::new(values, 3)
}

fn encoded(record: &Record) -> Vec<u8> {
    let (numbers, sample) = numbers();
    let mut encoder = Encoder::new(numbers, 0);
    encoder.record(1, sample, record);
    encoder.finish().to_vec()
}

#[test]
fn every_type_comes_back() {
    let record = record(&message("Sample", full()));
    let reply = shown("GetSampleResponse", &encoded(&record));
    let mut expected = full();
    expected["id"] = "smp_0000000000e008000000000001".into();
    expected["etag"] = "\"v3\"".into();
    assert_eq!(reply["sample"], expected);
}

#[test]
fn values_are_of_their_type() {
    let record = record(&message("Sample", full()));
    let get = |name| record.get(&SAMPLE, name).expect("a field of the fixture").clone();
    assert_eq!(get("flag"), Value::Bool(false));
    assert_eq!(get("small"), Value::Int(i32::MIN.into()));
    assert_eq!(get("price"), Value::Decimal("-12345.60".parse().unwrap()));
    assert_eq!(get("taken_at"), Value::Timestamp("1969-12-31T23:59:59.25Z".parse().unwrap()));
    assert_eq!(get("lasts"), Value::Duration(-1_500_000));
    assert_eq!(get("color"), Value::Enum("dark_blue"));
    assert_eq!(get("owner_id"), Value::Int(0));
    assert_eq!(get("extra"), Value::Json(Box::new(json!({ "a": [1, 2.5, null, true, "x", {}], "b": { "c": "" } }))));
    assert_eq!(get("counts"), Value::List(vec![Value::Int(0), Value::Int(-1), Value::Int(2_147_483_647)]));
    let Value::Object(part) = get("part") else { panic!("a part is an object") };
    assert_eq!(part[0], Value::Text(String::new()));
    assert_eq!(
        part[3],
        Value::List(vec![Value::Object(vec![
            Value::Text("inner".to_owned()),
            Value::Null,
            Value::Null,
            Value::List(Vec::new()),
            Value::Null,
        ])])
    );
}

#[test]
fn replies_hide_what_outputs_hide() {
    let mut sent = full();
    sent["secret"] = "pass".into();
    let mut record = record(&message("Sample", sent));
    assert_eq!(record.get(&SAMPLE, "secret"), Some(&Value::Password(Secret("pass".to_owned()))));
    record.values[SAMPLE.field_index("cost").unwrap()] = Value::Int(1);
    let reply = shown("GetSampleResponse", &encoded(&record));
    assert_eq!(reply["sample"].get("secret"), None);
}

#[test]
fn lists_may_come_unpacked_and_messages_in_parts() {
    let mut bytes = message("Sample", json!({ "part": { "label": "a", "weight": "1.00" }, "counts": [1] }));
    bytes.extend([0xa8, 0x01, 0x02, 0xa8, 0x01, 0x03]);
    bytes.extend(message("Sample", json!({ "part": { "label": "b", "parts": [{}] }, "counts": [4] })));
    let record = record(&bytes);
    let counts: Vec<Value> = [1, 2, 3, 4].map(Value::Int).to_vec();
    assert_eq!(record.get(&SAMPLE, "counts"), Some(&Value::List(counts)));
    let Some(Value::Object(part)) = record.get(&SAMPLE, "part") else { panic!("a part is an object") };
    assert_eq!(part[0], Value::Text("b".to_owned()));
    assert_eq!(part[1], Value::Decimal("1.00".parse().unwrap()));
    let Value::List(parts) = &part[3] else { panic!("parts are a list") };
    assert_eq!(parts.len(), 1);
}

#[test]
fn unknown_fields_are_ignored() {
    let mut bytes = message("Sample", json!({ "name": "x" }));
    // A varint, 64 bits, a text, a group with something in it, and 32 bits.
    bytes.extend([0xa0, 0x3f, 0x01]);
    bytes.extend([0xa1, 0x3f, 1, 2, 3, 4, 5, 6, 7, 8]);
    bytes.extend([0xa2, 0x3f, 0x01, b'x']);
    bytes.extend([0xa3, 0x3f, 0x08, 0x01, 0xa4, 0x3f]);
    bytes.extend([0xa5, 0x3f, 1, 2, 3, 4]);
    assert_eq!(record(&bytes).get(&SAMPLE, "name"), Some(&Value::Text("x".to_owned())));
}

#[test]
fn nesting_is_limited() {
    let mut part = Vec::new();
    for _ in 0..20_000 {
        let mut outer = vec![0x0a];
        prost::encoding::encode_varint(part.len() as u64, &mut outer);
        outer.extend(&part);
        part = outer;
        if part.len() > 20_000 {
            break;
        }
    }
    let mut bytes = vec![0x92, 0x01];
    prost::encoding::encode_varint(part.len() as u64, &mut bytes);
    bytes.extend(part);
    let error = decode(&bytes, &[], Write::Create).0.unwrap_err();
    assert_eq!(error.code, Code::MalformedRequest);
    assert!(error.message.contains("nested more than 100 deep"), "{}", error.message);
}

/// A generator that needs no crate (Knuth's MMIX constants).
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn malformed_bytes_never_panic() {
    let bytes = message("Sample", full());
    for end in 0..bytes.len() {
        if let (Err(error), _) = decode(&bytes[..end], &[], Write::Create) {
            assert_eq!(error.code, Code::MalformedRequest);
        }
    }
    let mut state = 42;
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut mutated = bytes.clone();
        for _ in 0..=next(&mut state) % 4 {
            let position = next(&mut state) % mutated.len();
            match next(&mut state) % 3 {
                0 => mutated[position] = next(&mut state) as u8,
                1 => mutated.insert(position, next(&mut state) as u8),
                _ => drop(mutated.remove(position)),
            }
        }
        let (draft, violations) = decode(&mutated, &[], Write::Replace);
        refused += usize::from(draft.is_err() || !violations.is_empty());
    }
    assert!(refused > 1_000, "the mutations must hurt, but only {refused} did");
}
