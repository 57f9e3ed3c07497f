//! Values as JSON, in the two spellings that exist: REST's and GraphQL's.
//!
//! They differ in names (`unit_price` / `unitPrice`, `pending` / `PENDING`), in 64-bit integers (number / string) and in
//! maps (object / list of entries), and in nothing else.

use std::{borrow::Cow, collections::BTreeMap};

use heck::ToShoutySnakeCase;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value as Raw;

use super::text::{parse_text, write_text};
use crate::{
    descriptor::{Field, Id, Relation, RelationKind, Resource, SetBy, Type},
    error::{self, ApiError, Location, Segment, Violation},
    service::{Arguments, Draft, Input, Write},
    value::{Record, Value},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonForm {
    Rest,
    Graphql,
}

impl JsonForm {
    fn relation_name(self, relation: &Relation) -> &'static str {
        match self {
            JsonForm::Rest => relation.name,
            JsonForm::Graphql => relation.camel,
        }
    }

    fn field_name(self, field: &Field) -> &'static str {
        match self {
            JsonForm::Rest => field.name,
            JsonForm::Graphql => field.camel,
        }
    }
}

/// A value on its way out.
#[derive(Debug, Clone, Copy)]
pub struct Json<'a> {
    pub ty: &'a Type,
    pub value: &'a Value,
    pub form: JsonForm,
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(number) => match (self.form, self.ty) {
                (JsonForm::Graphql, Type::Int64 | Type::Id(_)) => serializer.collect_str(number),
                _ => serializer.serialize_i64(*number),
            },
            Value::Float(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            // Neither a password nor its hash is ever shown.
            Value::Password(_) => serializer.serialize_unit(),
            Value::Enum(name) => match self.form {
                JsonForm::Rest => serializer.serialize_str(name),
                JsonForm::Graphql => serializer.serialize_str(&name.to_shouty_snake_case()),
            },
            Value::Json(json) => json.serialize(serializer),
            Value::List(items) => self.list(items, serializer),
            Value::Map(entries) => self.map(entries, serializer),
            Value::Object(values) => self.object(values, serializer),
            scalar => {
                let mut text = String::with_capacity(40);
                write_text(self.ty, scalar, &mut text);
                serializer.serialize_str(&text)
            }
        }
    }
}

impl<'a> Json<'a> {
    fn of(&self, ty: &'a Type, value: &'a Value) -> Json<'a> {
        Json { ty, value, form: self.form }
    }

    fn list<S: Serializer>(&self, items: &'a [Value], serializer: S) -> Result<S::Ok, S::Error> {
        let Type::List(item) = self.ty else { unreachable!("a list has a list type, not {:?}", self.ty) };
        let mut list = serializer.serialize_seq(Some(items.len()))?;
        items.iter().try_for_each(|value| list.serialize_element(&self.of(item, value)))?;
        list.end()
    }

    fn map<S: Serializer>(&self, entries: &'a BTreeMap<String, Value>, serializer: S) -> Result<S::Ok, S::Error> {
        let Type::Map(item) = self.ty else { unreachable!("a map has a map type, not {:?}", self.ty) };
        if self.form == JsonForm::Graphql {
            let entries = entries.iter().map(|(key, value)| Entry { key, value: self.of(item, value) });
            return serializer.collect_seq(entries);
        }
        serializer.collect_map(entries.iter().map(|(key, value)| (key, self.of(item, value))))
    }

    fn object<S: Serializer>(&self, values: &'a [Value], serializer: S) -> Result<S::Ok, S::Error> {
        let Type::Object(object) = self.ty else { unreachable!("an object has an object type, not {:?}", self.ty) };
        let members = object.fields.iter().zip(values).filter(|(field, _)| field.readable());
        serializer.collect_map(members.map(|(field, value)| (self.form.field_name(field), self.of(&field.ty, value))))
    }
}

