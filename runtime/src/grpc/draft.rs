//! The resource that a create or an update sends, as the service layer's [`Input`].

use std::borrow::Cow;

use super::{
    input::{Decoder, Presence},
    mask::Selection,
    numbers::{MessageId, Numbers},
};
use crate::{
    descriptor::{Field, Relation, Resource, SetBy},
    error::{ApiError, Violation},
    service::{Arguments, Draft, Input, Write},
    value::{Record, Value},
};

/// A resource message, undecoded until the caller is known to be allowed to write.
#[derive(Debug)]
pub(super) struct ProtoInput<'a> {
    pub numbers: &'a Numbers,
    pub message: MessageId,
    pub bytes: Cow<'a, [u8]>,
    /// The paths of an update's `update_mask`; empty if there is none, and for other writes.
    pub mask: Vec<String>,
    /// Rows that are created along with it.
    pub nested: Vec<NestedRow>,
}

/// A row that is created along with another one, undecoded, too.
#[derive(Debug)]
pub(super) struct NestedRow {
    pub relation: &'static str,
    pub message: MessageId,
    pub bytes: Vec<u8>,
}

impl NestedRow {
    fn input<'a>(&'a self, numbers: &'a Numbers) -> ProtoInput<'a> {
        ProtoInput {
            numbers,
            message: self.message,
            bytes: Cow::Borrowed(&self.bytes),
            mask: Vec::new(),
            nested: Vec::new(),
        }
    }
}

/// The request of an action, undecoded, too.
#[derive(Debug)]
pub(super) struct ProtoArguments<'a> {
    pub numbers: &'a Numbers,
    pub message: MessageId,
    pub bytes: &'a [u8],
}

impl Arguments for ProtoArguments<'_> {
    fn decode(&self, _: &'static [Field], violations: &mut Vec<Violation>) -> Result<Vec<Option<Value>>, ApiError> {
        let mut decoder = Decoder { numbers: self.numbers, violations };
        let decoded = decoder.resource(self.numbers.message(self.message), self.bytes, |_| true)?;
        let sent = decoded.values.into_iter().zip(decoded.presence);
        Ok(sent.map(|(value, presence)| (presence != Presence::Absent).then_some(value)).collect())
    }
}

