//! What a spec means: names resolved to ids, defaults filled in, every name cased for each target, protobuf numbers
//! taken from the lock. Nothing is left that an emitter could find wrong, so emitters return values, not `Result`s.
//!
//! Knows nothing about YAML or positions, and nothing about how any target is written.

pub mod finding;
pub mod prose;
pub mod proto;
pub mod reach;
mod resolve;

pub use resolve::resolve;

/// A whole service.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The spec's path as the user gave it, for the headers of generated files.
    pub spec: String,
    pub api: Api,
    /// In spec order, as everywhere.
    pub enums: Vec<Enum>,
    /// Value types.
    pub objects: Vec<Object>,
    pub resources: Vec<Resource>,
    /// Messages and enums of the `.proto` file, numbered.
    pub proto: proto::File,
}

/// Position in [`Model::enums`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnumId(pub usize);

/// Position in [`Model::objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectId(pub usize);

/// Position in [`Model::resources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResourceId(pub usize);

#[derive(Debug, Clone, PartialEq)]
pub struct Api {
    /// snake_case: `shop`.
    pub name: String,
    /// `v1`.
    pub version: String,
    pub title: String,
    pub description: Option<String>,
    pub contact: Option<Contact>,
    pub license: Option<License>,
    pub servers: Vec<Server>,
    pub docs_url: Option<String>,
    /// `shop.v1`.
    pub package: String,
    /// Name of the user's binary crate: `shop`.
    pub app_crate: String,
    /// Name of the generated crate as cargo spells it: `shop-server`.
    pub server_crate: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contact {
    pub name: Option<String>,
    pub url: Option<String>,
    pub email: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct License {
    pub name: String,
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    pub url: String,
    pub description: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    /// `OrderStatus`.
    pub name: String,
    /// Name of its `static` in Rust: `ORDER_STATUS`.
    pub constant: String,
    pub description: Option<String>,
    pub values: Vec<EnumValue>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct EnumValue {
    /// snake_case: JSON, SQL.
    pub name: String,
    /// `PENDING`.
    pub graphql: String,
    /// `ORDER_STATUS_PENDING`.
    pub proto: String,
    /// `Pending`.
    pub rust: String,
    pub description: Option<String>,
    pub deprecated: bool,
}

/// A value type, stored inside its owner.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// `Address`.
    pub name: String,
    /// Name of its `static` in Rust: `ADDRESS`.
    pub constant: String,
    pub description: Option<String>,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    pub names: ResourceNames,
    pub description: Option<String>,
    pub id: Id,
    /// Every property in the order of all contracts and of the table: `id`, the spec's fields, the ids of belongs_to
    /// relations, `created_at`, `updated_at`. The row's `version` (`etag`) isn't among them.
    pub fields: Vec<Field>,
    /// In spec order.
    pub relations: Vec<Relation>,
    pub operations: Operations,
    pub list: List,
}

/// All names of a resource, made once in `names.rs`.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceNames {
    /// `OrderItem`.
    pub pascal: String,
    /// `OrderItems`.
    pub pascal_plural: String,
    /// `order_item`.
    pub snake: String,
    /// `order_items`: also the SQL table.
    pub snake_plural: String,
    /// `orderItem`.
    pub camel: String,
    /// `orderItems`.
    pub camel_plural: String,
    /// `order-items`: REST path segment.
    pub path: String,
    /// Rust module: `order_item`, escaped where it is a keyword.
    pub module: String,
    /// Name of its `static` in Rust: `ORDER_ITEM`.
    pub constant: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Id {
    Prefixed(String),
    Uuid,
    Int64,
    Text { pattern: Option<String> },
}

/// One property of a resource or value type.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// snake_case: JSON, SQL, proto.
    pub name: String,
    /// lowerCamelCase: GraphQL, proto JSON.
    pub camel: String,
    pub origin: Origin,
    pub description: Option<String>,
    /// Its own `example`, checked against its type and rules.
    pub example: Option<Literal>,
    pub ty: Type,
    /// Never null in an output.
    pub required: bool,
    pub default: Option<Default>,
    pub set_by: SetBy,
    pub write_only: bool,
    pub internal: bool,
    pub unique: bool,
    pub index: bool,
    pub filter: bool,
    pub sort: bool,
    pub sensitive: bool,
    pub deprecated: bool,
    pub rules: Rules,
}

/// Where a property of a resource comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The resource's `id`.
    Id,
    /// A field of the spec.
    Declared,
    /// The id of a belongs_to: position in [`Resource::relations`].
    Relation(usize),
    /// `created_at` or `updated_at`.
    Timestamp,
}

