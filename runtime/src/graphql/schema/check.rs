//! Walks the schema from its roots beside the descriptors and refuses whatever they don't explain.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use apollo_compiler::{
    ast,
    schema::{Component, ExtendedType, FieldDefinition},
};

use heck::ToShoutySnakeCase;

use super::{Member, Mutation, MutationKind, Query, Schema, member_of, scalar_name};
use crate::descriptor::{Enum, Object, RelationKind, Resource, Returns, Type};

pub(super) fn check(schema: &Schema, resources: &[&'static Resource]) -> anyhow::Result<()> {
    let mut walk = Walk { schema, seen: BTreeSet::new() };
    walk.queries()?;
    walk.mutations()?;
    walk.subscriptions()?;
    // `node` alone may lead to some.
    for resource in resources {
        walk.resource(resource)?;
    }
    walk.unserved()?;
    let unexplained = schema.sdl.types.iter().find(|(name, ty)| {
        matches!(ty, ExtendedType::Object(_)) && !name.starts_with("__") && !walk.seen.contains(name.as_str())
    });
    match unexplained {
        Some((name, _)) => bail!("no descriptor explains the GraphQL type {name}"),
        None => Ok(()),
    }
}

struct Walk<'s> {
    schema: &'s Schema,
    seen: BTreeSet<String>,
}

