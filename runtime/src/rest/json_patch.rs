//! Updates by JSON Patch (RFC 6902), on the row as a `GET` shows it.

use json_patch::{PatchErrorKind, PatchOperation};
use serde_json::{Map, Value as Json};

use super::record::RecordJson;
use crate::{
    codec::json::{JsonForm, JsonInput},
    descriptor::Resource,
    error::{ApiError, Code, Location, Segment, Violation},
    service::{Draft, Input, Patch, Write},
    value::Record,
};

const MAX_OPERATIONS: usize = 500;
/// As deep as JSON is read.
const MAX_DEPTH: usize = 128;
const MAX_SIZE: usize = 1 << 20;

/// The operations, in their order: all of them happen, or none.
#[derive(Debug)]
pub struct JsonPatch(json_patch::Patch);

impl JsonPatch {
    pub fn read(bytes: &[u8]) -> Result<JsonPatch, ApiError> {
        let patch = serde_json::from_slice(bytes);
        let malformed = |error| ApiError::new(Code::MalformedRequest, format!("the body isn't a JSON Patch: {error}"));
        let mut patch: json_patch::Patch = patch.map_err(malformed)?;
        for operation in &mut patch.0 {
            if let PatchOperation::Test(test) = operation {
                by_value(&mut test.value);
            }
        }
        match patch.len() {
            0..=MAX_OPERATIONS => Ok(JsonPatch(patch)),
            _ => Err(wrong(Vec::new(), "MAX_ITEMS", &format!("must have at most {MAX_OPERATIONS} items"))),
        }
    }
}

impl Patch for JsonPatch {
    fn onto(&self, resource: &'static Resource, row: &Record) -> Result<Box<dyn Input + '_>, ApiError> {
        let mut before = serde_json::to_value(RecordJson::whole(resource, row, None)).map_err(ApiError::internal)?;
        by_value(&mut before);
        let mut after = before.clone();
        for (index, operation) in self.0.iter().enumerate() {
            let done = json_patch::patch(&mut after, std::slice::from_ref(operation));
            done.map_err(|error| refused(index, &error.kind))?;
            // A copy may hold a copy of itself, and so on.
            if !fits(&after, MAX_DEPTH, &mut MAX_SIZE.clone()) {
                return Err(wrong(vec![Segment::Index(index)], "TOO_LARGE", "makes the row too large"));
            }
        }
        let Json::Object(after) = after else {
            return Err(wrong(Vec::new(), "INVALID_TYPE", "must leave an object"));
        };
        Ok(Box::new(Whole(JsonInput::new(changes(&before, after), JsonForm::Rest))))
    }
}

/// The members that have another value than before; null for those that are gone.
fn changes(before: &Json, mut after: Map<String, Json>) -> Map<String, Json> {
    let gone = before.as_object().into_iter().flatten().filter(|(name, _)| !after.contains_key(*name));
    let gone: Vec<_> = gone.map(|(name, _)| (name.clone(), Json::Null)).collect();
    after.extend(gone);
    after.into_iter().filter(|(name, value)| before.get(name) != Some(value)).collect()
}

/// Numbers are equal if their values are, however they are written (RFC 6902 §4.6).
fn by_value(json: &mut Json) {
    match json {
        Json::Number(number) => {
            let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15);
            if let Some(whole) = whole {
                *json = (whole as i64).into();
            }
        }
        Json::Array(items) => items.iter_mut().for_each(by_value),
        Json::Object(members) => members.values_mut().for_each(by_value),
        _ => {}
    }
}

/// Whether a document is no deeper and no larger than what may be sent as a whole; `room` is in bytes, about.
fn fits(json: &Json, depth: usize, room: &mut usize) -> bool {
    let own = match json {
        Json::String(text) => text.len(),
        Json::Object(members) => members.keys().map(|name| name.len() + 4).sum(),
        _ => 0,
    };
    let Some(left) = room.checked_sub(own + 4).filter(|_| depth > 0) else { return false };
    *room = left;
    match json {
        Json::Array(items) => items.iter().all(|item| fits(item, depth - 1, room)),
        Json::Object(members) => members.values().all(|member| fits(member, depth - 1, room)),
        _ => true,
    }
}

fn wrong(place: Vec<Segment>, code: &'static str, message: &str) -> ApiError {
    ApiError::validation(vec![Violation { location: Location::Body(place), code, message: message.to_owned() }])
}

