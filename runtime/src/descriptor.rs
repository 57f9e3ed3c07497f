//! What a generated crate tells the runtime about its spec: plain `static` data, one [`Resource`] per resource.
//!
//! Knows nothing about HTTP, GraphQL, protobuf or SQL beyond the names that each of them uses. The builder methods are
//! `const`, so that the emitted code reads as one line per field and costs nothing at run time:
//!
//! ```
//! use apigen_runtime::descriptor::{Field, Type};
//!
//! const STOCK: Field = Field::new("stock", "stock", Type::Int32).minimum("0").filter();
//! assert!(STOCK.required);
//! ```

pub use crate::error::DomainError;

/// A whole service.
#[derive(Debug)]
pub struct Api {
    /// snake_case name of the spec, e.g. `shop`.
    pub name: &'static str,
    /// `v1`: the first segment of every REST path.
    pub version: &'static str,
    pub title: &'static str,
    /// protobuf package, e.g. `shop.v1`.
    pub package: &'static str,
    pub resources: &'static [&'static Resource],
    pub protocols: Protocols,
    /// Who callers are. Without it nobody is asked.
    pub auth: Option<&'static Auth>,
    /// How often callers may call.
    pub limits: Limits,
    /// What the contracts offer and the runtime doesn't serve yet.
    pub unserved: &'static [Unserved],
    /// Where people read more than the contracts say.
    pub docs_url: Option<&'static str>,
    /// `contracts/openapi.yaml`, as served.
    pub openapi: &'static str,
    /// `contracts/schema.graphql`: the schema that is served, parsed at start.
    pub graphql: &'static str,
    /// A serialized `google.protobuf.FileDescriptorSet` with all imports: reflection, and the source of field numbers.
    pub descriptor_set: &'static [u8],
    /// In order of their numbers.
    pub migrations: &'static [Migration],
}

/// What single protocols do differently from the defaults.
#[derive(Debug, Clone, Copy)]
pub struct Protocols {
    /// REST: each item tells where to go from it.
    pub links: bool,
    /// REST: updates may be JSON Patches (RFC 6902), too.
    pub json_patch: bool,
    /// GraphQL: fields within fields at most.
    pub max_depth: u32,
    /// GraphQL: the most that a query may cost.
    pub max_complexity: u32,
    /// GraphQL: the status codes of the newest draft of GraphQL over HTTP.
    pub http_draft: bool,
    /// gRPC: serves reflection.
    pub reflection: bool,
}

impl Protocols {
    pub const DEFAULT: Protocols = Protocols {
        links: false,
        json_patch: false,
        max_depth: 12,
        max_complexity: 10_000,
        http_draft: false,
        reflection: true,
    };
}

/// An operation that the contracts offer and that answers NOT_IMPLEMENTED on every protocol that has it.
#[derive(Debug)]
pub struct Unserved {
    /// `cancelOrder`: its operationId.
    pub name: &'static str,
    /// Method and path, as in OpenAPI: `("POST", "/v1/orders/{order_id}/cancel")`.
    pub rest: Option<(&'static str, &'static str)>,
    /// A field of any object type by its schema coordinate: `Mutation.cancelOrder`, `Product.tags`.
    pub graphql: Option<&'static str>,
    /// A method of the package, of any kind of streaming: `OrderService/CancelOrder`.
    pub grpc: Option<&'static str>,
}

impl Api {
    /// What a descriptor leaves out.
    pub const BLANK: Api = Api {
        name: "",
        version: "",
        title: "",
        package: "",
        resources: &[],
        protocols: Protocols::DEFAULT,
        auth: None,
        limits: Limits { anonymous: None, authenticated: None },
        unserved: &[],
        docs_url: None,
        openapi: "",
        graphql: "",
        descriptor_set: &[],
        migrations: &[],
    };
}

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub requests: u32,
    pub seconds: u32,
}

/// How often each caller may call, whatever for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From one address, without credentials.
    pub anonymous: Option<Rate>,
    pub authenticated: Option<Rate>,
}

