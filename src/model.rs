//! What a spec means: names resolved to ids, defaults filled in, every name cased for each target, protobuf numbers
//! taken from the lock. Nothing is left that an emitter could find wrong, so emitters return values, not `Result`s.
//!
//! Knows nothing about YAML or positions, and nothing about how any target is written.

mod about;
mod access;
pub mod action;
mod check;
mod deprecation;
pub mod domain_error;
pub mod finding;
mod limits;
pub mod login;
pub mod long_running;
pub mod prose;
pub mod proto;
mod protocols;
pub mod reach;
pub mod renames;
mod resolve;
pub mod webhooks;

pub use access::{
    Alternative, Alternatives, Auth, FieldPolicy, Login, Path, Policy, Requirement, Role, Tenant, TenantClaim, who,
};
pub use action::{Action, Change, Returns, Target, Transition};
pub use check::{Check, Comparison, Operand, Presence};
pub use deprecation::{Deprecation, Successor};
pub use domain_error::{Canonical, DomainError, ErrorId, Param};
pub use limits::{Limits, Rate};
pub use protocols::Protocols;
pub use resolve::resolve;

/// A whole service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// The spec's path as the user gave it, for the headers of generated files.
    pub spec: String,
    pub api: Api,
    /// In spec order, as everywhere.
    pub enums: Vec<Enum>,
    /// Value types.
    pub objects: Vec<Object>,
    pub errors: Vec<DomainError>,
    /// `None`: everybody may do everything.
    pub auth: Option<Auth>,
    pub limits: Limits,
    pub protocols: Protocols,
    pub resources: Vec<Resource>,
    /// Events are sent to endpoints: the last of the resources and the last of the enums are about these, and no table of
    /// the spec's is.
    pub webhooks: bool,
    /// What the contracts offer and the runtime doesn't serve yet.
    pub unserved: Vec<Unserved>,
    /// Names that the lock and the tables may still have.
    pub renames: renames::Renames,
    /// Messages and enums of the `.proto` file, numbered.
    pub proto: proto::File,
}

/// An operation that answers NOT_IMPLEMENTED in every protocol that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Unserved {
    /// Its operationId: `cancelOrder`.
    pub name: String,
    /// Method and path as OpenAPI has them: `POST` and `/v1/orders/{order_id}/cancel`.
    pub rest: Option<(&'static str, String)>,
    /// The coordinate of a field of an object type: `Mutation.cancelOrder`, `Product.tags`.
    pub graphql: Option<String>,
    /// `OrderService/CancelOrder`.
    pub grpc: Option<String>,
}

/// Position in [`Model::enums`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnumId(pub usize);

/// Position in [`Model::objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectId(pub usize);

/// Position in [`Model::resources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub usize);

#[derive(Debug, Clone, PartialEq, Default)]
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
    pub deprecated: Option<Deprecation>,
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
    pub deprecated: Option<Deprecation>,
    /// Of single operations, by their words: `list`.
    pub deprecated_operations: Vec<(String, Deprecation)>,
    pub id: Id,
    /// Every property in the order of all contracts and of the table: `id`, the spec's fields, the ids of belongs_to
    /// relations, `created_at`, `updated_at`. The row's `version` (`etag`) isn't among them.
    pub fields: Vec<Field>,
    /// In spec order.
    pub relations: Vec<Relation>,
    pub operations: Operations,
    pub list: List,
    pub actions: Vec<Action>,
    /// snake_case names of what others may hear of.
    pub events: Vec<String>,
    /// What its writes may end with, beside the catalogue.
    pub errors: Vec<ErrorId>,
    /// Positions of fields whose values no two rows share.
    pub unique: Vec<Vec<usize>>,
    pub indexes: Vec<Vec<Sort>>,
    /// Rules over several fields of a row.
    pub checks: Vec<Check>,
    /// Positions of the fields whose words lists can be searched for.
    pub search: Vec<usize>,
    /// Deleted rows stay, hidden, and can come back.
    pub soft_delete: bool,
    /// How many rows one request may create, update and delete.
    pub batch: Option<u32>,
    /// What every write must carry.
    pub require: Require,
    pub policy: Policy,
    /// In place of the limits that hold for everything.
    pub limit: Option<Rate>,
}

/// What every write must carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Require {
    pub if_match: bool,
    pub idempotency_key: bool,
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

impl Id {
    /// Whether callers don't choose it.
    pub fn by_server(&self) -> bool {
        !matches!(self, Id::Text { .. })
    }
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
    pub deprecated: Option<Deprecation>,
    pub rules: Rules,
    /// Not stored, but found out from other rows whenever it is read.
    pub aggregate: Option<Aggregate>,
    /// Not stored, but asked of a hook whenever it is read.
    pub computed: bool,
    pub access: FieldPolicy,
    /// The id of a belongs_to that is the caller's own unless it is given.
    pub from_principal: bool,
}

/// A number that other rows tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    pub function: Function,
    /// Position in [`Resource::relations`]: whose rows.
    pub relation: usize,
    /// Fields of those rows, and the value that each must have.
    pub conditions: Vec<(usize, Literal)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Count,
    /// Position of the field that is added up.
    Sum(usize),
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