struct Entry<'a> {
    key: &'a str,
    value: Json<'a>,
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_map(Some(2))?;
        entry.serialize_entry("key", self.key)?;
        entry.serialize_entry("value", &self.value)?;
        entry.end()
    }
}

/// Any value as a JSON tree.
pub fn scalar_to_json(ty: &Type, value: &Value, form: JsonForm) -> Raw {
    match serde_json::to_value(Json { ty, value, form }) {
        Ok(json) => json,
        Err(error) => unreachable!("a value is always JSON: {error}"),
    }
}

/// A JSON body on its way in.
#[derive(Debug, Clone)]
pub struct JsonInput<'a> {
    body: Cow<'a, Raw>,
    form: JsonForm,
}

impl JsonInput<'static> {
    pub fn new(members: serde_json::Map<String, Raw>, form: JsonForm) -> Self {
        JsonInput::from_body(Raw::Object(members), form)
    }

    /// A body of any kind; what isn't an object becomes a violation.
    pub fn from_body(body: Raw, form: JsonForm) -> Self {
        JsonInput { body: Cow::Owned(body), form }
    }
}

impl<'a> JsonInput<'a> {
    /// A part of a body.
    pub fn within(body: &'a Raw, form: JsonForm) -> Self {
        JsonInput { body: Cow::Borrowed(body), form }
    }
}

impl Arguments for JsonInput<'_> {
    fn decode(
        &self,
        fields: &'static [Field],
        violations: &mut Vec<Violation>,
    ) -> Result<Vec<Option<Value>>, ApiError> {
        let mut values = vec![None; fields.len()];
        let mut reader = Reader { form: self.form, path: Vec::new(), violations };
        let Raw::Object(members) = &*self.body else {
            reader.refuse("INVALID_TYPE", "must be an object");
            return Ok(values);
        };
        for (name, json) in members {
            match fields.iter().position(|field| self.form.field_name(field) == name) {
                Some(index) => values[index] = reader.field(&fields[index], json).or(Some(Value::Null)),
                None => reader.unknown(name),
            }
        }
        Ok(values)
    }
}

impl Input for JsonInput<'_> {
    fn decode(
        &self,
        resource: &'static Resource,
        write: Write,
        current: Option<&Record>,
        violations: &mut Vec<Violation>,
    ) -> Result<Draft, ApiError> {
        let mut draft = Draft::empty(resource);
        let mut reader = Reader { form: self.form, path: Vec::new(), violations };
        let Raw::Object(members) = &*self.body else {
            reader.refuse("INVALID_TYPE", "must be an object");
            return Ok(draft);
        };
        for (name, json) in members {
            let nested = resource.nested().find(|relation| self.form.relation_name(relation) == name);
            if let Some(relation) = nested.filter(|_| write == Write::Create) {
                reader.nested(relation, json);
                continue;
            }
            let found = resource.fields.iter().position(|field| self.form.field_name(field) == name && !field.internal);
            let Some(index) = found else {
                reader.unknown(name);
                continue;
            };
            let field = &resource.fields[index];
            if field.set_by == SetBy::Server {
                continue;
            }
            let merged = current.filter(|_| write == Write::Update && merges(field, json));
            let merged = merged.map(|current| merge(&field.ty, &current.values[index], json));
            draft.values[index] = reader.field(field, merged.as_ref().unwrap_or(json)).or(Some(Value::Null));
        }
        Ok(draft)
    }

    fn nested(&self, relation: &'static Relation) -> Vec<Box<dyn Input + '_>> {
        let one = |body| Box::new(JsonInput::within(body, self.form)) as Box<dyn Input + '_>;
        match self.body.get(self.form.relation_name(relation)) {
            Some(Raw::Array(rows)) => rows.iter().map(one).collect(),
            Some(row @ Raw::Object(_)) => vec![one(row)],
            _ => Vec::new(),
        }
    }

    /// RFC 7396 merges objects member by member, so value types, maps and JSON are changed inside. GraphQL replaces them.
    fn needs_current(&self, resource: &'static Resource) -> bool {
        let member = |field: &Field| self.body.get(field.name).is_some_and(|json| merges(field, json));
        self.form == JsonForm::Rest && resource.fields.iter().any(member)
    }
}