/// Who callers are.
#[derive(Debug)]
pub struct Auth {
    /// The resource whose ids they have.
    pub principal: Option<&'static Resource>,
    pub tenant: Option<TenantClaim>,
    pub login: Option<Login>,
    /// Each role with the scopes that it brings.
    pub roles: &'static [(&'static str, &'static [&'static str])],
}

impl Api {
    /// How callers without a token get one, if they can.
    pub fn login(&self) -> Option<&'static Login> {
        self.auth?.login.as_ref()
    }
}

/// How a token says which tenant its caller acts for.
#[derive(Debug)]
pub struct TenantClaim {
    pub resource: &'static Resource,
    /// The claim that holds the tenant's id.
    pub claim: &'static str,
}

/// How callers without a token get one.
#[derive(Debug)]
pub struct Login {
    pub resource: &'static Resource,
    /// Two fields of it: what says which row it is, and the password that proves it.
    pub credentials: &'static [Field; 2],
    /// The field that says which roles the row has: an enum or a list of one.
    pub roles: Option<&'static str>,
}

/// One numbered schema change, in the dialect of each database.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// `0001_initial`.
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

/// One resource: a table, a REST collection, a GraphQL type, a gRPC service.
#[derive(Debug)]
pub struct Resource {
    /// `OrderItem`: GraphQL type, proto message.
    pub name: &'static str,
    /// `OrderItems`.
    pub plural: &'static str,
    /// `order_item`: proto field, REST path parameter `{order_item_id}`.
    pub snake: &'static str,
    /// `order_items`: proto field of a list response.
    pub snake_plural: &'static str,
    /// `orderItem`: GraphQL query and payload field.
    pub camel: &'static str,
    /// `orderItems`: GraphQL list query.
    pub camel_plural: &'static str,
    /// `order-items`: REST path segment.
    pub path: &'static str,
    /// `order_items`: SQL table.
    pub table: &'static str,
    /// Every property in the order of all contracts: `id`, the spec's fields and relation ids, `created_at`,
    /// `updated_at`. The row's `version` isn't among them.
    pub fields: &'static [Field],
    pub relations: &'static [Relation],
    pub operations: Operations,
    /// Changes of a row must say which version they are about.
    pub require_if_match: bool,
    /// Creates must carry a key. Keys aren't remembered yet, so such creates answer NOT_IMPLEMENTED.
    pub require_idempotency_key: bool,
    /// Who may do what; what no rule is about, nobody may. `None`: the api has no `auth`, everybody may do everything.
    pub access: Option<&'static [Rule]>,
    /// How often a caller may do anything with it, in place of how often anything.
    pub limit: Option<Rate>,
    /// All of it goes one day.
    pub deprecated: Option<Deprecation>,
    /// Operations and actions of which that is to be said in place of what holds for the resource.
    pub deprecated_operations: &'static [(&'static str, Deprecation)],
    /// Where a row's tenant is found. `None`: all tenants share the rows, or there are none.
    pub tenant: Option<Tenant>,
    pub list: List,
    /// Rules over several fields, which every write must leave fulfilled.
    pub checks: &'static [Check],
    /// Names of the fields whose words lists can be searched for.
    pub search: &'static [&'static str],
    /// The relations (has_many or has_one) whose rows can be created along with a row of this.
    pub nested: &'static [&'static str],
    /// Deleted rows stay, hidden, with the time in the column `deleted_at`.
    pub soft_delete: bool,
    /// How many rows one request may write; `None`: there are no such requests.
    pub batch: Option<usize>,
    /// What else can be done with rows.
    pub actions: &'static [Action],
    /// What refers to rows of this resource, where they or the others stay when they are deleted, or the others go along or
    /// lose the reference. All else is left to the database's foreign keys.
    pub dependents: &'static [Dependent],
}

/// Any of these suffices.
pub type Alternatives = &'static [Alternative];

