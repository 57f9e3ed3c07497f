//! What the GraphQL schema says about types: how to spell inputs, what to select, how to read outputs.

use std::collections::HashMap;

use graphql_parser::schema::{Definition, Document, Type, TypeDefinition, parse_schema};
use serde_json::{Map, Value as Json, json};

/// The contract's types, by name.
pub struct Schema {
    objects: HashMap<String, Vec<(String, Type<'static, String>)>>,
    inputs: HashMap<String, Vec<(String, Type<'static, String>)>>,
    enums: Vec<String>,
}

impl Schema {
    pub fn read(text: &str) -> Schema {
        let document: Document<'static, String> = parse_schema(text).expect("the contract is GraphQL").into_static();
        let mut schema = Schema { objects: HashMap::new(), inputs: HashMap::new(), enums: Vec::new() };
        for definition in document.definitions {
            let Definition::TypeDefinition(definition) = definition else { continue };
            match definition {
                TypeDefinition::Object(object) => {
                    let fields = object.fields.into_iter().map(|field| (field.name, field.field_type));
                    schema.objects.insert(object.name, fields.collect());
                }
                TypeDefinition::InputObject(input) => {
                    let fields = input.fields.into_iter().map(|field| (field.name, field.value_type));
                    schema.inputs.insert(input.name, fields.collect());
                }
                TypeDefinition::Enum(each) => schema.enums.push(each.name),
                _ => {}
            }
        }
        schema
    }

    /// `{ id email address { street } }`: everything of an object but what leads to other resources.
    pub fn selection(&self, object: &str) -> String {
        let fields = self.fields(object).iter().filter_map(|(name, ty)| match self.objects.get(inner(ty)) {
            None => Some(name.clone()),
            Some(_) if self.leads_away(inner(ty)) => None,
            Some(_) => Some(format!("{name} {}", self.selection(inner(ty)))),
        });
        format!("{{ {} }}", fields.collect::<Vec<_>>().join(" "))
    }

    /// `id,address.city` → `{ id address { city } }`
    pub fn chosen(&self, object: &str, paths: &str) -> String {
        let mut fields: Vec<(String, Vec<&str>)> = Vec::new();
        for path in paths.split(',') {
            let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
            let at = fields.iter().position(|(known, _)| *known == camel(name)).unwrap_or_else(|| {
                fields.push((camel(name), Vec::new()));
                fields.len() - 1
            });
            fields[at].1.extend(rest);
        }
        let selected = fields.iter().map(|(name, below)| match below.as_slice() {
            [] => format!("{name} {}", self.selection_of(object, name)),
            below => format!("{name} {}", self.chosen(inner(self.field(object, name)), &below.join(","))),
        });
        format!("{{ {} }}", selected.collect::<Vec<_>>().join(" "))
    }

    pub fn names(&self, object: &str) -> impl Iterator<Item = &str> {
        self.fields(object).iter().map(|(name, _)| name.as_str())
    }

    /// Everything of what a field shows; nothing if that is no object.
    pub fn selection_of(&self, object: &str, field: &str) -> String {
        let name = inner(self.field(object, field));
        if self.objects.contains_key(name) { self.selection(name) } else { String::new() }
    }

    /// The resource that a field shows rows of.
    pub fn row(&self, object: &str, field: &str) -> Option<&str> {
        let name = inner(self.field(object, field));
        (self.objects.contains_key(name) && self.has_field(name, "etag")).then_some(name)
    }

    /// REST's spelling of one field of an output.
    pub fn member(&self, object: &str, field: &str, value: &Json) -> Json {
        self.output_value(self.field(object, field), value)
    }

    fn field(&self, object: &str, field: &str) -> &Type<'static, String> {
        let found = self.fields(object).iter().find(|(name, _)| name == field);
        let (_, ty) = found.unwrap_or_else(|| panic!("{object} has no field {field}"));
        ty
    }

    /// Resources have an etag, connections have edges.
    fn leads_away(&self, object: &str) -> bool {
        self.fields(object).iter().any(|(name, _)| name == "etag" || name == "edges")
    }

    fn fields(&self, object: &str) -> &[(String, Type<'static, String>)] {
        self.objects.get(object).unwrap_or_else(|| panic!("the schema has no type {object}"))
    }

    pub fn has_field(&self, object: &str, field: &str) -> bool {
        self.fields(object).iter().any(|(name, _)| name == field)
    }

    /// REST's spelling of an output.
    pub fn output(&self, object: &str, value: &Json) -> Json {
        let Json::Object(members) = value else { return value.clone() };
        let member = |(name, value): (&String, &Json)| {
            let (_, ty) = self.fields(object).iter().find(|(field, _)| field == name).expect("only known fields");
            (snake(name), self.output_value(ty, value))
        };
        members.iter().map(member).collect::<Map<_, _>>().into()
    }

    fn output_value(&self, ty: &Type<'static, String>, value: &Json) -> Json {
        let name = inner(ty);
        match value {
            Json::Null => Json::Null,
            Json::Array(items) if name.ends_with("Entry") => {
                let entry = |entry: &Json| {
                    let (_, ty) = &self.fields(name)[1];
                    (entry["key"].as_str().expect("a key").to_owned(), self.output_value(ty, &entry["value"]))
                };
                items.iter().map(entry).collect::<Map<_, _>>().into()
            }
            Json::Array(items) if name != "JSON" => items.iter().map(|item| self.output_value(ty, item)).collect(),
            Json::String(text) if self.enums.iter().any(|each| each == name) => json!(text.to_lowercase()),
            // An ID is text whatever it was before (GraphQL §3.5.5); scenarios' chosen ids aren't digits.
            Json::String(text) if name == "ID" => text.parse::<i64>().map_or_else(|_| value.clone(), Json::from),
            Json::String(text) if name == "Int64" => json!(text.parse::<i64>().expect("a number")),
            Json::Object(_) if self.objects.contains_key(name) => self.output(name, value),
            other => other.clone(),
        }
    }

    /// GraphQL's spelling of an input. Members that the schema doesn't have keep their names.
    pub fn input(&self, input: &str, value: &Json) -> Json {
        let Json::Object(members) = value else { return value.clone() };
        let Some(fields) = self.inputs.get(input) else { return value.clone() };
        let member = |(name, value): (&String, &Json)| {
            let name = camel(name);
            match fields.iter().find(|(field, _)| *field == name) {
                Some((_, ty)) => (name, self.input_value(ty, value)),
                None => (name, value.clone()),
            }
        };
        members.iter().map(member).collect::<Map<_, _>>().into()
    }

    fn input_value(&self, ty: &Type<'static, String>, value: &Json) -> Json {
        let name = inner(ty);
        match value {
            Json::Array(items) if name != "JSON" => items.iter().map(|item| self.input_value(ty, item)).collect(),
            Json::String(text) if self.enums.iter().any(|each| each == name) => json!(text.to_uppercase()),
            Json::Object(members) if name.ends_with("EntryInput") => {
                let (_, ty) = &self.inputs[name][1];
                let entry =
                    |(key, value): (&String, &Json)| json!({ "key": key, "value": self.input_value(ty, value) });
                members.iter().map(entry).collect()
            }
            Json::Object(_) => self.input(name, value),
            other => other.clone(),
        }
    }

    pub fn has_input(&self, name: &str) -> bool {
        self.inputs.contains_key(name)
    }
}

fn inner<'t>(ty: &'t Type<'static, String>) -> &'t str {
    match ty {
        Type::NamedType(name) => name,
        Type::ListType(item) | Type::NonNullType(item) => inner(item),
    }
}

pub fn camel(name: &str) -> String {
    heck::ToLowerCamelCase::to_lower_camel_case(name)
}

pub fn snake(name: &str) -> String {
    heck::ToSnakeCase::to_snake_case(name)
}
