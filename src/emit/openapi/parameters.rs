//! Parameters, each a component that operations refer to: a resource's lists take the same ones wherever they are.

mod shown;

use std::{
    borrow::Cow,
    collections::HashSet,
    fmt::{Display, Write as _},
};

use indexmap::IndexMap;
use openapiv3::{
    ArrayType, BooleanType, HeaderStyle, IntegerFormat, IntegerType, Parameter, ParameterData,
    ParameterSchemaOrContent, PathStyle, QueryStyle, ReferenceOr, Schema, SchemaData, SchemaKind, StringType,
    Type as JsonType, VariantOrUnknownOrEmpty,
};

use super::{bodies::Bodies, schemas};
use crate::emit::{examples, literal};
use crate::model::{
    Default, Field, Model, Resource, Rules, Type, finding::Operator, long_running, prose, reach::Direction,
};

const COMPONENTS: &str = "#/components/parameters/";

/// Parameters by name, filled as operations ask for them.
#[derive(Default)]
pub struct Parameters {
    /// Those that weren't taken yet.
    components: IndexMap<String, ReferenceOr<Parameter>>,
    /// Of all that were ever asked for.
    keys: HashSet<String>,
}

impl Parameters {
    fn refer(&mut self, key: impl Display, make: impl FnOnce() -> Parameter) -> ReferenceOr<Parameter> {
        let mut reference = String::with_capacity(80);
        let _ = write!(reference, "{COMPONENTS}{key}");
        let key = &reference[COMPONENTS.len()..];
        if !self.keys.contains(key) {
            self.keys.insert(key.to_owned());
            self.components.insert(key.to_owned(), ReferenceOr::Item(make()));
        }
        ReferenceOr::Reference { reference }
    }

    /// Those that came up since the last time.
    pub fn take(&mut self) -> IndexMap<String, ReferenceOr<Parameter>> {
        std::mem::take(&mut self.components)
    }

    /// `{order_id}` in a path.
    pub fn id(&mut self, bodies: &Bodies, resource: &Resource) -> ReferenceOr<Parameter> {
        self.refer(format_args!("{}Id", resource.names.pascal), || {
            let id = &resource.fields[0];
            let schema = schemas::shape(bodies, &id.ty, &Rules::default(), Direction::In).into_schema();
            let description = format!("The id of the {}.", resource.noun());
            let parameter_data = ParameterData {
                required: true,
                example: examples::value(bodies.model, id),
                ..data(format!("{}_id", resource.names.snake), description, schema)
            };
            Parameter::Path { parameter_data, style: PathStyle::Simple }
        })
    }

    /// `{other_person_id}`: of two rows of one resource in a path, the second.
    pub fn other_id(&mut self, bodies: &Bodies, resource: &Resource) -> ReferenceOr<Parameter> {
        self.refer(format_args!("Other{}Id", resource.names.pascal), || {
            let id = &resource.fields[0];
            let schema = schemas::shape(bodies, &id.ty, &Rules::default(), Direction::In).into_schema();
            let description = format!("The id of the other {}.", resource.noun());
            let parameter_data = ParameterData {
                required: true,
                example: examples::value(bodies.model, id),
                ..data(format!("other_{}_id", resource.names.snake), description, schema)
            };
            Parameter::Path { parameter_data, style: PathStyle::Simple }
        })
    }

    pub fn if_match(&mut self) -> ReferenceOr<Parameter> {
        self.refer("IfMatch", || {
            header("If-Match", "An `ETag`: nothing happens if the resource is in another version.")
        })
    }

    pub fn required_if_match(&mut self) -> ReferenceOr<Parameter> {
        let words = "The `ETag` of the resource: nothing happens if it is in another version.";
        self.refer("RequiredIfMatch", || required(header("If-Match", words)))
    }

    pub fn idempotency_key(&mut self) -> ReferenceOr<Parameter> {
        let words = "Tells this request from others, so that it is done once however often it is sent.";
        self.refer("IdempotencyKey", || required(header("Idempotency-Key", words)))
    }

    pub fn if_none_exists(&mut self) -> ReferenceOr<Parameter> {
        self.refer("IfNoneExists", || header("If-None-Match", "`*`: nothing happens if there is one already."))
    }

