//! What the tables hold, in the spec's words and the same for both databases: what migrations are told apart by, and all
//! that they are written from.

use serde::{Deserialize, Serialize, Serializer};
use serde_saphyr::FlowSeq;

use super::{dialect::Dialect, indexes, joins, names::Names};
use crate::model::{self, Field, Id, Model, OnDelete, Origin, RelationKind, Resource, Rules};

/// The id of a row's tenant, in the tables whose rows tenants don't share.
pub(super) const TENANT: &str = "tenant_id";
/// The primary key of every table.
pub(super) const ID: &str = "id";
/// The number that a row's `etag` is made of, in every table.
pub(super) const VERSION: &str = "version";
/// When a row was deleted, in the tables whose rows stay.
pub(super) const DELETED_AT: &str = "deleted_at";

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Schema {
    pub(super) tables: Vec<Table>,
    /// What columns of these types hold as JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) types: Vec<ValueType>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) indexes: Vec<Index>,
    /// The columns whose words rows can be searched for.
    #[serde(default, skip_serializing_if = "Vec::is_empty", serialize_with = "in_one_line")]
    pub(super) search: Vec<String>,
    /// Of a table without an `id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", serialize_with = "in_one_line")]
    pub(super) primary_key: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) ty: Type,
    /// May be null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) optional: bool,
    /// The constraint's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unique: Option<String>,
    /// The name of the constraint that keeps out what the type and the bounds don't allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) check: Option<String>,
    #[serde(flatten)]
    pub(super) bounds: Bounds,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) references: Option<Reference>,
}

/// As the spec spells them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Bounds {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) minimum: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exclusive_minimum: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) maximum: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exclusive_maximum: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reference {
    /// The constraint's name.
    pub(super) name: String,
    pub(super) table: String,
    pub(super) on_delete: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    Restrict,
    Cascade,
    SetNull,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Index {
    pub(super) name: String,
    /// No two rows share the values, among those that aren't deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) unique: bool,
    /// Leaves out the rows that are deleted and stay, which no list shows. What is unique is so without a word about it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) live: bool,
    /// SQLite, to which what is absent is the least, reads another index backward instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) postgres_only: bool,
    /// With a `-` before those that descend, and then a `?` behind those that may be absent and are the last then.
    #[serde(serialize_with = "in_one_line")]
    pub(super) columns: Vec<String>,
}