impl Input for ProtoInput<'_> {
    fn decode(
        &self,
        resource: &'static Resource,
        write: Write,
        current: Option<&Record>,
        violations: &mut Vec<Violation>,
    ) -> Result<Draft, ApiError> {
        let selection = Selection::read(resource, &self.mask, violations);
        let settable = |index: usize| match resource.fields[index].set_by {
            _ if resource.fields[index].internal => false,
            SetBy::Server => false,
            // The id of what is changed says which resource is meant.
            SetBy::Caller | SetBy::CallerOnCreate => write == Write::Create || index != 0,
        };
        let mut decoder = Decoder { numbers: self.numbers, violations };
        let message = self.numbers.message(self.message);
        let decoded = decoder.resource(message, &self.bytes, |index| settable(index) && selection.contains(index))?;
        let mut draft = Draft::empty(resource);
        let sent = decoded.values.into_iter().zip(decoded.presence);
        for (index, sent) in sent.enumerate().filter(|(index, _)| settable(*index)) {
            let stored = current.map(|record| &record.values[index]);
            draft.values[index] = selection.pick(index, &resource.fields[index], sent, stored);
        }
        Ok(draft)
    }

    fn nested(&self, relation: &'static Relation) -> Vec<Box<dyn Input + '_>> {
        let rows = self.nested.iter().filter(|row| row.relation == relation.name);
        rows.map(|row| Box::new(row.input(self.numbers)) as Box<dyn Input + '_>).collect()
    }

    fn needs_current(&self, resource: &'static Resource) -> bool {
        Selection::read(resource, &self.mask, &mut Vec::new()).reaches_inside()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{SAMPLE, decode, decode_onto, message};
    use crate::{
        error::{Code, Violation},
        service::{Draft, Write},
        value::Value,
    };

    fn text(text: &str) -> Option<Value> {
        Some(Value::Text(text.to_owned()))
    }

    fn draft(json: serde_json::Value, mask: &[&str], write: Write) -> Draft {
        let (draft, violations) = decode(&message("Sample", json), mask, write);
        assert_eq!(violations, []);
        draft.expect("the message is well-formed")
    }

    fn get(draft: &Draft, name: &str) -> Option<Value> {
        draft.values[SAMPLE.field_index(name).expect("a field of the fixture")].clone()
    }

    /// The names of the fields that a draft holds.
    fn names(draft: &Draft) -> Vec<&'static str> {
        let named = SAMPLE.fields.iter().zip(&draft.values);
        named.filter(|(_, value)| value.is_some()).map(|(field, _)| field.name).collect()
    }

    /// Violations as `place CODE message`.
    fn violations(json: serde_json::Value, mask: &[&str]) -> Vec<String> {
        let (_, violations) = decode(&message("Sample", json), mask, Write::Update);
        violations.iter().map(shown).collect()
    }

    fn shown(violation: &Violation) -> String {
        format!("{} {} {}", violation.location, violation.code, violation.message)
    }

    #[test]
    fn zero_is_not_absent() {
        let zeros = json!({ "name": "", "flag": false, "small": 0, "ratio": 0.0, "raw": "", "ownerId": "0" });
        let draft = draft(zeros, &[], Write::Create);
        assert_eq!(names(&draft), ["name", "flag", "small", "ratio", "raw", "owner_id"]);
        assert_eq!(get(&draft, "name"), text(""));
        assert_eq!(get(&draft, "small"), Some(Value::Int(0)));
    }

    #[test]
    fn what_the_server_sets_is_ignored() {
        let sent = json!({
            "id": "not an id", "createdAt": "2026-01-01T00:00:00Z", "etag": "x", "color": "COLOR_UNSPECIFIED",
            "part": { "label": "a", "serial": "5" },
        });
        let draft = draft(sent, &[], Write::Create);
        assert_eq!(names(&draft), ["part"]);
        let Some(Value::Object(part)) = get(&draft, "part") else { panic!("a part is an object") };
        assert_eq!(part[4], Value::Null);
    }

    #[test]
    fn a_null_in_json_is_a_value() {
        let draft = draft(json!({ "extra": null }), &[], Write::Create);
        assert_eq!(names(&draft), ["extra"]);
    }

    #[test]
    fn without_a_mask_an_update_writes_what_is_populated() {
        let draft = draft(json!({ "id": "x", "name": "n", "tags": [], "limits": {} }), &[], Write::Update);
        assert_eq!(names(&draft), ["name"]);
    }

    #[test]
    fn a_mask_selects_and_clears() {
        let sent = json!({ "name": "n", "large": "5", "day": "2026-01-01" });
        let mask = ["name", "day", "price", "tags", "limits", "id", "created_at", "etag"];
        let draft = draft(sent, &mask, Write::Update);
        assert_eq!(names(&draft), ["name", "price", "day", "tags", "limits"]);
        assert_eq!(get(&draft, "price"), Some(Value::Null));
        assert_eq!(get(&draft, "tags"), Some(Value::List(Vec::new())));
        assert_eq!(get(&draft, "limits"), Some(Value::Map(Default::default())));
    }

    #[test]
    fn a_mask_reaches_into_value_types() {
        let part = |label: Value, weight: Value| {
            Value::Object(vec![label, weight, Value::Null, Value::List(Vec::new()), Value::Null])
        };
        let (old, new) = (Value::Text("old".to_owned()), Value::Text("new".to_owned()));
        let weight = Value::Decimal("1.50".parse().unwrap());
        let cases = [
            (
                part(old.clone(), weight.clone()),
                json!({ "label": "new" }),
                "part.label",
                part(new.clone(), weight.clone()),
            ),
            (
                part(old.clone(), weight.clone()),
                json!({ "label": "new" }),
                "part.weight",
                part(old.clone(), Value::Null),
            ),
            (part(old, weight), json!(null), "part.label", part(Value::Null, Value::Decimal("1.50".parse().unwrap()))),
            (Value::Null, json!({ "label": "new" }), "part.label", part(new, Value::Null)),
            (Value::Null, json!(null), "part.label", Value::Null),
        ];
        for (stored, sent, mask, expected) in cases {
            let (draft, violations) = decode_onto(stored, &message("Sample", json!({ "part": sent })), mask);
            assert_eq!(violations, []);
            assert_eq!(get(&draft.unwrap(), "part"), Some(expected), "{mask} {sent}");
        }
    }

    #[test]
    fn what_the_mask_leaves_out_is_not_judged() {
        assert_eq!(violations(json!({ "name": "n", "day": "tomorrow" }), &["name"]), Vec::<String>::new());
    }

    #[test]
    fn a_replacement_brings_what_was_sent() {
        let draft = draft(json!({ "id": "x", "name": "n", "tags": [] }), &[], Write::Replace);
        assert_eq!(names(&draft), ["name"]);
    }

    #[test]
    fn a_field_that_cannot_be_without_a_value_is_cleared_to_its_default() {
        let draft = draft(json!({}), &["small", "day"], Write::Update);
        assert_eq!((get(&draft, "small"), get(&draft, "day")), (Some(Value::Int(7)), Some(Value::Null)));
    }

    #[test]
    fn masks_name_fields_of_the_resource() {
        let mask = ["nope", "cost", "part.nope", "tags[0]", "parts.label", "takenAt", "", "*", "name.x", "part."];
        assert_eq!(
            violations(json!({}), &mask),
            [
                "update_mask UNKNOWN_FIELD `nope` isn't a field of the resource",
                "update_mask UNKNOWN_FIELD `cost` isn't a field of the resource",
                "update_mask UNKNOWN_FIELD `part.nope` isn't a field of the resource",
                "update_mask UNKNOWN_FIELD `tags[0]` isn't a field of the resource",
                "update_mask INVALID_PATH `parts.label` is an element, and lists and maps can only be replaced as a \
                 whole: name the field that holds it",
                "update_mask UNKNOWN_FIELD `takenAt` isn't a field of the resource",
                "update_mask UNKNOWN_FIELD `` isn't a field of the resource",
                "update_mask INVALID_PATH `*` must stand alone",
                "update_mask UNKNOWN_FIELD `name.x` isn't a field of the resource",
                "update_mask UNKNOWN_FIELD `part.` isn't a field of the resource",
            ]
        );
    }

    #[test]
    fn what_has_the_wrong_form_is_named_by_its_path() {
        let sent = json!({
            "price": "1.234",
            "token": "x",
            "day": "2026-02-30",
            "lasts": "315576000000.5s",
            "ratio": "NaN",
            "color": 7,
            "colors": ["COLOR_RED", 0, 1],
            "part": { "label": "x", "parts": [{}, { "weight": "heavy" }] },
            "spares": { "k.1": { "color": 9 } },
            "extra": { "a": [1] },
        });
        let mut sent = message("Sample", sent);
        // A timestamp with nanos that count backward, and a `Value` that isn't a number: {"numberValue": Infinity}.
        sent.extend([0x4a, 0x0b, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
        sent.extend([0x7a, 0x09, 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f]);
        let (draft, violations) = decode(&sent, &[], Write::Create);
        assert_eq!(names(&draft.unwrap()), Vec::<&str>::new(), "nothing of it is a value");
        let mut found: Vec<String> =
            violations.iter().map(|violation| format!("{} {}", violation.location, violation.code)).collect();
        found.sort();
        assert_eq!(
            found,
            [
                "color INVALID_ENUM_VALUE",
                "colors[1] INVALID_ENUM_VALUE",
                "colors[2] INVALID_ENUM_VALUE",
                "day INVALID_DATE",
                "extra INVALID_NUMBER",
                "lasts INVALID_DURATION",
                "part.parts[1].weight INVALID_DECIMAL",
                "price INVALID_DECIMAL",
                "ratio INVALID_NUMBER",
                "spares.k.1.color INVALID_ENUM_VALUE",
                "taken_at INVALID_TIMESTAMP",
                "token INVALID_UUID",
            ]
        );
    }

    #[test]
    fn an_invalid_field_is_not_cleared_by_its_mask() {
        let (draft, violations) = decode(&message("Sample", json!({ "day": "x" })), &["day"], Write::Update);
        assert_eq!(violations.len(), 1);
        assert_eq!(names(&draft.unwrap()), Vec::<&str>::new());
    }

    #[test]
    fn what_is_set_on_create_only_reaches_the_rules_that_refuse_it() {
        for (mask, write) in [(&[][..], Write::Update), (&["owner_id"], Write::Update), (&[], Write::Replace)] {
            assert!(names(&draft(json!({ "ownerId": "5" }), mask, write)).contains(&"owner_id"), "{mask:?}");
        }
    }

    #[test]
    fn what_is_not_protobuf_is_malformed() {
        // A text where a number belongs, a string that isn't UTF-8, and a length beyond the end.
        for bytes in [&[0x22, 0x01, b'x'][..], &[0x3a, 0x01, 0xff], &[0x3a, 0x7f]] {
            let error = decode(bytes, &[], Write::Create).0.unwrap_err();
            assert_eq!(error.code, Code::MalformedRequest, "{bytes:x?}");
        }
    }
}