impl<'s> Walk<'s> {
    /// The served fields of an object type, the first time that it is reached.
    fn enter(&mut self, name: &str) -> anyhow::Result<Vec<&'s Component<FieldDefinition>>> {
        let object = self.schema.sdl.get_object(name).with_context(|| format!("there is no GraphQL type {name}"))?;
        let first = self.seen.insert(name.to_owned());
        let served = object.fields.values().filter(|field| self.schema.unserved(name, &field.name).is_none());
        Ok(if first { served.collect() } else { Vec::new() })
    }

    /// Nothing is held against types that only unserved fields lead to.
    fn unserved(&mut self) -> anyhow::Result<()> {
        for (type_name, field) in self.schema.unserved.keys() {
            let found = self.schema.sdl.type_field(type_name, field);
            let found = found.map_err(|_| anyhow::anyhow!("the GraphQL schema has no field {type_name}.{field}"))?;
            self.accept(found.ty.inner_named_type());
        }
        Ok(())
    }

    fn accept(&mut self, name: &str) {
        if let Some(union) = self.schema.sdl.get_union(name) {
            union.members.iter().for_each(|member| self.accept(member));
        }
        let Some(object) = self.schema.sdl.get_object(name) else { return };
        if self.seen.insert(name.to_owned()) {
            object.fields.values().for_each(|field| self.accept(field.ty.inner_named_type()));
        }
    }

    fn subscriptions(&mut self) -> anyhow::Result<()> {
        let Some(root) = self.root(ast::OperationType::Subscription) else { return Ok(()) };
        self.enter(&root)?.first().map_or(Ok(()), |field| unexplained(&root, field))
    }

    fn queries(&mut self) -> anyhow::Result<()> {
        let root = self.root(ast::OperationType::Query).context("the GraphQL schema has no query type")?;
        for field in self.enter(&root)? {
            match self.schema.query(&field.name) {
                Some(Query::Node | Query::Nodes) => named(&root, field, "Node")?,
                Some(Query::Get(resource)) => {
                    named(&root, field, resource.name)?;
                    self.row(resource)?;
                }
                Some(Query::Act(_, action)) => self.returned(&root, field, &action.returns)?,
                Some(Query::List(resource)) => {
                    named(&root, field, &format!("{}Connection", resource.name))?;
                    self.connection(resource)?;
                }
                None => return unexplained(&root, field),
            }
        }
        Ok(())
    }

    fn mutations(&mut self) -> anyhow::Result<()> {
        let Some(root) = self.root(ast::OperationType::Mutation) else { return Ok(()) };
        for field in self.enter(&root)? {
            match self.schema.mutation(&field.name) {
                Some(Mutation { kind: MutationKind::Batch, resource }) => self.batch(field, resource)?,
                Some(mutation) => self.payload(&root, field, mutation)?,
                None => return unexplained(&root, field),
            }
        }
        Ok(())
    }

    fn root(&self, operation: ast::OperationType) -> Option<String> {
        self.schema.sdl.root_operation(operation).map(|name| name.to_string())
    }

    /// A resource's types, as far as there are any.
    fn resource(&mut self, resource: &'static Resource) -> anyhow::Result<()> {
        if self.schema.sdl.get_object(resource.name).is_some() {
            self.row(resource)?;
        }
        if self.schema.sdl.get_object(&format!("{}Connection", resource.name)).is_some() {
            self.connection(resource)?;
        }
        Ok(())
    }

    fn row(&mut self, resource: &'static Resource) -> anyhow::Result<()> {
        for field in self.enter(resource.name)? {
            match self.schema.member(resource, &field.name) {
                Some(Member::Column(index)) => {
                    self.value(resource.name, field, &resource.fields[index].ty, &field.ty)?
                }
                Some(Member::Etag) => named(resource.name, field, "String")?,
                Some(Member::Relation(relation)) => match relation.kind {
                    RelationKind::HasMany { .. } | RelationKind::ManyToMany(_) => {
                        named(resource.name, field, &format!("{}Connection", relation.target.name))?;
                        self.connection(relation.target)?;
                    }
                    RelationKind::BelongsTo { .. } | RelationKind::HasOne { .. } => {
                        named(resource.name, field, relation.target.name)?;
                        self.row(relation.target)?;
                    }
                },
                None => return unexplained(resource.name, field),
            }
        }
        Ok(())
    }

    fn connection(&mut self, resource: &'static Resource) -> anyhow::Result<()> {
        let name = format!("{}Connection", resource.name);
        for field in self.enter(&name)? {
            match field.name.as_str() {
                "edges" => {
                    named(&name, field, &format!("{}Edge", resource.name))?;
                    self.edge(resource)?;
                }
                "nodes" => named(&name, field, resource.name)?,
                "pageInfo" => {
                    named(&name, field, "PageInfo")?;
                    self.only("PageInfo", &["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"])?;
                }
                "totalCount" if resource.list.total => {}
                _ => return unexplained(&name, field),
            }
        }
        self.row(resource)
    }

    fn edge(&mut self, resource: &'static Resource) -> anyhow::Result<()> {
        let name = format!("{}Edge", resource.name);
        for field in self.enter(&name)? {
            match field.name.as_str() {
                "node" => named(&name, field, resource.name)?,
                "cursor" => {}
                _ => return unexplained(&name, field),
            }
        }
        Ok(())
    }

    fn payload(&mut self, root: &str, field: &FieldDefinition, mutation: Mutation) -> anyhow::Result<()> {
        let name = field.ty.inner_named_type().to_string();
        let deletes = matches!(mutation.kind, MutationKind::Delete);
        let shown = mutation.returns();
        let entity = shown_as(&shown).filter(|_| !deletes);
        for member in self.enter(&name).with_context(|| format!("{root}.{}", field.name))? {
            match member.name.as_str() {
                "userErrors" => self.user_errors(&name, member)?,
                "deletedId" if deletes => {}
                found if entity == Some(found) => self.returned(&name, member, &shown)?,
                _ => return unexplained(&name, member),
            }
        }
        Ok(())
    }

    fn user_errors(&mut self, owner: &str, field: &FieldDefinition) -> anyhow::Result<()> {
        named(owner, field, "UserError")?;
        self.only("UserError", &["code", "message", "field", "details"])?;
        self.only("ErrorDetail", &["name", "value"])
    }

    /// What became of several writes.
    fn batch(&mut self, field: &FieldDefinition, resource: &'static Resource) -> anyhow::Result<()> {
        let name = field.ty.inner_named_type().to_string();
        for member in self.enter(&name)? {
            match member.name.as_str() {
                "userErrors" => self.user_errors(&name, member)?,
                "results" => {
                    let result = format!("{}BatchResult", resource.name);
                    named(&name, member, &result)?;
                    self.batch_result(&result, resource)?;
                }
                _ => return unexplained(&name, member),
            }
        }
        Ok(())
    }

    fn batch_result(&mut self, name: &str, resource: &'static Resource) -> anyhow::Result<()> {
        for member in self.enter(name)? {
            match member.name.as_str() {
                "userErrors" => self.user_errors(name, member)?,
                "index" | "deletedId" => {}
                found if found == resource.camel => {
                    named(name, member, resource.name)?;
                    self.row(resource)?;
                }
                _ => return unexplained(name, member),
            }
        }
        Ok(())
    }

    /// What an action's field, or that of its payload, shows.
    fn returned(&mut self, owner: &str, field: &FieldDefinition, returns: &Returns) -> anyhow::Result<()> {
        match returns {
            Returns::Nothing => unexplained(owner, field),
            Returns::Value { result } => self.value(owner, field, &result.ty, &field.ty),
            Returns::Row(resource) | Returns::Rows(resource) => {
                let several = matches!(returns, Returns::Rows(_));
                if field.ty.is_list() != several {
                    return unexplained(owner, field);
                }
                named(owner, field, resource.name)?;
                self.row(resource)
            }
        }
    }

    /// The GraphQL type of a value beside its descriptor; lists and maps are GraphQL lists.
    fn value(&mut self, owner: &str, field: &FieldDefinition, ty: &Type, sdl: &ast::Type) -> anyhow::Result<()> {
        match ty {
            Type::List(item) if sdl.is_list() => self.value(owner, field, item, sdl.item_type()),
            Type::Map(value) if sdl.is_list() => self.entry(sdl.inner_named_type(), value),
            Type::Object(object) if sdl.is_named() && sdl.inner_named_type() == object.name => self.object(object),
            Type::Enum(kind) if sdl.is_named() && sdl.inner_named_type() == kind.name => self.values(kind),
            ty if sdl.is_named() && scalar_name(ty) == Some(sdl.inner_named_type().as_str()) => Ok(()),
            _ => bail!("no descriptor explains that {owner}.{} is of GraphQL type {sdl}", field.name),
        }
    }

    fn object(&mut self, object: &'static Object) -> anyhow::Result<()> {
        for field in self.enter(object.name)? {
            match member_of(object.fields, &field.name) {
                Some((_, member)) => self.value(object.name, field, &member.ty, &field.ty)?,
                None => return unexplained(object.name, field),
            }
        }
        Ok(())
    }

    fn entry(&mut self, name: &str, ty: &Type) -> anyhow::Result<()> {
        for field in self.enter(name)? {
            match field.name.as_str() {
                "key" => named(name, field, "String")?,
                "value" => self.value(name, field, ty, &field.ty)?,
                _ => return unexplained(name, field),
            }
        }
        Ok(())
    }

    fn values(&self, kind: &Enum) -> anyhow::Result<()> {
        let declared = self.schema.sdl.get_enum(kind.name);
        let declared = declared.with_context(|| format!("there is no GraphQL enum {}", kind.name))?;
        let known = |value: &str| kind.values.iter().any(|name| name.to_shouty_snake_case() == value);
        match declared.values.keys().find(|value| !known(value)) {
            Some(value) => bail!("no descriptor explains the value {value} of the GraphQL enum {}", kind.name),
            None => Ok(()),
        }
    }

    fn only(&mut self, name: &str, fields: &[&str]) -> anyhow::Result<()> {
        match self.enter(name)?.into_iter().find(|field| !fields.contains(&field.name.as_str())) {
            Some(field) => unexplained(name, field),
            None => Ok(()),
        }
    }
}

/// The field of a payload with what an action returns.
fn shown_as(returns: &Returns) -> Option<&'static str> {
    match returns {
        Returns::Nothing => None,
        Returns::Row(resource) => Some(resource.camel),
        Returns::Rows(resource) => Some(resource.camel_plural),
        Returns::Value { result } => Some(result.camel),
    }
}

fn named(owner: &str, field: &FieldDefinition, expected: &str) -> anyhow::Result<()> {
    if field.ty.inner_named_type() == expected {
        return Ok(());
    }
    bail!("{owner}.{} of the GraphQL schema is of type {}, the descriptors say {expected}", field.name, field.ty)
}

fn unexplained(owner: &str, field: &FieldDefinition) -> anyhow::Result<()> {
    bail!("no descriptor explains {owner}.{} of the GraphQL schema", field.name)
}