/// All of these must be fulfilled; none of them: everybody may.
pub type Alternative = &'static [Requirement];

/// Everybody.
pub const PUBLIC: Alternatives = &[&[]];

/// Who may do some things.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Operations and actions: `list`, `update`, `cancel`.
    pub to: &'static [&'static str],
    pub any: Alternatives,
}

/// What must be so, of the caller or of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// The caller has any credentials.
    Authenticated,
    /// The caller has this role.
    Role(&'static str),
    /// The caller has this scope.
    Scope(&'static str),
    /// These relations lead from the row to the caller; none of them: the row is the caller.
    Caller(&'static [&'static str]),
    /// The field has one of these values.
    When(&'static str, &'static [&'static str]),
}

/// The days, in UTC, on which something begins to be deprecated and on which it is there for the last time: `2026-12-31`.
#[derive(Debug, Clone, Copy)]
pub struct Deprecation {
    pub since: Option<&'static str>,
    pub sunset: Option<&'static str>,
}

/// Where a row's tenant is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenant {
    /// The row is the tenant.
    Itself,
    /// The column `tenant_id` has its id, which looks like this.
    Of(Id),
}

/// A rule over several fields of a row. A field that is null fulfils every comparison.
#[derive(Debug)]
pub enum Check {
    Compare { left: &'static str, comparison: Comparison, right: Operand },
    Count { presence: Presence, fields: &'static [&'static str] },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
    NotEqual,
}

/// How many of some fields must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    ExactlyOne,
    AtLeastOne,
}

#[derive(Debug)]
pub enum Operand {
    Field(&'static str),
    /// Read by the type of the other side.
    Literal(&'static str),
}

/// What can be done with rows beside the standard operations.
#[derive(Debug)]
pub struct Action {
    /// snake_case: `cancel`.
    pub name: &'static str,
    /// `cancelOrder`: GraphQL mutation, or query if it only reads.
    pub camel: &'static str,
    /// `CancelOrder`: gRPC method.
    pub method: &'static str,
    /// `cancel`: the last segment of its REST path.
    pub path: &'static str,
    pub target: Target,
    /// It only reads.
    pub safe: bool,
    pub input: &'static [Field],
    /// Inputs that hold ids of rows, each with the resource of those.
    pub references: &'static [(&'static str, &'static Resource)],
    pub returns: Returns,
    /// What the server does by itself; otherwise a hook does it.
    pub transition: Option<Transition>,
    /// How often a caller may do it, in place of how often anything with its resource.
    pub limit: Option<Rate>,
}

impl Action {
    /// What a descriptor leaves out.
    pub const BLANK: Action = Action {
        name: "",
        camel: "",
        method: "",
        path: "",
        target: Target::Item,
        safe: false,
        input: &[],
        references: &[],
        returns: Returns::Nothing,
        transition: None,
        limit: None,
    };
}

/// What an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One row.
    Item,
    /// All rows, or none in particular.
    Collection,
}

/// What an action's answer shows.
#[derive(Debug, Clone, Copy)]
pub enum Returns {
    Nothing,
    /// A row as it is then.
    Row(&'static Resource),
    Rows(&'static Resource),
    /// Something that is no row, as the field that shows it.
    Value {
        result: &'static Field,
    },
}

/// A move of an enum field.
#[derive(Debug)]
pub struct Transition {
    pub field: &'static str,
    pub from: &'static [&'static str],
    pub to: &'static str,
    /// Other fields, and what each becomes.
    pub set: &'static [(&'static str, Change)],
}

/// What a field becomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// The input of this name.
    Input(&'static str),
    /// A literal, or the time of the write.
    Value(Literal),
    Nothing,
}

/// The rows of `resource` whose field `column` holds the id of a row.
#[derive(Debug)]
pub struct Dependent {
    pub resource: &'static Resource,
    pub column: &'static str,
    pub on_delete: OnDelete,
}

/// What becomes of a row when the one that it refers to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// It keeps the other from being deleted.
    Restrict,
    Cascade,
    SetNull,
}