    pub fn if_none_match(&mut self) -> ReferenceOr<Parameter> {
        self.refer("IfNoneMatch", || {
            header("If-None-Match", "An `ETag` that is already at hand: the answer is 304 if it is still right.")
        })
    }

    /// Something that a safe action takes. Each has its own, since its name says nothing about other actions.
    pub fn input(&self, bodies: &Bodies, input: &Field) -> ReferenceOr<Parameter> {
        let schema = schemas::shape(bodies, &input.ty, &input.rules, Direction::In);
        let description = schemas::description(None, input, Vec::new());
        let default = match &input.default {
            Some(Default::Literal(value)) => Some(literal::json(bodies.model, &input.ty, value)),
            Some(Default::Now | Default::Today) | None => None,
        };
        let schema = match default {
            None => schema.into_schema(),
            default => schema.with(SchemaData { default, ..SchemaData::default() }).unbox(),
        };
        let parameter_data = ParameterData {
            required: input.required_on_create(),
            deprecated: input.deprecated.is_some().then_some(true),
            example: examples::value(bodies.model, input),
            description: Some(description.unwrap_or_else(|| prose::sentence(&input.name))),
            // A list is given as several parameters of one name.
            ..data(input.name.clone(), String::new(), schema)
        };
        ReferenceOr::Item(query(parameter_data))
    }

    /// The headers of what is sent to an endpoint.
    pub fn of_deliveries(&mut self) -> Vec<ReferenceOr<Parameter>> {
        let headers = [
            ("webhook-id", "Identifies the delivery, however often it is sent."),
            ("webhook-timestamp", "When this attempt was made, in seconds since 1970."),
            ("webhook-signature", "`v1,` and the HMAC-SHA256 of `{id}.{timestamp}.{body}`, in base64."),
        ];
        let parameter = |(name, description): (&str, &str)| {
            let parameter_data =
                ParameterData { required: true, ..data(name.to_owned(), description.to_owned(), text()) };
            ReferenceOr::Item(Parameter::Header { parameter_data, style: HeaderStyle::Simple })
        };
        headers.map(parameter).into()
    }

    /// What streams of events take.
    pub fn of_events(&mut self, resource: &Resource) -> Vec<ReferenceOr<Parameter>> {
        let name = format!("{}EventType", resource.names.pascal);
        let types = self.refer(format_args!("{}.types", resource.names.pascal), || {
            let schema = ReferenceOr::Item(schemas::plain(array(schemas::reference(&name))));
            let data = data("types".to_owned(), "Only events of these types.".to_owned(), schema);
            query(ParameterData { explode: Some(false), ..data })
        });
        let position = self.refer("LastEventId", || {
            let description = "The `position` of another event: only what comes behind it.";
            let parameter_data = data("Last-Event-ID".to_owned(), description.to_owned(), text());
            Parameter::Header { parameter_data, style: HeaderStyle::Simple }
        });
        vec![types, position]
    }

    pub fn cursor(&mut self) -> ReferenceOr<Parameter> {
        self.refer("Cursor", cursor)
    }

    /// `{operation_id}` in a path.
    pub fn operation_id(&mut self) -> ReferenceOr<Parameter> {
        self.refer("OperationId", || {
            let data = data("operation_id".to_owned(), "The id of the operation.".to_owned(), text());
            Parameter::Path { parameter_data: ParameterData { required: true, ..data }, style: PathStyle::Simple }
        })
    }

    pub fn limit_of_operations(&mut self) -> ReferenceOr<Parameter> {
        self.refer("Operation.limit", || limit("operations", long_running::PAGE_SIZE, long_running::MAX_PAGE_SIZE))
    }

