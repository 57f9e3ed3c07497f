//! What each name of the spec stands for.

use std::collections::HashMap;

use super::names;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{EnumId, ObjectId, ResourceId, Type};
use crate::spec::{Resource, Spec, Text};

/// Names of the scalar types; `decimal` is completed by its field's `scale`.
const SCALARS: [(&str, Type); 15] = [
    ("string", Type::String),
    ("bool", Type::Bool),
    ("int32", Type::Int32),
    ("int64", Type::Int64),
    ("float64", Type::Float64),
    ("decimal", Type::Decimal { precision: super::rules::MAX_PRECISION, scale: 0 }),
    ("uuid", Type::Uuid),
    ("timestamp", Type::Timestamp),
    ("date", Type::Date),
    ("duration", Type::Duration),
    ("email", Type::Email),
    ("url", Type::Url),
    ("bytes", Type::Bytes),
    ("json", Type::Json),
    ("password", Type::Password),
];

/// Words that people bring along from other languages.
const HABITS: [(&str, &str); 21] = [
    ("str", "string"),
    ("text", "string"),
    ("varchar", "string"),
    ("int", "int32"),
    ("integer", "int32"),
    ("long", "int64"),
    ("bigint", "int64"),
    ("float", "float64"),
    ("double", "float64"),
    ("number", "float64"),
    ("boolean", "bool"),
    ("datetime", "timestamp"),
    ("money", "decimal"),
    ("uri", "url"),
    ("binary", "bytes"),
    ("object", "json"),
    ("guid", "uuid"),
    ("char", "string"),
    ("numeric", "decimal"),
    ("array", "list<string>"),
    ("file", "url"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Enum(EnumId),
    Object(ObjectId),
    Resource(ResourceId),
}

pub struct Scope<'a> {
    items: HashMap<&'a str, Item>,
    resources: &'a [Resource],
    /// By resource: positions of its relations by name.
    relations: Vec<HashMap<&'a str, usize>>,
}

impl<'a> Scope<'a> {
    /// Reports names that aren't spelled well, reserved ones, and those that are taken twice.
    pub fn new(spec: &'a Spec, out: &mut Diagnostics) -> Scope<'a> {
        let resources = spec.resources.given().map(Vec::as_slice).unwrap_or_default();
        let relations = resources.iter().map(relations).collect();
        let mut scope = Scope { items: HashMap::new(), resources, relations };
        let mut places = HashMap::new();
        for (name, item) in all(spec, resources) {
            names::check_type_name(name, out);
            if let Some(first) = places.insert(name.value.as_str(), name.span) {
                report_taken(name, first, out);
            } else {
                scope.items.insert(&name.value, item);
            }
        }
        scope
    }

    /// The type of a name, or what is wrong with it.
    pub fn ty(&self, name: &Text, out: &mut Diagnostics) -> Option<Type> {
        if let Some((_, scalar)) = SCALARS.iter().find(|(word, _)| *word == name.value) {
            return Some(scalar.clone());
        }
        match self.items.get(name.value.as_str()) {
            Some(Item::Enum(id)) => Some(Type::Enum(*id)),
            Some(Item::Object(id)) => Some(Type::Object(*id)),
            Some(Item::Resource(_)) => {
                report_resource_as_type(name, out);
                None
            }
            None => {
                self.report_unknown_type(name, out);
                None
            }
        }
    }

    pub fn is_resource(&self, name: &Text) -> bool {
        matches!(self.items.get(name.value.as_str()), Some(Item::Resource(_)))
    }

    /// Without a word where there is none.
    pub fn find_resource(&self, name: &str) -> Option<ResourceId> {
        match self.items.get(name) {
            Some(Item::Resource(id)) => Some(*id),
            _ => None,
        }
    }

    pub fn resource(&self, name: &Text, out: &mut Diagnostics) -> Option<ResourceId> {
        if let Some(Item::Resource(id)) = self.items.get(name.value.as_str()) {
            return Some(*id);
        }
        match self.items.get(name.value.as_str()) {
            Some(Item::Enum(_)) => report_not_a_resource(name, "an enum", out),
            Some(_) => report_not_a_resource(name, "a value type", out),
            None => {
                let help = out.suggest(&name.value, self.resources.iter().map(|resource| resource.name.value.as_str()));
                report_unknown(name, help, out);
            }
        }
        None
    }

    /// Position of a relation among those of its resource.
    pub fn relation(&self, resource: ResourceId, name: &str) -> Option<usize> {
        self.relations[resource.0].get(name).copied()
    }

    fn report_unknown_type(&self, name: &Text, out: &mut Diagnostics) {
        // `varchar(40)`
        let word = name.value.split('(').next().unwrap_or_default().to_lowercase();
        let habit = HABITS.iter().find(|(habit, _)| *habit == word).map(|(_, meant)| *meant);
        let help = match habit {
            Some(meant) => Some(format!("did you mean `{meant}`?")),
            None => {
                let scalars = SCALARS.iter().map(|(word, _)| *word);
                out.suggest(&name.value, scalars.chain(self.items.keys().copied()))
            }
        };
        report_unknown(name, help, out);
    }
}

fn report_unknown(name: &Text, help: Option<String>, out: &mut Diagnostics) {
    // It may be in the file that couldn't be read.
    if help.is_none() && out.iter().any(|other| other.code == Code::Include) {
        return;
    }
    out.push(
        Diagnostic::error(Code::UnknownType, name.span, format!("unknown type `{}`", name.value))
            .label("no resource, type or enum has this name")
            .help(help),
    );
}

fn report_not_a_resource(name: &Text, kind: &str, out: &mut Diagnostics) {
    out.push(
        Diagnostic::error(Code::NotAResource, name.span, format!("`{}` is {kind}, not a resource", name.value))
            .help("relations lead to resources; a value belongs under `fields:`".to_owned()),
    );
}

fn relations(resource: &Resource) -> HashMap<&str, usize> {
    let relations = resource.relations.given().into_iter().flatten();
    relations.enumerate().map(|(index, relation)| (relation.name.value.as_str(), index)).collect()
}

fn all<'a>(spec: &'a Spec, resources: &'a [Resource]) -> Vec<(&'a Text, Item)> {
    let enums = spec.enums.iter().enumerate().map(|(index, item)| (&item.name, Item::Enum(EnumId(index))));
    let objects = spec.objects.iter().enumerate().map(|(index, item)| (&item.name, Item::Object(ObjectId(index))));
    let resources = resources.iter().enumerate().map(|(index, item)| (&item.name, Item::Resource(ResourceId(index))));
    enums.chain(objects).chain(resources).collect()
}

fn report_taken(name: &Text, first: crate::diagnostic::Span, out: &mut Diagnostics) {
    out.push(
        Diagnostic::error(Code::NamesCollide, name.span, format!("the name `{}` is taken", name.value))
            .label("enums, types and resources share their names")
            .related(first, "first used here"),
    );
}

fn report_resource_as_type(name: &Text, out: &mut Diagnostics) {
    out.push(
        Diagnostic::error(Code::UnknownType, name.span, format!("`{}` is a resource, not a type", name.value))
            .label("a field holds a value, not another row")
            .help(format!("write it under `relations:`, as `{{ belongs_to: {} }}`", name.value)),
    );
}