/// RFC 5789 §2.2: what can't be done with the row as it is isn't what is wrong in itself.
fn refused(operation: usize, why: &PatchErrorKind) -> ApiError {
    let index = Segment::Index(operation);
    let member = |name| Segment::Field { name, camel: name };
    let (code, place, violation, message) = match why {
        PatchErrorKind::TestFailed => {
            (Code::FailedPrecondition, vec![index], "TEST_FAILED", "the value is another one")
        }
        PatchErrorKind::InvalidFromPointer => {
            (Code::ValidationFailed, vec![index, member("from")], "INVALID_PATH", "leads to nothing")
        }
        PatchErrorKind::CannotMoveInsideItself => {
            (Code::ValidationFailed, vec![index, member("path")], "INVALID_PATH", "leads into what is moved")
        }
        _ => (Code::ValidationFailed, vec![index, member("path")], "INVALID_PATH", "leads to nothing"),
    };
    let violation = Violation { location: Location::Body(place), code: violation, message: message.to_owned() };
    let message = format!("operation {operation} can't be done: {message}");
    ApiError { violations: vec![violation], ..ApiError::new(code, message) }.with("operation", operation.to_string())
}

/// Values that replace what is stored, objects too.
struct Whole(JsonInput<'static>);

impl Input for Whole {
    fn decode(
        &self,
        resource: &'static Resource,
        write: Write,
        _: Option<&Record>,
        violations: &mut Vec<Violation>,
    ) -> Result<Draft, ApiError> {
        self.0.decode(resource, write, None, violations)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        descriptor::{Field, Id, Type},
        value::Value,
    };

    static NOTE: Resource = Resource {
        name: "Note",
        fields: &[
            Field::new("id", "id", Type::Id(Id::Int64)).read_only(),
            Field::new("text", "text", Type::String),
            Field::new("data", "data", Type::Json),
        ],
        ..Resource::BLANK
    };

    /// What is set by a patch of a row, or why it can't be done.
    fn set(data: Json, patch: Json) -> Result<Draft, String> {
        let values = vec![Value::Int(7), Value::Text("a".to_owned()), Value::Json(Box::new(data))];
        let patch = JsonPatch::read(patch.to_string().as_bytes()).map_err(shown)?;
        let input = patch.onto(&NOTE, &Record::new(values, 1)).map_err(shown)?;
        let mut violations = Vec::new();
        let draft = input.decode(&NOTE, Write::Update, None, &mut violations).map_err(shown)?;
        assert_eq!(violations, []);
        Ok(draft)
    }

    fn shown(error: ApiError) -> String {
        let at = error.violations.first().map(|violation| format!(" {} {}", violation.location, violation.code));
        format!("{}{}", error.reason(), at.unwrap_or_default())
    }

    #[test]
    fn only_what_changes_is_set() {
        let draft = set(
            json!({ "a": 1.0 }),
            json!([
                { "op": "test", "path": "/data", "value": { "a": 1 } },
                { "op": "copy", "from": "/id", "path": "/data/b" },
                { "op": "replace", "path": "/text", "value": "a" },
            ]),
        );
        let data = Value::Json(Box::new(json!({ "a": 1, "b": 7 })));
        assert_eq!(draft.map(|draft| draft.values), Ok(vec![None, None, Some(data)]));
    }

    #[test]
    fn what_cannot_be_done_is_told_by_its_place() {
        let cases = [
            (json!({}), "MALFORMED_REQUEST"),
            (json!([{ "op": "change", "path": "/text" }]), "MALFORMED_REQUEST"),
            (json!([{ "op": "test", "path": "/text", "value": "b" }]), "FAILED_PRECONDITION [0] TEST_FAILED"),
            (json!([{ "op": "remove", "path": "/data/x" }]), "VALIDATION_FAILED [0].path INVALID_PATH"),
            (json!([{ "op": "move", "from": "/x", "path": "/text" }]), "VALIDATION_FAILED [0].from INVALID_PATH"),
            (json!([{ "op": "replace", "path": "", "value": 1 }]), "VALIDATION_FAILED  INVALID_TYPE"),
            (Json::Array(vec![json!({ "op": "remove", "path": "/text" }); 501]), "VALIDATION_FAILED  MAX_ITEMS"),
        ];
        for (patch, expected) in cases {
            assert_eq!(set(json!({}), patch.clone()).map(drop), Err(expected.to_owned()), "{patch}");
        }
    }

    #[test]
    fn a_copy_of_copies_is_bounded() {
        let double = |index: usize| json!({ "op": "copy", "from": "/data", "path": format!("/data/{index}") });
        let error = set(json!({ "a": "x".repeat(100) }), (0..40).map(double).collect()).map(drop);
        assert_eq!(error, Err("VALIDATION_FAILED [13] TOO_LARGE".to_owned()));
        let deeper = |_| json!({ "op": "copy", "from": "/data", "path": "/data/a" });
        let error = set(json!({}), (0..200).map(deeper).collect()).map(drop).unwrap_err();
        assert!(error.ends_with("TOO_LARGE"), "{error}");
    }
}
