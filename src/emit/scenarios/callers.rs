//! What a caller may do who has all roles and any scope, and whose own row is the one that all rows refer to.

use serde_json::Value;

use crate::{
    emit::literal,
    model::{Alternatives, Default, Field, Model, Path, RelationKind, Requirement, Resource, ResourceId, Tenant, who},
};

pub struct Caller<'a> {
    pub model: &'a Model,
    /// Of which resources there is a row.
    pub has: &'a dyn Fn(ResourceId) -> bool,
}

impl Caller<'_> {
    /// `Err` says why there is no row that the resource's rows could belong to.
    pub fn has_tenant_of(&self, resource: &Resource) -> Result<(), String> {
        let tenant = self.model.auth.as_ref().and_then(|auth| auth.tenant.as_ref());
        let of_tenant = matches!(resource.policy.tenant, Some(Tenant::Of(_)));
        match of_tenant && !tenant.is_some_and(|tenant| (self.has)(tenant.resource)) {
            true => Err("it belongs to a tenant, of which there is no sample".to_owned()),
            false => Ok(()),
        }
    }

    /// `create`: what the row has been created with. `Err` says who may instead.
    pub fn may(&self, resource: &Resource, word: &str, create: &[(&Field, Value)]) -> Result<(), String> {
        let Some(any) = resource.policy.of(word) else { return Ok(()) };
        if word == "create" && any.iter().all(|each| each.all.contains(&Requirement::Owner(Path(Vec::new())))) {
            return Err("nobody may create it but itself".to_owned());
        }
        self.meets(resource, any, create).map_err(|who| format!("only {who} may {word} it"))
    }

    /// `Err` says who does.
    pub fn meets(&self, resource: &Resource, any: &Alternatives, create: &[(&Field, Value)]) -> Result<(), String> {
        let met = any.iter().any(|each| each.all.iter().all(|needed| self.fulfils(resource, needed, create)));
        if met { Ok(()) } else { Err(who(self.model, resource, any)) }
    }

    fn fulfils(&self, resource: &Resource, needed: &Requirement, create: &[(&Field, Value)]) -> bool {
        match needed {
            Requirement::Authenticated | Requirement::Role(_) | Requirement::Scope(_) => true,
            Requirement::Owner(path) | Requirement::Via(path) => self.is_at(resource, path),
            Requirement::When(field, values) => {
                let field = &resource.fields[*field];
                let sent = create.iter().find(|(each, _)| each.name == field.name).map(|(_, value)| value.clone());
                let value = sent.or_else(|| match &field.default {
                    Some(Default::Literal(value)) => Some(literal::json(self.model, &field.ty, value)),
                    _ => None,
                });
                value.is_some_and(|value| values.iter().any(|each| literal::json(self.model, &field.ty, each) == value))
            }
        }
    }

    /// Whether the path leads to the caller, from the one row of each resource.
    fn is_at(&self, resource: &Resource, path: &Path) -> bool {
        let Some(principal) = self.model.auth.as_ref().and_then(|auth| auth.principal) else { return false };
        let sure = |(owner, relation): &(ResourceId, usize)| {
            let owner = self.model.resource(*owner);
            match owner.relations[*relation].kind {
                RelationKind::BelongsTo { field, .. } => owner.fields[field].required,
                _ => false,
            }
        };
        match path.0.last() {
            None => self.model.resource(principal).names == resource.names,
            Some((owner, relation)) => {
                let end = self.model.resource(*owner).relations[*relation].target;
                end == principal && (self.has)(principal) && path.0.iter().all(sure)
            }
        }
    }

    /// Whether some rule asks what the field is.
    pub fn is_asked_for(&self, resource: &Resource, field: &Field) -> bool {
        let rules = resource.policy.rules.iter().flat_map(|(_, any)| any).flat_map(|each| &each.all);
        rules
            .into_iter()
            .any(|needed| matches!(needed, Requirement::When(index, _) if resource.fields[*index].name == field.name))
    }

    /// Whether the row of the caller, or that of the tenant, depends on one of the resource.
    pub fn needs(&self, resource: &Resource) -> bool {
        let Some(auth) = &self.model.auth else { return false };
        let tenant = auth.tenant.as_ref().map(|tenant| tenant.resource);
        let own = auth.principal.into_iter().chain(tenant);
        let others =
            own.flat_map(|own| &self.model.resource(own).relations).filter_map(|relation| match relation.kind {
                RelationKind::BelongsTo { .. } => Some(relation.target),
                _ => None,
            });
        let is = |id: ResourceId| self.model.resource(id).names == resource.names;
        others.into_iter().any(is) || tenant.is_some_and(is)
    }
}