    /// Everything that lists of a resource take.
    pub fn of_list(&mut self, bodies: &Bodies, resource: &Resource) -> Vec<ReferenceOr<Parameter>> {
        let name = &resource.names.pascal;
        let filterable = || resource.fields.iter().filter(|field| field.filterable());
        // A parameter is large, so that moving all of them as the list grows would take longer than making them.
        let mut list = Vec::with_capacity(10 + filterable().map(|field| operators(field).count()).sum::<usize>());
        list.extend([
            self.refer(format_args!("{name}.limit"), || {
                limit(&resource.nouns(), resource.list.page_size, resource.list.max_page_size)
            }),
            self.cursor(),
            self.refer(format_args!("{name}.sort"), || sort(resource)),
        ]);
        if resource.list.offset {
            list.push(self.refer("Page", page));
        }
        if resource.list.total {
            list.push(self.refer("Total", total));
        }
        if !resource.search.is_empty() {
            list.push(self.refer(format_args!("{name}.q"), || search(resource)));
        }
        list.extend(self.of_shown(bodies.model, resource));
        list.push(self.refer("Filter", filter));
        for field in filterable() {
            list.extend(operators(field).map(|operator| self.condition(bodies, field, operator)));
        }
        list
    }

    /// The same for every resource that has a field of this name and type.
    fn condition(&mut self, bodies: &Bodies, field: &Field, operator: Operator) -> ReferenceOr<Parameter> {
        let (name, ty) = (&field.name, type_word(bodies.model, &field.ty));
        let deprecated = if field.deprecated.is_some() { ".deprecated" } else { "" };
        let key = format_args!("{name}.{ty}.{}{deprecated}", operator.snake());
        self.refer(key, || condition(bodies, field, operator))
    }
}

/// A type that can be filtered by, in the name of a component: whatever differs in the schema differs in the word.
fn type_word<'m>(model: &'m Model, ty: &Type) -> Cow<'m, str> {
    Cow::Borrowed(match ty {
        Type::String => "string",
        Type::Bool => "bool",
        Type::Int32 => "int32",
        Type::Int64 => "int64",
        Type::Float64 => "float64",
        Type::Decimal { precision, scale } => return Cow::Owned(format!("decimal_{precision}_{scale}")),
        Type::Uuid => "uuid",
        Type::Timestamp => "timestamp",
        Type::Date => "date",
        Type::Duration => "duration",
        Type::Email => "email",
        Type::Url => "url",
        Type::Bytes => "bytes",
        Type::Id(target) => &model.resource(*target).names.pascal,
        Type::Enum(id) => &model.enumeration(*id).name,
        Type::Json | Type::Password | Type::Object(_) | Type::List(_) | Type::Map(_) => {
            unreachable!("nothing is filtered by {ty:?}")
        }
    })
}

/// A header that must be sent.
fn required(parameter: Parameter) -> Parameter {
    match parameter {
        Parameter::Header { parameter_data, style } => {
            Parameter::Header { parameter_data: ParameterData { required: true, ..parameter_data }, style }
        }
        other => other,
    }
}

fn operators(field: &Field) -> impl Iterator<Item = Operator> {
    let null = (!field.required).then_some(Operator::IsNull);
    field.ty.operators().iter().copied().chain(null)
}

fn limit(nouns: &str, page_size: u32, max: u32) -> Parameter {
    let description = format!("How many {nouns} to return at most. More than {max} means {max}.");
    let schema = Schema {
        schema_data: SchemaData { default: Some(page_size.into()), ..SchemaData::default() },
        schema_kind: SchemaKind::Type(JsonType::Integer(IntegerType {
            format: VariantOrUnknownOrEmpty::Item(IntegerFormat::Int64),
            minimum: Some(0),
            ..IntegerType::default()
        })),
    };
    query(data("limit".to_owned(), description, ReferenceOr::Item(schema)))
}

fn cursor() -> Parameter {
    query(data("cursor".to_owned(), "`next_cursor` or `prev_cursor` of another page of this list.".to_owned(), text()))
}

fn page() -> Parameter {
    let description = "The number of the page to read, the first being 1, instead of a `cursor`. Rows that come and go \
                       in between move from page to page; a `cursor` misses none and shows none twice.";
    let number = SchemaKind::Type(JsonType::Integer(IntegerType {
        format: VariantOrUnknownOrEmpty::Item(IntegerFormat::Int64),
        minimum: Some(1),
        ..IntegerType::default()
    }));
    query(data("page".to_owned(), description.to_owned(), ReferenceOr::Item(schemas::plain(number))))
}