fn merges(field: &Field, patch: &Raw) -> bool {
    matches!(field.ty, Type::Object(_) | Type::Map(_) | Type::Json) && patch.is_object()
}

/// The stored value with a merge patch applied (RFC 7396 §2).
fn merge(ty: &Type, current: &Value, patch: &Raw) -> Raw {
    let mut target = scalar_to_json(ty, current, JsonForm::Rest);
    merge_into(&mut target, patch);
    target
}

fn merge_into(target: &mut Raw, patch: &Raw) {
    let Raw::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Raw::Object(serde_json::Map::new());
    }
    for (name, value) in members {
        if value.is_null() {
            drop(target.as_object_mut().map(|target| target.remove(name)));
        } else {
            merge_into(&mut target[name.as_str()], value);
        }
    }
}

/// Reads a stored or sealed value back; `None` if it isn't one of this type.
pub fn from_json(ty: &Type, json: &Raw) -> Option<Value> {
    let mut violations = Vec::new();
    let value = Reader { form: JsonForm::Rest, path: Vec::new(), violations: &mut violations }.nullable(ty, json)?;
    violations.is_empty().then_some(value)
}

/// Walks a JSON tree along a type, keeping the path for violations. `None` means that one was noted.
struct Reader<'a> {
    form: JsonForm,
    path: Vec<Segment>,
    violations: &'a mut Vec<Violation>,
}