/// A value type of the spec, wherever it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueType {
    pub(super) name: String,
    pub(super) members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) ty: Type,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) optional: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Type {
    String,
    Bool,
    Int32,
    Int64,
    Float64,
    Decimal { precision: u8, scale: u8 },
    Uuid,
    Timestamp,
    Date,
    Duration,
    Email,
    Url,
    Bytes,
    Json,
    Password,
    Enum(#[serde(serialize_with = "in_one_line")] Vec<String>),
    Object(String),
    List(Box<Type>),
    Map(Box<Type>),
}

fn in_one_line<S: Serializer>(words: &Vec<String>, serializer: S) -> Result<S::Ok, S::Error> {
    FlowSeq(words).serialize(serializer)
}

impl Schema {
    pub(super) fn of(model: &Model) -> Schema {
        let mut names =
            Names::new(model.stored_resources().iter().map(|resource| resource.names.snake_plural.as_str()));
        let mut tables: Vec<_> =
            model.stored_resources().iter().map(|resource| table(model, resource, &mut names)).collect();
        tables.extend(joins::of(model, &mut names));
        let types = model.objects.iter().map(|object| ValueType {
            name: object.name.clone(),
            members: object.fields.iter().map(|field| member(model, field)).collect(),
        });
        Schema { tables, types: types.collect() }
    }

    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl Table {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Columns are in the order of the fields; the row's `version` stands before the timestamps.
fn table(model: &Model, resource: &Resource, names: &mut Names) -> Table {
    let is_timestamp = |field: &&Field| field.origin == Origin::Timestamp;
    let stored = resource.fields.iter().filter(|field| field.is_stored());
    let (timestamps, declared): (Vec<_>, Vec<_>) = stored.partition(is_timestamp);
    let mut columns: Vec<_> = declared.into_iter().map(|field| column(model, resource, field, names)).collect();
    if let Some(ty) = tenant(model, resource) {
        columns.insert(1, Column::plain(TENANT, ty));
    }
    columns.push(Column::plain(VERSION, Type::Int64));
    columns.extend(timestamps.into_iter().map(|field| column(model, resource, field, names)));
    if resource.soft_delete {
        columns.push(Column { optional: true, ..Column::plain(DELETED_AT, Type::Timestamp) });
    }
    let indexes = indexes::of(model, resource, names);
    let search = resource.search.iter().map(|field| resource.fields[*field].name.clone()).collect();
    Table { name: resource.names.snake_plural.clone(), columns, indexes, search, primary_key: Vec::new() }
}

/// How the id of a row's tenant is stored, where that isn't the row itself.
fn tenant(model: &Model, resource: &Resource) -> Option<Type> {
    let tenant = model.auth.as_ref()?.tenant.as_ref()?.resource;
    resource.policy.in_tenant().then(|| column_type(model, &model::Type::Id(tenant)))
}

impl Index {
    pub(super) fn plain(name: String, columns: Vec<String>) -> Index {
        Index { name, unique: false, live: false, postgres_only: false, columns }
    }

    pub(super) fn is_for(&self, dialect: Dialect) -> bool {
        !self.postgres_only || dialect == Dialect::Postgres
    }
}

impl Column {
    pub(super) fn plain(name: &str, ty: Type) -> Column {
        let name = name.to_owned();
        Column { name, ty, optional: false, unique: None, check: None, bounds: Bounds::default(), references: None }
    }
}

fn column(model: &Model, resource: &Resource, field: &Field, names: &mut Names) -> Column {
    let plain = Column::plain(&field.name, column_type(model, &field.ty));
    if field.origin == Origin::Id {
        return plain;
    }
    let mut name = |kind| names.choose(&resource.names.snake_plural, &[&field.name], kind);
    let bounds = match plain.ty {
        Type::Int32 | Type::Int64 | Type::Float64 | Type::Decimal { .. } => bounds(&field.rules),
        _ => Bounds::default(),
    };
    let checked = matches!(plain.ty, Type::Bool | Type::Enum(_)) || bounds != Bounds::default();
    Column {
        optional: optional(field),
        // Unique among the live rows only, or among a tenant's, is for an index to say.
        unique: (field.unique && !indexes::narrows_uniqueness(resource)).then(|| name("key")),
        check: checked.then(|| name("check")),
        bounds,
        references: reference(model, resource, field, name),
        ..plain
    }
}

/// Lists and maps are empty rather than absent.
fn optional(field: &Field) -> bool {
    !field.required && !matches!(field.ty, model::Type::List(_) | model::Type::Map(_))
}

fn bounds(rules: &Rules) -> Bounds {
    Bounds {
        minimum: rules.minimum.clone(),
        exclusive_minimum: rules.exclusive_minimum.clone(),
        maximum: rules.maximum.clone(),
        exclusive_maximum: rules.exclusive_maximum.clone(),
    }
}

fn reference(
    model: &Model,
    resource: &Resource,
    field: &Field,
    mut name: impl FnMut(&'static str) -> String,
) -> Option<Reference> {
    let Origin::Relation(position) = field.origin else { return None };
    let relation = &resource.relations[position];
    let RelationKind::BelongsTo { on_delete, .. } = relation.kind else { return None };
    let on_delete = match on_delete {
        OnDelete::Restrict => Action::Restrict,
        OnDelete::Cascade => Action::Cascade,
        OnDelete::SetNull => Action::SetNull,
    };
    Some(Reference { name: name("fkey"), table: model.resource(relation.target).names.snake_plural.clone(), on_delete })
}

fn member(model: &Model, field: &Field) -> Member {
    Member { name: field.name.clone(), ty: column_type(model, &field.ty), optional: optional(field) }
}

/// An id is what it is stored as.
pub(super) fn column_type(model: &Model, ty: &model::Type) -> Type {
    match ty {
        model::Type::String => Type::String,
        model::Type::Bool => Type::Bool,
        model::Type::Int32 => Type::Int32,
        model::Type::Int64 => Type::Int64,
        model::Type::Float64 => Type::Float64,
        model::Type::Decimal { precision, scale } => Type::Decimal { precision: *precision, scale: *scale },
        model::Type::Uuid => Type::Uuid,
        model::Type::Timestamp => Type::Timestamp,
        model::Type::Date => Type::Date,
        model::Type::Duration => Type::Duration,
        model::Type::Email => Type::Email,
        model::Type::Url => Type::Url,
        model::Type::Bytes => Type::Bytes,
        model::Type::Json => Type::Json,
        model::Type::Password => Type::Password,
        model::Type::Id(resource) => match model.resource(*resource).id {
            Id::Prefixed(_) | Id::Uuid => Type::Uuid,
            Id::Int64 => Type::Int64,
            Id::Text { .. } => Type::String,
        },
        model::Type::Enum(id) => {
            Type::Enum(model.enumeration(*id).values.iter().map(|value| value.name.clone()).collect())
        }
        model::Type::Object(id) => Type::Object(model.object(*id).name.clone()),
        model::Type::List(item) => Type::List(Box::new(column_type(model, item))),
        model::Type::Map(value) => Type::Map(Box::new(column_type(model, value))),
    }
}
