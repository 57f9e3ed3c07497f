//! Argument values: literals and variables of the document become JSON, then the arguments of a list.
//!
//! A variable without a value leaves its argument or input field out, which isn't the same as null: an update would
//! erase the column.

use std::sync::Arc;

use apollo_compiler::{
    Name, Node, Schema,
    ast::{InputValueDefinition, Type, Value},
    executable::Field,
    name,
    response::JsonValue,
    schema::ExtendedType,
};
use serde_json::{Map, Number, Value as Json};

use crate::{
    codec::{
        batch::JsonBatch,
        json::{JsonForm, JsonInput},
    },
    descriptor::{Direction, Resource, Sort},
    error::{ApiError, Code},
    filter::{self, order},
    service::{ListArgs, Skip, Spelling, batch::OPERATIONS},
};

static FORWARD: Spelling = Spelling { page_size: "first", cursor: "after", sort: "orderBy", skip: "skip" };
static BACKWARD: Spelling = Spelling { page_size: "last", cursor: "before", sort: "orderBy", skip: "skip" };

/// What an object takes before its members do, however few they are.
const OBJECT_BYTES: usize = 600;

/// What the arguments of a field are made of, in the order of their definitions. What no variable has a part in is coerced
/// already. Clones share it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arguments(Arc<[Argument]>);

#[derive(Debug, PartialEq)]
enum Argument {
    Fixed(Name, Json),
    Open(Node<InputValueDefinition>, Option<Node<Value>>),
}

/// The arguments of a field in one request.
#[derive(Debug, Default)]
pub(crate) struct Values(Vec<(Name, Json)>);

/// The variables of one request, coerced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variables<'r> {
    pub(crate) schema: &'r Schema,
    pub(crate) values: &'r Map<String, Json>,
}

impl Arguments {
    pub(crate) fn none() -> Arguments {
        Arguments(Arc::default())
    }

    /// Of a list of which the first row is wanted.
    pub(crate) fn first() -> Arguments {
        Arguments(Arc::new([Argument::Fixed(name!("first"), 1.into())]))
    }

    pub(crate) fn of(schema: &Schema, field: &Field) -> Arguments {
        let arguments = field.definition.arguments.iter().filter_map(|definition| {
            let given = field.arguments.iter().find(|argument| argument.name == definition.name);
            Argument::of(schema, definition, given.map(|argument| &argument.value))
        });
        Arguments(arguments.collect())
    }

    /// CoerceArgumentValues of the GraphQL specification.
    pub(crate) fn values(&self, variables: Variables<'_>) -> Result<Values, ApiError> {
        let mut values = Vec::with_capacity(self.0.len());
        for argument in &*self.0 {
            match argument {
                Argument::Fixed(name, value) => values.push((name.clone(), value.clone())),
                Argument::Open(definition, given) => {
                    let value = member(variables.schema, definition, given.as_ref(), variables.values)?;
                    values.extend(value.map(|value| (definition.name.clone(), value)));
                }
            }
        }
        Ok(Values(values))
    }

    /// Roughly what they take beside the document. A short literal may take many times its text.
    pub(crate) fn bytes(&self) -> usize {
        let fixed = self.0.iter().map(|argument| match argument {
            Argument::Fixed(_, value) => bytes(value),
            Argument::Open(..) => 0,
        });
        size_of_val(&*self.0) + fixed.sum::<usize>()
    }
}

fn bytes(value: &Json) -> usize {
    let inner = match value {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(bytes).sum(),
        Json::Object(members) => {
            OBJECT_BYTES + members.iter().map(|(name, value)| name.len() + bytes(value)).sum::<usize>()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    };
    size_of::<Json>() + inner
}

impl Argument {
    /// `None`: there will never be a value.
    fn of(schema: &Schema, definition: &Node<InputValueDefinition>, given: Option<&Node<Value>>) -> Option<Argument> {
        let open = || Argument::Open(definition.clone(), given.cloned());
        if given.is_some_and(|value| mentions_variables(value)) {
            return Some(open());
        }
        match member(schema, definition, given, &Map::new()) {
            Ok(value) => value.map(|value| Argument::Fixed(definition.name.clone(), value)),
            // Every request is told.
            Err(_) => Some(open()),
        }
    }
}

fn mentions_variables(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(|item| mentions_variables(item)),
        Value::Object(members) => members.iter().any(|(_, member)| mentions_variables(member)),
        _ => false,
    }
}