impl Reader<'_> {
    /// Rows that are created along with another one: here only whether there can be any.
    fn nested(&mut self, relation: &'static Relation, json: &Raw) {
        let has_one = matches!(relation.kind, RelationKind::HasOne { .. });
        let message = match json {
            Raw::Null => return,
            Raw::Object(_) if has_one => return,
            Raw::Array(_) if !has_one => return,
            _ if has_one => "must be an object",
            _ => "must be a list",
        };
        let segment = Segment::Field { name: relation.name, camel: relation.camel };
        self.at(segment, |reader| reader.refuse("INVALID_TYPE", message));
    }

    fn refuse(&mut self, code: &'static str, message: impl Into<String>) {
        let path = &self.path;
        error::note(self.violations, || Violation {
            location: Location::Body(path.clone()),
            code,
            message: message.into(),
        });
    }

    fn unknown(&mut self, name: &str) {
        self.at(Segment::Key(name.to_owned()), |reader| reader.refuse("UNKNOWN_FIELD", "isn't a field of this"));
    }

    fn at<T>(&mut self, segment: Segment, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(segment);
        let result = read(self);
        self.path.pop();
        result
    }

    fn field(&mut self, field: &'static Field, json: &Raw) -> Option<Value> {
        self.at(Segment::Field { name: field.name, camel: field.camel }, |reader| reader.nullable(&field.ty, json))
    }

    fn nullable(&mut self, ty: &Type, json: &Raw) -> Option<Value> {
        if json.is_null() { Some(Value::Null) } else { self.value(ty, json) }
    }

    fn value(&mut self, ty: &Type, json: &Raw) -> Option<Value> {
        match ty {
            Type::Bool => self.expect(json.as_bool().map(Value::Bool), "must be true or false"),
            Type::Int32 => {
                let number = json.as_i64().filter(|number| i32::try_from(*number).is_ok());
                self.expect(number.map(Value::Int), "must be a whole number between -2147483648 and 2147483647")
            }
            Type::Int64 => self.int64(json),
            Type::Id(Id::Int64) => self.int64(json),
            Type::Float64 => self.expect(json.as_f64().map(Value::Float), "must be a number"),
            Type::Json => Some(Value::Json(Box::new(json.clone()))),
            Type::List(item) => self.list(item, json),
            Type::Map(item) => self.map(item, json),
            Type::Object(object) => self.object(object, json),
            Type::Enum(_) if self.form == JsonForm::Graphql => {
                let name = json.as_str().map(str::to_lowercase);
                self.text(ty, name.as_deref())
            }
            _ => self.text(ty, json.as_str()),
        }
    }

    fn expect(&mut self, value: Option<Value>, otherwise: &str) -> Option<Value> {
        if value.is_none() {
            self.refuse("INVALID_TYPE", otherwise);
        }
        value
    }

    fn int64(&mut self, json: &Raw) -> Option<Value> {
        let number = match (self.form, json) {
            (JsonForm::Graphql, Raw::String(text)) => text.parse().ok(),
            _ => json.as_i64(),
        };
        self.expect(number.map(Value::Int), "must be a whole number of at most 64 bits")
    }

    fn text(&mut self, ty: &Type, text: Option<&str>) -> Option<Value> {
        let Some(text) = text else { return self.expect(None, "must be a string") };
        match parse_text(ty, text) {
            Ok(value) => Some(value),
            Err(invalid) => {
                self.refuse(invalid.code, invalid.message);
                None
            }
        }
    }

    fn list(&mut self, item: &Type, json: &Raw) -> Option<Value> {
        let Some(items) = json.as_array() else { return self.expect(None, "must be a list") };
        let values: Vec<_> = items
            .iter()
            .enumerate()
            .map(|(index, json)| self.at(Segment::Index(index), |reader| reader.not_null(item, json)))
            .collect();
        values.into_iter().collect::<Option<_>>().map(Value::List)
    }

    fn not_null(&mut self, ty: &Type, json: &Raw) -> Option<Value> {
        if json.is_null() && !matches!(ty, Type::Json) {
            self.refuse("REQUIRED", "must not be null");
            return None;
        }
        self.value(ty, json)
    }

    fn map(&mut self, item: &Type, json: &Raw) -> Option<Value> {
        let pairs: Option<Vec<(&str, &Raw)>> = match self.form {
            JsonForm::Rest => json.as_object().map(|map| map.iter().map(|(key, json)| (key.as_str(), json)).collect()),
            JsonForm::Graphql => json.as_array().and_then(|entries| {
                entries.iter().map(|entry| Some((entry["key"].as_str()?, &entry["value"]))).collect()
            }),
        };
        let Some(pairs) = pairs else { return self.expect(None, "must be an object") };
        let mut map = BTreeMap::new();
        let mut complete = true;
        for (key, json) in pairs {
            match self.at(Segment::Key(key.to_owned()), |reader| reader.entry(key, item, json)) {
                Some(value) => drop(map.insert(key.to_owned(), value)),
                None => complete = false,
            }
        }
        complete.then_some(Value::Map(map))
    }

    fn entry(&mut self, key: &str, item: &Type, json: &Raw) -> Option<Value> {
        self.text(&Type::String, Some(key))?;
        self.not_null(item, json)
    }

    fn object(&mut self, object: &crate::descriptor::Object, json: &Raw) -> Option<Value> {
        let Some(members) = json.as_object() else { return self.expect(None, "must be an object") };
        let before = self.violations.len();
        let form = self.form;
        for name in members.keys() {
            if !object.fields.iter().any(|field| form.field_name(field) == name) {
                let segment = Segment::Key(name.clone());
                self.at(segment, |reader| reader.refuse("UNKNOWN_FIELD", "isn't a field of this"));
            }
        }
        let values: Vec<_> = object
            .fields
            .iter()
            .map(|field| members.get(form.field_name(field)).map_or(Some(Value::Null), |json| self.field(field, json)))
            .map(|value| value.unwrap_or(Value::Null))
            .collect();
        (self.violations.len() == before).then_some(Value::Object(values))
    }
}
