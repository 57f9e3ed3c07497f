//! Some of a resource's fields: what `fields=id,address.city` asks for in REST, a `read_mask` in gRPC, a selection in GraphQL.
//!
//! A path leads to a field, or on into a value type. Knows nothing of rows, nor of who may read what.

use crate::{
    descriptor::{Field, Resource, Type},
    error::{ApiError, Code},
};

/// Some fields of a resource, the id always among them.
#[derive(Debug, Clone)]
pub struct Fields {
    pub resource: &'static Resource,
    /// In the order of the resource's fields.
    parts: Vec<Part>,
}

/// How much of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Nothing,
    Whole,
    /// Of a value type, in the order of its fields.
    Members(Vec<Part>),
}

impl Fields {
    /// The id alone.
    pub fn of(resource: &'static Resource) -> Fields {
        let mut parts = vec![Part::Nothing; resource.fields.len()];
        parts[0] = Part::Whole;
        Fields { resource, parts }
    }

    /// The fields at the end of these paths. `INVALID_FILTER`, about the parameter, if one isn't a path of the resource.
    pub fn read<'t>(
        resource: &'static Resource,
        parameter: &str,
        paths: impl Iterator<Item = &'t str>,
    ) -> Result<Fields, ApiError> {
        let mut fields = Fields::of(resource);
        for path in paths {
            let added = name(&mut fields.parts, resource.fields, path);
            added.map_err(|Mistake(code, why)| ApiError::parameter(Code::InvalidFilter, parameter, code, why))?;
        }
        Ok(fields)
    }

    /// All of a field.
    pub fn add(&mut self, index: usize) {
        self.parts[index] = Part::Whole;
    }

    pub fn has(&self, index: usize) -> bool {
        self.parts[index] != Part::Nothing
    }

    /// In the order of the resource's fields.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}

/// Its code, and the same in words.
struct Mistake(&'static str, String);

fn name(parts: &mut [Part], fields: &'static [Field], path: &str) -> Result<(), Mistake> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    if first.is_empty() {
        return Err(Mistake("SYNTAX", "names no field".to_owned()));
    }
    let unknown = || Mistake("UNKNOWN_FIELD", format!("there is no field `{first}` to show"));
    let index = fields.iter().position(|field| field.name == first && field.readable()).ok_or_else(unknown)?;
    match (rest, &fields[index].ty) {
        (None, _) => parts[index] = Part::Whole,
        (Some(rest), Type::Object(object)) => {
            let mut members = match &mut parts[index] {
                Part::Members(members) => std::mem::take(members),
                Part::Nothing | Part::Whole => vec![Part::Nothing; object.fields.len()],
            };
            name(&mut members, object.fields, rest)?;
            if parts[index] != Part::Whole {
                parts[index] = Part::Members(members);
            }
        }
        (Some(_), _) => return Err(Mistake("UNKNOWN_FIELD", format!("`{first}` is shown as a whole"))),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{Id, Object};

    static ADDRESS: Object = Object {
        name: "Address",
        fields: &[
            Field::new("city", "city", Type::String),
            Field::new("zip", "zip", Type::String),
            Field::new("lines", "lines", Type::List(&Type::Object(&LINE))),
        ],
    };
    static LINE: Object = Object { name: "Line", fields: &[Field::new("text", "text", Type::String)] };
    static USER: Resource = Resource {
        name: "User",
        fields: &[
            Field::new("id", "id", Type::Id(Id::Uuid)),
            Field::new("name", "name", Type::String),
            Field::new("address", "address", Type::Object(&ADDRESS)),
            Field::new("password", "password", Type::Password),
            Field::new("notes", "notes", Type::String).internal(),
            Field::new("wish", "wish", Type::String).write_only(),
        ],
        ..Resource::BLANK
    };

    /// What is had of each field: `-`, `*`, or the same of its members.
    fn shown(parts: &[Part]) -> String {
        let part = |part: &Part| match part {
            Part::Nothing => "-".to_owned(),
            Part::Whole => "*".to_owned(),
            Part::Members(members) => format!("({})", shown(members)),
        };
        parts.iter().map(part).collect()
    }

    #[track_caller]
    fn check(paths: &str, expected: &str) {
        let outcome = match Fields::read(&USER, "fields", paths.split(',')) {
            Ok(fields) => shown(fields.parts()),
            Err(error) => format!("{} {error}", error.violations[0].code),
        };
        assert_eq!(outcome, expected, "{paths}");
    }

    #[test]
    fn paths_name_fields_and_members() {
        check("name", "**----");
        check("id", "*-----");
        check("address.city,address.lines", "*-(*-*)---");
        check("address,address.city", "*-*---");
        check("address.city,address", "*-*---");
    }

    #[test]
    fn what_is_not_shown_is_not_known() {
        for name in ["nmae", "notes", "wish", "password", "Name"] {
            check(name, &format!("UNKNOWN_FIELD INVALID_FILTER: fields: there is no field `{name}` to show"));
        }
        check("address.town", "UNKNOWN_FIELD INVALID_FILTER: fields: there is no field `town` to show");
        check("address,address.town", "UNKNOWN_FIELD INVALID_FILTER: fields: there is no field `town` to show");
        check("name.first", "UNKNOWN_FIELD INVALID_FILTER: fields: `name` is shown as a whole");
        check("address.lines.text", "UNKNOWN_FIELD INVALID_FILTER: fields: `lines` is shown as a whole");
        check("", "SYNTAX INVALID_FILTER: fields: names no field");
        check("address.", "SYNTAX INVALID_FILTER: fields: names no field");
    }
}