/// Which of the standard operations exist.
#[derive(Debug, Clone, Copy)]
pub struct Operations {
    pub list: bool,
    pub get: bool,
    pub create: bool,
    pub update: bool,
    pub replace: bool,
    pub delete: bool,
}

impl Operations {
    /// What a spec that says nothing about it gets.
    pub const DEFAULT: Operations =
        Operations { list: true, get: true, create: true, update: true, replace: false, delete: true };
    pub const NONE: Operations =
        Operations { list: false, get: false, create: false, update: false, replace: false, delete: false };
}

/// Paging and order of a list.
#[derive(Debug)]
pub struct List {
    /// Default order, without the final `id`, which the runtime appends.
    pub sort: &'static [Sort],
    /// Items per page when the caller doesn't say.
    pub page_size: u32,
    /// Exact counts are offered.
    pub total: bool,
    /// Pages can be reached by the number of rows before them, too.
    pub offset: bool,
    /// Larger page sizes are lowered to this.
    pub max_page_size: u32,
}

impl List {
    /// What a spec that says nothing about it gets.
    pub const DEFAULT: List = List { sort: &[], page_size: 50, total: false, offset: false, max_page_size: 1000 };
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    pub field: &'static str,
    pub direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Ascending,
    Descending,
}

/// One property of a resource or value type.
#[derive(Debug)]
pub struct Field {
    /// snake_case: JSON property, SQL column, proto field.
    pub name: &'static str,
    /// lowerCamelCase: GraphQL field, proto JSON name.
    pub camel: &'static str,
    pub ty: Type,
    /// Never null in an output; must be in a create unless it has a default.
    pub required: bool,
    pub default: Option<Literal>,
    pub set_by: SetBy,
    /// Never in an output.
    pub write_only: bool,
    /// Stored, but in no contract.
    pub internal: bool,
    pub unique: bool,
    pub filter: bool,
    pub sort: bool,
    /// Never logged.
    pub sensitive: bool,
    /// The id of a belongs_to that is the caller's own unless it is given.
    pub from_principal: bool,
    /// Who of those that may read the row may read it, unless all of them may.
    pub readers: Option<Alternatives>,
    /// Who of those that may write the row may set it, unless all of them may.
    pub writers: Option<Alternatives>,
    pub rules: Rules,
    /// Not stored, but found out from other rows whenever it is read.
    pub aggregate: Option<&'static Aggregate>,
    /// Not stored, but asked of a hook whenever it is shown.
    pub computed: bool,
}

/// A number that other rows tell.
#[derive(Debug)]
pub struct Aggregate {
    pub function: Function,
    /// The relation whose rows count.
    pub relation: &'static str,
    /// Fields of those rows, and the value that each must have, as the spec writes it.
    pub conditions: &'static [(&'static str, &'static str)],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Count,
    /// Of this field.
    Sum(&'static str),
}

/// Who may set a field, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetBy {
    /// The caller, on create and update.
    Caller,
    /// The caller, on create only.
    CallerOnCreate,
    /// The server: sent values are ignored.
    Server,
}

/// A default as the spec writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// Read by the field's type: `"0.00"`, `"true"`, `"pending"`.
    Text(&'static str),
    /// The time of the write.
    Now,
    /// The UTC date of the write.
    Today,
}

/// JSON Schema's constraints. Numeric bounds are kept as the spec's text and read by the field's type.
#[derive(Debug, Default)]
pub struct Rules {
    pub min_length: Option<u32>,
    pub max_length: Option<u32>,
    /// RE2 subset, unanchored.
    pub pattern: Option<&'static str>,
    pub minimum: Option<&'static str>,
    pub maximum: Option<&'static str>,
    pub exclusive_minimum: Option<&'static str>,
    pub exclusive_maximum: Option<&'static str>,
    pub multiple_of: Option<&'static str>,
    pub min_items: Option<u32>,
    pub max_items: Option<u32>,
    pub unique_items: bool,
}

