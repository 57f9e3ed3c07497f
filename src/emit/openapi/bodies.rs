//! Schemas of what travels in bodies: each resource as it is read, created, updated and listed; value types; problems.

use indexmap::IndexMap;
use openapiv3::{
    AdditionalProperties, ArrayType, BooleanType, IntegerFormat, IntegerType, ObjectType, ReferenceOr, Schema,
    SchemaData, SchemaKind, StringType, Type as JsonType, VariantOrUnknownOrEmpty,
};

use super::{
    super::{examples, literal},
    nested, operations, responses, schemas,
};
use crate::model::{
    Default, Field, Literal, Model, Object, ObjectId, Relation, Resource, SetBy, Type,
    prose::{self, Spelling},
    reach::{Direction, Reach},
};

mod actions;
mod batch;
mod events;
mod login;
mod long_running;
mod options;

pub use actions::input_name;

/// The model, and which of its value types look different in inputs.
pub struct Bodies<'m> {
    pub model: &'m Model,
    /// By position of the value type.
    split: Vec<bool>,
}

/// What a body is for.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    Read,
    Create,
    Replace,
    Update,
}

impl Purpose {
    fn fills_defaults(self) -> bool {
        matches!(self, Purpose::Create | Purpose::Replace)
    }
}

/// Schemas by name.
pub type Schemas = IndexMap<String, Schema>;

/// Gives `take` the schemas of each resource, then those that resources share.
pub fn each(model: &Model, mut take: impl FnMut(Schemas)) {
    let bodies = Bodies::new(model);
    let shown = operations::shown(model);
    for (index, listed) in model.listed().into_iter().enumerate() {
        let resource = &model.resources[index];
        let mut schemas = IndexMap::new();
        if shown[index] {
            schemas.insert(resource.names.pascal.clone(), bodies.read(resource));
        }
        bodies.requests(resource, &mut schemas);
        if listed {
            schemas.insert(format!("{}List", resource.names.pascal), list(resource));
        }
        take(schemas);
    }
    let reach = Reach::of(model);
    let mut shared = IndexMap::new();
    bodies.objects(&reach, &mut shared);
    shared.extend(reach.enums(model).map(|each| (each.name.clone(), schemas::enumeration(each))));
    shared.extend(responses::schemas());
    shared.extend(options::schemas_of(model.protocols));
    shared.extend(model.login().map(|login| bodies.login(login)).unwrap_or_default());
    shared.extend(bodies.long_running());
    take(shared);
}

