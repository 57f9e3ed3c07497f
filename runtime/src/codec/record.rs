//! Records as REST shows them: whole, or as far as their fields were asked for.

use serde::ser::{Serialize, Serializer};

use super::json::{Json, JsonForm};
use crate::{
    descriptor::{Resource, Type},
    fields::{Fields, Part},
    value::{Record, Value},
};

#[derive(Debug, Clone, Copy)]
pub struct RecordJson<'a> {
    pub resource: &'static Resource,
    pub record: &'a Record,
    /// `None`: all.
    pub fields: Option<&'a Fields>,
}

impl Serialize for RecordJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let part = |index| self.fields.map_or(&Part::Whole, |fields| &fields.parts()[index]);
        let fields = self.resource.fields.iter().zip(&self.record.values).enumerate();
        serializer.collect_map(fields.filter_map(|(index, (field, value))| {
            let closed = field.readers.is_some() && value.is_null();
            let shown = field.readable() && !closed && !matches!(part(index), Part::Nothing);
            shown.then(|| (field.name, PartJson { ty: &field.ty, value, part: part(index) }))
        }))
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