/// What a value is. Its form in JSON, GraphQL, protobuf and SQL follows from it alone.
#[derive(Debug, Clone, Copy)]
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
    /// The id of a resource: its own `id`, or a relation's `<name>_id`.
    Id(Id),
    Enum(&'static Enum),
    Object(&'static Object),
    List(&'static Type),
    Map(&'static Type),
}

/// How a resource's ids look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    /// TypeID: `usr_` and the base32 of a UUIDv7; stored as a UUID.
    Prefixed(&'static str),
    /// UUIDv7.
    Uuid,
    /// Numbered by the database.
    Int64,
    /// Chosen by the client.
    Text,
}

/// An enum of the spec.
#[derive(Debug)]
pub struct Enum {
    pub name: &'static str,
    /// snake_case, in the spec's order.
    pub values: &'static [&'static str],
}

/// A value type of the spec.
#[derive(Debug)]
pub struct Object {
    pub name: &'static str,
    pub fields: &'static [Field],
}

/// A way from one resource to another.
#[derive(Debug)]
pub struct Relation {
    /// snake_case: `order_items`.
    pub name: &'static str,
    /// lowerCamelCase: GraphQL field.
    pub camel: &'static str,
    pub target: &'static Resource,
    pub kind: RelationKind,
    /// Who of those that may read the rows at both ends may follow it, unless all of them may.
    pub readers: Option<Alternatives>,
    /// Who of those that may change the row may put others together with it, unless all of them may.
    pub writers: Option<Alternatives>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// This row holds the id, in the field `column` (`customer_id`).
    BelongsTo { column: &'static str },
    /// The rows of `target` whose field `column` holds this row's id.
    HasMany { column: &'static str },
    /// At most one such row.
    HasOne { column: &'static str },
    /// The rows of `target` that a table puts together with this one.
    ManyToMany(Join),
}

/// A table of pairs of ids, as one side sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Join {
    pub table: &'static str,
    /// The column with the ids of this side.
    pub near: &'static str,
    /// How those look.
    pub near_id: Id,
    /// The column with the ids of the other side.
    pub far: &'static str,
    /// Callers may add pairs and remove them.
    pub linkable: bool,
    /// The table is that of a resource whose deleted rows stay.
    pub soft_delete: bool,
}

impl Field {
    /// A required field that the caller may set.
    pub const fn new(name: &'static str, camel: &'static str, ty: Type) -> Field {
        Field {
            name,
            camel,
            ty,
            required: true,
            default: None,
            set_by: SetBy::Caller,
            write_only: false,
            internal: false,
            unique: false,
            filter: false,
            sort: false,
            sensitive: false,
            from_principal: false,
            readers: None,
            writers: None,
            rules: Rules {
                min_length: None,
                max_length: None,
                pattern: None,
                minimum: None,
                maximum: None,
                exclusive_minimum: None,
                exclusive_maximum: None,
                multiple_of: None,
                min_items: None,
                max_items: None,
                unique_items: false,
            },
            aggregate: None,
            computed: false,
        }
    }
}

/// `Field` builder methods that set one member each.
macro_rules! setters {
    ($($name:ident($($arg:ident: $ty:ty)?) => $($path:ident).+ = $value:expr;)*) => {
        impl Field {
            $(pub const fn $name(mut self $(, $arg: $ty)?) -> Field {
                self.$($path).+ = $value;
                self
            })*
        }
    };
}

setters! {
    optional() => required = false;
    default_text(text: &'static str) => default = Some(Literal::Text(text));
    default_now() => default = Some(Literal::Now);
    default_today() => default = Some(Literal::Today);
    read_only() => set_by = SetBy::Server;
    create_only() => set_by = SetBy::CallerOnCreate;
    write_only() => write_only = true;
    internal() => internal = true;
    unique() => unique = true;
    filter() => filter = true;
    sort() => sort = true;
    sensitive() => sensitive = true;
    from_principal() => from_principal = true;
    readers(any: Alternatives) => readers = Some(any);
    writers(any: Alternatives) => writers = Some(any);
    aggregate(of: &'static Aggregate) => aggregate = Some(of);
    computed() => computed = true;
    min_length(n: u32) => rules.min_length = Some(n);
    max_length(n: u32) => rules.max_length = Some(n);
    pattern(regex: &'static str) => rules.pattern = Some(regex);
    minimum(bound: &'static str) => rules.minimum = Some(bound);
    maximum(bound: &'static str) => rules.maximum = Some(bound);
    exclusive_minimum(bound: &'static str) => rules.exclusive_minimum = Some(bound);
    exclusive_maximum(bound: &'static str) => rules.exclusive_maximum = Some(bound);
    multiple_of(factor: &'static str) => rules.multiple_of = Some(factor);
    min_items(n: u32) => rules.min_items = Some(n);
    max_items(n: u32) => rules.max_items = Some(n);
    unique_items() => rules.unique_items = true;
}

impl Resource {
    /// What a descriptor leaves out.
    pub const BLANK: Resource = Resource {
        name: "",
        plural: "",
        snake: "",
        snake_plural: "",
        camel: "",
        camel_plural: "",
        path: "",
        table: "",
        fields: &[],
        relations: &[],
        operations: Operations::DEFAULT,
        require_if_match: false,
        require_idempotency_key: false,
        access: None,
        limit: None,
        deprecated: None,
        deprecated_operations: &[],
        tenant: None,
        list: List::DEFAULT,
        checks: &[],
        search: &[],
        nested: &[],
        soft_delete: false,
        batch: None,
        actions: &[],
        dependents: &[],
    };

    /// The position of a field by its snake_case name.
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// A field by its snake_case name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub fn relation(&self, name: &str) -> Option<&'static Relation> {
        self.relations.iter().find(|relation| relation.name == name)
    }

    /// The relations whose rows can be created along with a row.
    pub fn nested(&self) -> impl Iterator<Item = &'static Relation> {
        let (relations, nested) = (self.relations, self.nested);
        relations.iter().filter(move |relation| nested.contains(&relation.name))
    }

    /// Whether some of its fields aren't for everybody who may read its rows.
    pub fn has_readers(&self) -> bool {
        self.fields.iter().any(|field| field.readers.is_some())
    }

    pub fn action(&self, name: &str) -> Option<&'static Action> {
        self.actions.iter().find(|action| action.name == name)
    }

    /// How this resource's ids look. Every resource's first field is its `id`.
    pub fn id(&self) -> Id {
        match self.fields[0].ty {
            Type::Id(id) => id,
            _ => unreachable!("the first field of {} is its id", self.name),
        }
    }
}

impl Action {
    /// Whether it can be made to depend on the row's version.
    pub fn conditional(&self) -> bool {
        self.target == Target::Item && !self.safe
    }
}

impl Relation {
    /// A relation that is as open as the rows at its ends.
    pub const fn new(
        name: &'static str,
        camel: &'static str,
        target: &'static Resource,
        kind: RelationKind,
    ) -> Relation {
        Relation { name, camel, target, kind, readers: None, writers: None }
    }

    pub const fn readers(mut self, any: Alternatives) -> Relation {
        self.readers = Some(any);
        self
    }

    pub const fn writers(mut self, any: Alternatives) -> Relation {
        self.writers = Some(any);
        self
    }

    /// Whether callers may add rows to it and remove them from it.
    pub fn linkable(&self) -> bool {
        matches!(self.kind, RelationKind::ManyToMany(join) if join.linkable)
    }
}

impl Field {
    /// Whether outputs carry it.
    pub fn readable(&self) -> bool {
        !self.write_only && !self.internal && !matches!(self.ty, Type::Password)
    }

    /// Whether rows have it in the database.
    pub fn is_stored(&self) -> bool {
        self.aggregate.is_none() && !self.computed
    }
}