impl Values {
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    fn take(&mut self, name: &str) -> Json {
        self.0.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value.take()).unwrap_or_default()
    }
}

/// What several writes take.
pub(crate) fn batch(arguments: &mut Values) -> JsonBatch {
    JsonBatch { body: arguments.take("input"), form: JsonForm::Graphql }
}

/// How many writes are asked for.
pub(crate) fn operations(arguments: &Values) -> u64 {
    let operations = arguments.get("input").and_then(|input| input.get(OPERATIONS)).and_then(Json::as_array);
    operations.map_or(0, Vec::len) as u64
}

/// What a create, an update or an action takes.
pub(crate) fn input(arguments: &mut Values) -> JsonInput<'static> {
    match arguments.take("input") {
        Json::Object(members) => JsonInput::new(members, JsonForm::Graphql),
        _ => JsonInput::new(Map::new(), JsonForm::Graphql),
    }
}

/// One argument or input field: its value, else its default, else nothing.
fn member(
    schema: &Schema,
    definition: &InputValueDefinition,
    given: Option<&Node<Value>>,
    variables: &Map<String, Json>,
) -> Result<Option<Json>, ApiError> {
    let refused = |why: &str| ApiError::parameter(Code::ValidationFailed, &definition.name, "REQUIRED", why);
    let value = match given {
        Some(value) => literal(schema, &definition.ty, value, variables)?,
        None => None,
    };
    let value = match (value, &definition.default_value) {
        (None, Some(default)) => literal(schema, &definition.ty, default, variables)?,
        (value, _) => value,
    };
    match value {
        Some(Json::Null) if definition.ty.is_non_null() => Err(refused("mustn't be null")),
        None if definition.ty.is_non_null() => Err(refused("is required")),
        value => Ok(value),
    }
}

/// A literal of the document as JSON. `None`: a variable without a value.
pub(crate) fn literal(
    schema: &Schema,
    ty: &Type,
    value: &Node<Value>,
    variables: &Map<String, Json>,
) -> Result<Option<Json>, ApiError> {
    Ok(Some(match value.as_ref() {
        Value::Variable(name) => return Ok(variables.get(name.as_str()).cloned()),
        Value::Null => Json::Null,
        Value::List(items) => {
            let inner = if ty.is_list() { ty.item_type() } else { ty };
            let items = items.iter().map(|item| literal(schema, inner, item, variables));
            Json::Array(items.map(|item| item.map(Option::unwrap_or_default)).collect::<Result<_, _>>()?)
        }
        // A single value where a list is expected is a list of one.
        _ if ty.is_list() => Json::Array(vec![literal(schema, ty.item_type(), value, variables)?.unwrap_or_default()]),
        Value::Object(members) => object(schema, ty, members, variables)?,
        Value::Int(digits) if ty.inner_named_type() == "ID" => digits.as_str().into(),
        Value::Enum(name) => name.as_str().into(),
        Value::String(text) => text.as_str().into(),
        Value::Boolean(truth) => (*truth).into(),
        Value::Int(digits) => number(digits.as_str())?,
        Value::Float(digits) => number(digits.as_str())?,
    }))
}

fn object(
    schema: &Schema,
    ty: &Type,
    members: &[(Name, Node<Value>)],
    variables: &Map<String, Json>,
) -> Result<Json, ApiError> {
    let mut coerced = Map::new();
    if let Some(ExtendedType::InputObject(definition)) = schema.types.get(ty.inner_named_type()) {
        for (name, definition) in &definition.fields {
            let given = members.iter().find(|(member, _)| member == name).map(|(_, value)| value);
            if let Some(value) = member(schema, definition, given, variables)? {
                coerced.insert(name.to_string(), value);
            }
        }
    } else {
        // A literal of a custom scalar, JSON.
        for (name, value) in members {
            if let Some(value) = literal(schema, ty, value, variables)? {
                coerced.insert(name.to_string(), value);
            }
        }
    }
    Ok(Json::Object(coerced))
}