fn sort(resource: &Resource) -> Parameter {
    let sortable = resource.fields.iter().filter(|field| field.sortable());
    let keys = sortable.flat_map(|field| [Some(field.name.clone()), Some(format!("-{}", field.name))]);
    let keys = StringType { enumeration: keys.collect(), ..StringType::default() };
    let default = resource.list.sort.iter().map(|sort| {
        let sign = if sort.descending { "-" } else { "" };
        format!("{sign}{}", resource.fields[sort.field].name)
    });
    let default: Vec<String> = default.collect();
    let default = if default.is_empty() { vec!["id".to_owned()] } else { default };
    let searched = !resource.search.is_empty();
    let mut description = "What to sort by, the most important first. `-` sorts descending.".to_owned();
    if searched {
        let _ = write!(description, " Without it: by how well rows match `q`, then `{}`.", default.join(","));
    }
    let schema = Schema {
        // Whoever sent it would get no other order.
        schema_data: SchemaData { default: (!searched).then(|| default.into()), ..SchemaData::default() },
        schema_kind: array(ReferenceOr::boxed_item(schemas::plain(schemas::string(keys)))),
    };
    query(ParameterData { explode: Some(false), ..data("sort".to_owned(), description, ReferenceOr::Item(schema)) })
}

fn total() -> Parameter {
    query(data("total".to_owned(), "Also count everything that matches, on all pages together.".to_owned(), flag()))
}

fn search(resource: &Resource) -> Parameter {
    query(data("q".to_owned(), resource.question("sort"), text()))
}

fn filter() -> Parameter {
    let description = "A condition (AIP-160) over the fields that have parameters of their own: \
                       `created_at > \"2026-01-01T00:00:00Z\" AND NOT id = \"…\"`. All parameters must hold together.";
    query(data("filter".to_owned(), description.to_owned(), text()))
}

/// `status=…`, `status[in]=…`.
fn condition(bodies: &Bodies, field: &Field, operator: Operator) -> Parameter {
    let value = || schemas::shape(bodies, &field.ty, &Rules::default(), Direction::Out);
    let name = match operator {
        Operator::Eq => field.name.clone(),
        other => format!("{}[{}]", field.name, other.snake()),
    };
    let schema = match operator {
        Operator::In => ReferenceOr::Item(schemas::plain(array(value().boxed()))),
        Operator::IsNull => flag(),
        // Part of a value needn't look like a value.
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => text(),
        _ => value().into_schema(),
    };
    let description = format!("{} {}.", subject(field), operator.meaning());
    query(ParameterData {
        explode: (operator == Operator::In).then_some(false),
        deprecated: field.deprecated.is_some().then_some(true),
        ..data(name, description, schema)
    })
}

fn subject(field: &Field) -> String {
    match field.ty {
        Type::Timestamp => format!("The time in `{}`", field.name),
        _ => format!("The {}", prose::words(&field.name)),
    }
}

fn query(parameter_data: ParameterData) -> Parameter {
    Parameter::Query { parameter_data, allow_reserved: false, style: QueryStyle::Form, allow_empty_value: None }
}

fn header(name: &str, description: &str) -> Parameter {
    let example = Some(serde_json::json!("\"v3\""));
    let parameter_data = ParameterData { example, ..data(name.to_owned(), description.to_owned(), text()) };
    Parameter::Header { parameter_data, style: HeaderStyle::Simple }
}

fn data(name: String, description: String, schema: ReferenceOr<Schema>) -> ParameterData {
    ParameterData {
        name,
        description: Some(description),
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(schema),
        example: None,
        examples: IndexMap::new(),
        explode: None,
        extensions: IndexMap::new(),
    }
}

fn array(items: ReferenceOr<Box<Schema>>) -> SchemaKind {
    let array = ArrayType { items: Some(items), min_items: Some(1), max_items: None, unique_items: false };
    SchemaKind::Type(JsonType::Array(array))
}

fn text() -> ReferenceOr<Schema> {
    ReferenceOr::Item(schemas::plain(schemas::string(StringType::default())))
}

fn flag() -> ReferenceOr<Schema> {
    ReferenceOr::Item(schemas::plain(SchemaKind::Type(JsonType::Boolean(BooleanType::default()))))
}