impl Rules {
    /// Takes over those of `other` that it doesn't have itself.
    pub fn complete(&mut self, other: &Rules) {
        let own = std::mem::take(self);
        let other = other.clone();
        *self = Rules {
            min_length: own.min_length.or(other.min_length),
            max_length: own.max_length.or(other.max_length),
            pattern: own.pattern.or(other.pattern),
            minimum: own.minimum.or(other.minimum),
            maximum: own.maximum.or(other.maximum),
            exclusive_minimum: own.exclusive_minimum.or(other.exclusive_minimum),
            exclusive_maximum: own.exclusive_maximum.or(other.exclusive_maximum),
            multiple_of: own.multiple_of.or(other.multiple_of),
            min_items: own.min_items.or(other.min_items),
            max_items: own.max_items.or(other.max_items),
            unique_items: own.unique_items || other.unique_items,
        };
    }
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
    pub deprecated: Option<Deprecation>,
    pub target: ResourceId,
    /// Of a has_many or has_one: its rows can be created along with this one.
    pub nested: bool,
    /// Of a has_many, has_one or many_to_many: who may follow it, and who may put rows together along it.
    pub access: FieldPolicy,
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
    /// `inverse`: position of the many_to_many in the target's relations that leads back.
    ManyToMany {
        inverse: usize,
        join: Join,
    },
}

/// The table that holds which rows of two resources belong together, as one of them sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    pub table: String,
    /// The column with the id of this side.
    pub near: String,
    /// The column with the id of the other side.
    pub far: String,
    /// The resource whose table it is; otherwise it is made for the relation.
    pub through: Option<ResourceId>,
    /// Of the two sides, the one that is declared first.
    pub first: bool,
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
    pub replace: bool,
    pub delete: bool,
}

impl Operations {
    /// What a resource has that doesn't say otherwise.
    pub const DEFAULT: Operations =
        Operations { list: true, get: true, create: true, update: true, replace: false, delete: true };
}

#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// Without the final `id`.
    pub sort: Vec<Sort>,
    pub page_size: u32,
    pub max_page_size: u32,
    /// Exact counts are offered.
    pub total: bool,
    /// Pages can be reached by their number, too.
    pub offset: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Position in the resource's fields.
    pub field: usize,
    pub descending: bool,
}

impl Model {
    /// The fields that a row has when it is created along with the one that `relation` leads from.
    pub fn nested_fields<'m>(&'m self, relation: &Relation) -> impl Iterator<Item = &'m Field> {
        let inverse = self.inverse_field(relation).map(|field| field.name.as_str());
        let fields = self.resource(relation.target).fields.iter();
        fields.filter(move |field| field.creatable() && Some(field.name.as_str()) != inverse)
    }

    /// Whether rows can be linked and unlinked along `relation` of `owner`.
    pub fn linkable(&self, owner: &Resource, relation: &Relation) -> bool {
        let own = matches!(&relation.kind, RelationKind::ManyToMany { join, .. } if join.through.is_none());
        own && owner.operations.update
    }

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

impl Relation {
    /// Whether it is read as a list.
    pub fn leads_to_many(&self) -> bool {
        matches!(self.kind, RelationKind::HasMany { .. } | RelationKind::ManyToMany { .. })
    }
}

impl Resource {
    /// The relations whose rows can be created along with one of this.
    pub fn nested(&self) -> impl Iterator<Item = &Relation> {
        self.relations.iter().filter(|relation| relation.nested && self.operations.create)
    }

    /// Whether a replacement creates the row that isn't there: the client must be the one who chooses ids.
    pub fn created_by_replace(&self) -> bool {
        self.operations.replace && self.operations.create && matches!(self.id, Id::Text { .. })
    }
}

impl Field {
    /// Whether outputs carry it.
    pub fn readable(&self) -> bool {
        !self.write_only && !self.internal && self.ty != Type::Password
    }

    /// Whether rows have it in the database.
    pub fn is_stored(&self) -> bool {
        self.aggregate.is_none() && !self.computed
    }

    /// Whether a hook must give its value to a new row, since nothing else does.
    pub fn by_hook(&self) -> bool {
        let declared = matches!(self.origin, Origin::Declared | Origin::Relation(_));
        let set = self.default.is_some()
            || self.from_principal
            || !self.is_stored()
            || matches!(self.ty, Type::List(_) | Type::Map(_));
        declared && self.required && self.set_by == SetBy::Server && !set
    }

    /// Whether a create may carry it.
    pub fn creatable(&self) -> bool {
        !self.internal && self.set_by != SetBy::Server
    }

    /// Whether an update may carry it.
    pub fn updatable(&self) -> bool {
        !self.internal && self.set_by == SetBy::Caller
    }

    /// Whether a replacement may carry it: what is set on create only must be what it was.
    pub fn replaceable(&self) -> bool {
        self.creatable() && self.origin != Origin::Id
    }

    /// Whether a replacement must carry it.
    pub fn required_on_replace(&self) -> bool {
        self.set_by == SetBy::Caller && self.required_on_create()
    }

    /// Whether a create must carry it.
    pub fn required_on_create(&self) -> bool {
        let filled = self.default.is_some() || self.from_principal;
        // Absent lists and maps are empty.
        let may_be_empty = match self.ty {
            Type::List(_) => self.rules.min_items.unwrap_or(0) == 0,
            Type::Map(_) => true,
            _ => false,
        };
        self.required && !filled && !may_be_empty
    }
}