/// Who may set a field, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetBy {
    Caller,
    CallerOnCreate,
    Server,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Default {
    Literal(Literal),
    Now,
    Today,
}

/// A literal as the author wrote it, known to fit its field's type. Scalars keep their source text (`0.10`). The whole
/// value of a `json` field is one scalar, holding it as JSON text.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    Scalar(String),
    List(Vec<Literal>),
    Map(Vec<(String, Literal)>),
}

/// JSON Schema's constraints; numbers keep the author's text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    pub min_length: Option<u32>,
    pub max_length: Option<u32>,
    pub pattern: Option<String>,
    pub minimum: Option<String>,
    pub maximum: Option<String>,
    pub exclusive_minimum: Option<String>,
    pub exclusive_maximum: Option<String>,
    pub multiple_of: Option<String>,
    pub min_items: Option<u32>,
    pub max_items: Option<u32>,
    pub unique_items: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    String,
    Bool,
    Int32,
    Int64,
    Float64,
    Decimal {
        precision: u8,
        scale: u8,
    },
    Uuid,
    Timestamp,
    Date,
    Duration,
    Email,
    Url,
    Bytes,
    Json,
    Password,
    /// The id of that resource.
    Id(ResourceId),
    Enum(EnumId),
    Object(ObjectId),
    List(Box<Type>),
    Map(Box<Type>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// snake_case.
    pub name: String,
    /// lowerCamelCase.
    pub camel: String,
    pub description: Option<String>,
    pub deprecated: bool,
    pub target: ResourceId,
    pub kind: RelationKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RelationKind {
    /// `field`: position of the id in this resource's fields.
    BelongsTo {
        field: usize,
        on_delete: OnDelete,
    },
    /// `inverse`: position of the belongs_to in the target's relations.
    HasMany {
        inverse: usize,
    },
    HasOne {
        inverse: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    Restrict,
    Cascade,
    SetNull,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Operations {
    pub list: bool,
    pub get: bool,
    pub create: bool,
    pub update: bool,
    pub delete: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// Without the final `id`.
    pub sort: Vec<Sort>,
    pub page_size: u32,
    pub max_page_size: u32,
    /// Exact counts are offered.
    pub total: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Position in the resource's fields.
    pub field: usize,
    pub descending: bool,
}

impl Model {
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0]
    }

    pub fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.0]
    }

    pub fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.0]
    }

    /// The field of `relation.target` that holds the id of a has_many's or has_one's owner.
    pub fn inverse_field(&self, relation: &Relation) -> Option<&Field> {
        let (RelationKind::HasMany { inverse } | RelationKind::HasOne { inverse }) = relation.kind else { return None };
        let target = self.resource(relation.target);
        match target.relations[inverse].kind {
            RelationKind::BelongsTo { field, .. } => Some(&target.fields[field]),
            _ => unreachable!("an inverse is a belongs_to"),
        }
    }
}

impl Field {
    /// Whether outputs carry it.
    pub fn readable(&self) -> bool {
        !self.write_only && !self.internal && self.ty != Type::Password
    }

    /// Whether a create may carry it.
    pub fn creatable(&self) -> bool {
        !self.internal && self.set_by != SetBy::Server
    }

    /// Whether an update may carry it.
    pub fn updatable(&self) -> bool {
        !self.internal && self.set_by == SetBy::Caller
    }

    /// Whether a create must carry it.
    pub fn required_on_create(&self) -> bool {
        self.required && self.default.is_none() && !matches!(self.ty, Type::List(_) | Type::Map(_))
    }
}
