//! Records as REST shows them: whole, or as far as their fields were asked for, with the rows embedded that were.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Ways;
use crate::{
    codec::json::{Json, JsonForm},
    descriptor::{Resource, Type},
    error::ApiError,
    fields::Part,
    service::{Rows, WHOLE, level::Fetched},
    value::{Record, Value},
};

#[derive(Clone, Copy)]
pub struct RecordJson<'a> {
    pub resource: &'static Resource,
    pub record: &'a Record,
    /// What is shown of it.
    pub rows: &'a Rows,
    /// One per fetch of the rows, and the record's position among those that they are for.
    pub below: (&'a [Result<Fetched, ApiError>], usize),
    /// Where the spec asks for links.
    pub ways: Option<Ways<'a>>,
}

impl<'a> RecordJson<'a> {
    pub fn whole(resource: &'static Resource, record: &'a Record, ways: Option<Ways<'a>>) -> RecordJson<'a> {
        RecordJson { resource, record, rows: &WHOLE, below: (&[], 0), ways }
    }
}

impl Serialize for RecordJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (index, (field, value)) in self.resource.fields.iter().zip(&self.record.values).enumerate() {
            let part = self.rows.fields.as_ref().map_or(&Part::Whole, |fields| &fields.parts()[index]);
            let closed = field.readers.is_some() && value.is_null();
            if field.readable() && !closed && !matches!(part, Part::Nothing) {
                map.serialize_entry(field.name, &PartJson { ty: &field.ty, value, part })?;
            }
        }
        let (below, position) = self.below;
        for (fetch, fetched) in self.rows.fetches.iter().zip(below) {
            // A row that the caller may not see is none.
            let found = fetched.as_ref().ok().and_then(|fetched| Some((&fetched.level, fetched.one(position)?)));
            let embedded = found.map(|(level, position)| RecordJson {
                resource: fetch.resource,
                record: &level.records[position],
                rows: &fetch.rows,
                below: (&level.fetched, position),
                ways: self.ways,
            });
            map.serialize_entry(fetch.name, &embedded)?;
        }
        if let Some(ways) = self.ways {
            map.serialize_entry("_links", &ways.from(self.resource, self.record))?;
        }
        map.end()
    }
}

/// A value of which a part is shown.
struct PartJson<'a> {
    ty: &'a Type,
    value: &'a Value,
    part: &'a Part,
}

impl Serialize for PartJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (Part::Members(parts), Type::Object(object), Value::Object(values)) = (self.part, self.ty, self.value)
        else {
            return Json { ty: self.ty, value: self.value, form: JsonForm::Rest }.serialize(serializer);
        };
        let members = object.fields.iter().zip(values).zip(parts);
        let members = members.filter(|(_, part)| !matches!(part, Part::Nothing));
        serializer
            .collect_map(members.map(|((field, value), part)| (field.name, PartJson { ty: &field.ty, value, part })))
    }
}