fn number(digits: &str) -> Result<Json, ApiError> {
    let number: Number =
        digits.parse().map_err(|_| ApiError::new(Code::ValidationFailed, format!("{digits} is too large a number")))?;
    Ok(Json::Number(number))
}

/// `first`, `after`, `last`, `before`, `where` and `orderBy`.
pub(crate) fn list(resource: &'static Resource, arguments: &Values) -> Result<ListArgs, ApiError> {
    let given = |name: &str| arguments.get(name).filter(|value| !value.is_null());
    let backward = given("last").is_some() || (given("before").is_some() && given("first").is_none());
    let spelling = if backward { &BACKWARD } else { &FORWARD };
    let other = if backward { &FORWARD } else { &BACKWARD };
    for name in [other.page_size, other.cursor] {
        if given(name).is_some() {
            let why = format!("can't be used together with {}", spelling.page_size);
            return Err(ApiError::parameter(Code::ValidationFailed, name, "CONFLICTING_ARGUMENT", why));
        }
    }
    // No keys are no order of one's own.
    let keys = given("orderBy").and_then(Json::as_array).filter(|keys| !keys.is_empty());
    Ok(ListArgs {
        spelling,
        page_size: given(spelling.page_size).and_then(Json::as_i64),
        cursor: given(spelling.cursor).and_then(Json::as_str).map(str::to_owned),
        backward,
        sort: keys.map(|keys| sort(resource, keys)).transpose()?,
        filter: given("where").map(|value| filter::graphql::parse(resource, value)).transpose()?,
        q: given("q").and_then(Json::as_str).map(str::to_owned),
        total: false,
        skip: Skip::Rows(given("skip").and_then(Json::as_i64).unwrap_or(0)),
    })
}

fn sort(resource: &'static Resource, keys: &[Json]) -> Result<Vec<Sort>, ApiError> {
    let keys = keys.iter().map(|key| {
        let name = key.get("field").and_then(Json::as_str).unwrap_or_default();
        let field = resource.fields.iter().map(|field| field.name).find(|field| field.eq_ignore_ascii_case(name));
        let descending = key.get("direction").and_then(Json::as_str) == Some("DESC");
        Ok((field.unwrap_or(name), if descending { Direction::Descending } else { Direction::Ascending }))
    });
    order::collect(resource, "orderBy", keys)
}

/// A variable's value as everything behind this expects it: with each `ID` as a text.
pub(crate) fn json(schema: &Schema, ty: Option<&Type>, value: &JsonValue) -> Json {
    match value {
        JsonValue::Null => Json::Null,
        JsonValue::Bool(truth) => (*truth).into(),
        JsonValue::Number(number) if ty.is_some_and(|ty| ty.inner_named_type() == "ID") => number.to_string().into(),
        JsonValue::Number(number) => Json::Number(number.clone()),
        JsonValue::String(text) => text.as_str().into(),
        JsonValue::Array(items) => {
            let inner = ty.map(|ty| if ty.is_list() { ty.item_type() } else { ty });
            items.iter().map(|item| json(schema, inner, item)).collect()
        }
        JsonValue::Object(members) => {
            let definition = match ty.and_then(|ty| schema.types.get(ty.inner_named_type())) {
                Some(ExtendedType::InputObject(definition)) => Some(definition),
                _ => None,
            };
            let members = members.iter().map(|(name, value)| {
                let field = definition.and_then(|definition| definition.fields.get(name.as_str()));
                (name.as_str().to_owned(), json(schema, field.map(|field| &*field.ty), value))
            });
            Json::Object(members.collect())
        }
    }
}

/// The text of `id`; empty where there is none, which no row has.
pub(crate) fn id(arguments: &Values) -> String {
    arguments.get("id").and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// The texts of `ids`, or of `id`.
pub(crate) fn ids(arguments: &Values) -> impl Iterator<Item = &str> {
    texts(arguments.get("ids").or_else(|| arguments.get("id")))
}

/// The texts of a list of `ID`s, or of one.
pub(crate) fn texts(value: Option<&Json>) -> impl Iterator<Item = &str> {
    let items = match value {
        Some(Json::Array(items)) => items.as_slice(),
        value => value.map_or(&[][..], std::slice::from_ref),
    };
    items.iter().map(|item| item.as_str().unwrap_or_default())
}