impl<'m> Bodies<'m> {
    pub fn new(model: &'m Model) -> Bodies<'m> {
        let split = split(model);
        Bodies { model, split }
    }

    /// The component of a value type in one direction.
    pub fn object_name(&self, id: ObjectId, direction: Direction) -> String {
        let name = &self.model.object(id).name;
        match direction {
            Direction::Patch => format!("{name}Update"),
            Direction::In if self.split[id.0] => format!("{name}Input"),
            Direction::In | Direction::Out => name.clone(),
        }
    }

    fn requests(&self, resource: &Resource, schemas: &mut IndexMap<String, Schema>) {
        let name = &resource.names.pascal;
        if resource.operations.create {
            schemas.insert(format!("{name}Create"), self.create(resource));
            for relation in resource.nested() {
                schemas.insert(nested::name(resource, relation), self.nested(relation));
            }
        }
        if resource.operations.replace {
            schemas.insert(format!("{name}Replace"), self.replace(resource));
        }
        if resource.operations.update {
            schemas.insert(format!("{name}Update"), self.update(resource));
        }
        schemas.extend(self.batch(resource));
        self.actions(resource, schemas);
        self.events(resource, schemas);
    }

    fn read(&self, resource: &Resource) -> Schema {
        let fields: Vec<&Field> = resource.fields.iter().filter(|field| field.readable()).collect();
        // What only some callers may read is left out of what the others get.
        let shown = fields.iter().filter(|field| field.access.read.is_none());
        let required = shown.map(|field| field.name.clone()).collect();
        let mut object = self.object(Some(resource), &fields, required, Purpose::Read);
        let to_one = resource.relations.iter().filter(|relation| !relation.leads_to_many());
        object.properties.extend(to_one.map(|relation| (relation.name.clone(), self.embedded(relation))));
        if self.model.protocols.links {
            object.properties.insert("_links".to_owned(), schemas::reference("ApiLinks"));
        }
        let mut schema = described(Some(resource.about(Spelling::Json)), object);
        schema.schema_data.deprecated = resource.deprecated.is_some();
        schema
    }

    /// The row that a relation leads to.
    fn embedded(&self, relation: &Relation) -> ReferenceOr<Box<Schema>> {
        let target = self.model.resource(relation.target);
        let about = relation.description.clone().unwrap_or_else(|| prose::sentence(&relation.name));
        let when = "Only where `expand` asks for it; null if there is none that the caller may see.".to_owned();
        schemas::Shape::Named(target.names.pascal.clone(), "object").with(SchemaData {
            nullable: true,
            read_only: true,
            deprecated: relation.deprecated.is_some(),
            description: Some(prose::join(&about, &[when])),
            ..SchemaData::default()
        })
    }

    fn create(&self, resource: &Resource) -> Schema {
        let fields: Vec<&Field> = resource.fields.iter().filter(|field| field.creatable()).collect();
        let mut object = self.object(Some(resource), &fields, required_on_create(&fields), Purpose::Create);
        object.properties.extend(nested::properties(self.model, resource));
        let about = prose::join(&format!("A new {}.", resource.noun()), &resource.rules(Spelling::Json));
        described(Some(about), closed(object))
    }

    /// A row that is created along with another one.
    fn nested(&self, relation: &Relation) -> Schema {
        let target = self.model.resource(relation.target);
        let fields: Vec<&Field> = self.model.nested_fields(relation).collect();
        let object = self.object(Some(target), &fields, required_on_create(&fields), Purpose::Create);
        described(Some(format!("A new {}, along with what it belongs to.", target.noun())), closed(object))
    }

    fn replace(&self, resource: &Resource) -> Schema {
        let fields: Vec<&Field> = resource.fields.iter().filter(|field| field.replaceable()).collect();
        let required = fields.iter().filter(|field| field.required_on_replace()).map(|field| field.name.clone());
        let object = self.object(Some(resource), &fields, required.collect(), Purpose::Replace);
        described(Some(format!("All of {}.", prose::a(&resource.noun()))), closed(object))
    }

    fn update(&self, resource: &Resource) -> Schema {
        let fields: Vec<&Field> = resource.fields.iter().filter(|field| field.updatable()).collect();
        let object = self.object(Some(resource), &fields, Vec::new(), Purpose::Update);
        let description = format!("Changes of {}. What is left out stays as it is.", prose::a(&resource.noun()));
        described(Some(description), closed(object))
    }

    /// Value types in the directions that they go, those that look the same in both once.
    fn objects(&self, reach: &Reach, schemas: &mut IndexMap<String, Schema>) {
        for direction in [Direction::Out, Direction::In, Direction::Patch] {
            for id in reach.objects(direction) {
                let entry = schemas.entry(self.object_name(id, direction));
                entry.or_insert_with(|| self.value_type(id, direction));
            }
        }
    }

    fn value_type(&self, id: ObjectId, direction: Direction) -> Schema {
        let object = self.model.object(id);
        let fields: Vec<&Field> = object.fields.iter().filter(|field| field.goes(direction)).collect();
        let schema = match direction {
            Direction::Out => self.object(None, &fields, names(&fields), Purpose::Read),
            Direction::In => self.object(None, &fields, required_on_create(&fields), Purpose::Create),
            Direction::Patch => self.object(None, &fields, Vec::new(), Purpose::Update),
        };
        let open = direction == Direction::Out || direction == Direction::In && !self.split[id.0];
        described(object.description.clone(), if open { schema } else { closed(schema) })
    }

    fn object(
        &self,
        owner: Option<&Resource>,
        fields: &[&Field],
        required: Vec<String>,
        purpose: Purpose,
    ) -> ObjectType {
        let property = |field: &&Field| (field.name.clone(), self.property(owner, field, purpose));
        ObjectType { properties: fields.iter().map(property).collect(), required, ..ObjectType::default() }
    }

    fn property(&self, owner: Option<&Resource>, field: &Field, purpose: Purpose) -> ReferenceOr<Box<Schema>> {
        let direction = match purpose {
            Purpose::Read => Direction::Out,
            Purpose::Create | Purpose::Replace => Direction::In,
            Purpose::Update => Direction::Patch,
        };
        schemas::shape(self, &field.ty, &field.rules, direction).with(SchemaData {
            // `{}` admits null anyway, and lists and maps are empty instead.
            nullable: !field.required && !matches!(field.ty, Type::Json | Type::List(_) | Type::Map(_)),
            read_only: purpose == Purpose::Read && field.set_by == SetBy::Server,
            write_only: !field.readable(),
            deprecated: field.deprecated.is_some(),
            example: examples::value(self.model, field),
            description: schemas::description(owner, field, notes(self.model, owner, field, purpose)),
            default: if purpose.fills_defaults() { default(self.model, field) } else { None },
            ..SchemaData::default()
        })
    }
}

/// By position of the value type: whether its inputs and outputs differ, because not every member is both always there and
/// always asked for, or because one within it differs.
fn split(model: &Model) -> Vec<bool> {
    let same = |field: &Field| field.required_on_create() && field.readable() && field.creatable();
    let own = |object: &Object| object.fields.iter().any(|field| !field.internal && !same(field));
    let mut split: Vec<bool> = model.objects.iter().map(own).collect();
    let inner = |split: &[bool], field: &Field| matches!(field.ty, Type::Object(id) if split[id.0]);
    loop {
        let unsplit =
            |index: &usize| !split[*index] && model.objects[*index].fields.iter().any(|each| inner(&split, each));
        match (0..split.len()).find(unsplit) {
            Some(index) => split[index] = true,
            None => return split,
        }
    }
}

/// What a schema's `default` can't say.
fn notes(model: &Model, owner: Option<&Resource>, field: &Field, purpose: Purpose) -> Vec<String> {
    let restriction = owner.and_then(|owner| match purpose {
        Purpose::Read => field.readers(model, owner),
        Purpose::Create | Purpose::Replace | Purpose::Update => field.writers(model, owner),
    });
    let fixed = (purpose == Purpose::Replace && field.set_by == SetBy::CallerOnCreate)
        .then(|| "Can't be changed: leave it out, or send what it is.".to_owned());
    let default = match &field.default {
        Some(Default::Now | Default::Today) if purpose.fills_defaults() => {
            field.default_sentence(model, Spelling::Json)
        }
        _ => None,
    };
    restriction.into_iter().chain(fixed).chain(default).collect()
}

fn default(model: &Model, field: &Field) -> Option<serde_json::Value> {
    match field.default.as_ref()? {
        Default::Literal(Literal::Null) | Default::Now | Default::Today => None,
        Default::Literal(literal) => Some(literal::json(model, &field.ty, literal)),
    }
}

fn names(fields: &[&Field]) -> Vec<String> {
    fields.iter().map(|field| field.name.clone()).collect()
}

fn required_on_create(fields: &[&Field]) -> Vec<String> {
    fields.iter().filter(|field| field.required_on_create()).map(|field| field.name.clone()).collect()
}

/// A member that isn't declared is refused.
fn closed(object: ObjectType) -> ObjectType {
    ObjectType { additional_properties: Some(AdditionalProperties::Any(false)), ..object }
}

pub fn described(description: Option<String>, object: ObjectType) -> Schema {
    Schema {
        schema_data: SchemaData { description, ..SchemaData::default() },
        schema_kind: SchemaKind::Type(JsonType::Object(object)),
    }
}

/// One page: `{ data, next_cursor, prev_cursor, has_more, total? }`.
fn list(resource: &Resource) -> Schema {
    let mut page = page_of(&resource.names.pascal, &resource.nouns());
    if resource.list.total {
        let description = format!("How many {} match, on all pages together. Only if asked for.", resource.nouns());
        let schema_data = SchemaData { description: Some(description), ..no_data() };
        let total = ReferenceOr::boxed_item(Schema { schema_data, schema_kind: count() });
        page.properties.insert("total".to_owned(), total);
    }
    described(Some(format!("One page of {}.", resource.nouns())), page)
}

/// Items of one schema, and the way to the other pages.
fn page_of(item: &str, items: &str) -> ObjectType {
    let data = SchemaKind::Type(JsonType::Array(ArrayType {
        items: Some(schemas::reference(item)),
        min_items: None,
        max_items: None,
        unique_items: false,
    }));
    let properties = [
        ("data", data, SchemaData { description: Some(format!("The {items} of the page.")), ..no_data() }),
        ("next_cursor", cursor(), nullable("The `cursor` of the page behind this one; null if there is none.")),
        ("prev_cursor", cursor(), nullable("The `cursor` of the page before this one; null if there is none.")),
        (
            "has_more",
            SchemaKind::Type(JsonType::Boolean(BooleanType::default())),
            SchemaData { description: Some("Whether the list goes on behind this page.".to_owned()), ..no_data() },
        ),
    ];
    let required = properties.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let property = |(name, schema_kind, schema_data): (&str, SchemaKind, SchemaData)| {
        (name.to_owned(), ReferenceOr::boxed_item(Schema { schema_data, schema_kind }))
    };
    let properties = properties.into_iter().map(property).collect();
    ObjectType { properties, required, ..ObjectType::default() }
}

fn no_data() -> SchemaData {
    SchemaData::default()
}

fn nullable(description: &str) -> SchemaData {
    SchemaData { nullable: true, description: Some(description.to_owned()), ..no_data() }
}

fn cursor() -> SchemaKind {
    schemas::string(StringType::default())
}

fn count() -> SchemaKind {
    SchemaKind::Type(JsonType::Integer(IntegerType {
        format: VariantOrUnknownOrEmpty::Item(IntegerFormat::Int64),
        minimum: Some(0),
        ..IntegerType::default()
    }))
}
