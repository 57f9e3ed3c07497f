//! Who may do what: whether every name means something, and what holds where the spec says nothing.

use super::Resolver;
use super::field::is_comparable;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{
    self, Alternative, Alternatives, FieldPolicy, Function, Object, Path, RelationKind, Requirement, Resource,
    ResourceId, Rules, Tenant, Type,
};
use crate::names as casing;
use crate::spec::{self, Part, Slot, Text};

/// Operations of `read` and of `write`; actions belong to `write`.
const READ: [&str; 3] = ["list", "get", "watch"];
const WRITE: [&str; 6] = ["create", "update", "replace", "delete", "batch", "undelete"];

/// Policies by position.
type Positioned = Vec<(usize, FieldPolicy)>;

impl Resolver<'_> {
    /// Completes what all resources say of access, once all of them are known.
    pub(super) fn policies(&mut self, resources: &mut [Resource], objects: &[Object]) {
        let Some(typed) = self.spec.resources.given() else { return };
        if self.spec.auth.is_none() {
            typed.iter().for_each(|typed| self.refuse_without_auth(typed));
            return;
        }
        for (index, typed) in typed.iter().enumerate() {
            let id = ResourceId(index);
            resources[index].policy.owner = typed.owner.as_ref().and_then(|text| self.owner(text, id, resources));
            resources[index].policy.tenant = self.tenant(typed, id, resources);
        }
        for (index, typed) in typed.iter().enumerate() {
            let rules = self.rules_of(typed, ResourceId(index), resources, objects);
            let (fields, relations) = self.part_policies(typed, ResourceId(index), resources, objects);
            let resource = &mut resources[index];
            resource.policy.rules = rules;
            fields.into_iter().for_each(|(field, policy)| resource.fields[field].access = policy);
            relations.into_iter().for_each(|(relation, policy)| resource.relations[relation].access = policy);
        }
        for (typed, resource) in typed.iter().zip(&*resources) {
            self.check_order(typed, resource);
            self.check_sums(typed, resource, resources);
        }
    }

    /// The order of a list tells of what it is ordered by.
    fn check_order(&mut self, typed: &spec::Resource, resource: &Resource) {
        for text in typed.list.iter().flat_map(|list| &list.sort) {
            let name = text.value.strip_prefix('-').unwrap_or(&text.value);
            if resource.fields.iter().any(|field| field.name == name && field.access.read.is_some()) {
                let message = format!("not everybody who may list may read `{name}`");
                let help = "sort by a field that all may read; who may read this one can ask for its order";
                self.error(Code::BadSort, text.span, message, help);
            }
        }
    }

    /// A sum tells of what it adds up.
    fn check_sums(&mut self, typed: &spec::Resource, resource: &Resource, resources: &[Resource]) {
        for field in resource.fields.iter().filter(|field| field.access.read.is_none()) {
            let Some(aggregate) = &field.aggregate else { continue };
            let Function::Sum(summed) = aggregate.function else { continue };
            let target = &resources[resource.relations[aggregate.relation].target.0];
            let declared = typed.fields.given().into_iter().flatten().find(|each| each.name.value == field.name);
            if let (Some(declared), Some(_)) = (declared, &target.fields[summed].access.read) {
                let name = &target.fields[summed].name;
                let message = format!("`{}` tells of `{name}`, which not everybody may read", field.name);
                self.error(Code::BadAccess, declared.name.span, message, "give it `access: { read: … }` of its own");
            }
        }
    }

    fn refuse_without_auth(&mut self, typed: &spec::Resource) {
        let keys = [
            ("owner", typed.owner.as_ref().map(|text| text.span)),
            ("tenant", typed.tenant.as_ref().map(|text| text.span)),
        ];
        let rules = typed.access.iter().map(|access| ("access", Some(access.key.span)));
        let fields = typed.fields.given().into_iter().flatten().flat_map(|field| &field.access);
        let relations = typed.relations.given().into_iter().flatten();
        let relation_rules = relations.clone().flat_map(|relation| &relation.access);
        let of_parts = fields.chain(relation_rules).map(|access| ("access", Some(access.key.span)));
        let actions = typed.actions.given().into_iter().flatten();
        let actions = actions.filter_map(|action| Some(("access", Some(action.access.as_ref()?.first()?.span))));
        let defaults = relations.filter_map(|relation| Some(("default", Some(relation.default.as_ref()?.span))));
        for (key, span) in keys.into_iter().chain(rules.take(1)).chain(of_parts).chain(defaults).chain(actions) {
            if let Some(span) = span {
                let help = "add `auth:` at the top of the spec: `auth: { principal: User }`";
                self.error(Code::KeyNotApplicable, span, format!("`{key}` has no meaning without `auth`"), help);
            }
        }
    }

    fn principal(&mut self, key: &str, span: Span) -> Option<ResourceId> {
        let auth = self.spec.auth.as_ref()?;
        let Some(principal) = &auth.principal else {
            let message = format!("`{key}` needs to know which resource callers are");
            let help = "add it to `auth`: `principal: User`";
            self.out.push(
                Diagnostic::error(Code::BadAccess, span, message)
                    .related(auth.span, "no `principal` here")
                    .help(help.to_owned()),
            );
            return None;
        };
        // An unknown one was reported where it stands.
        self.scope.find_resource(&principal.value)
    }

    fn owner(&mut self, text: &Text, resource: ResourceId, resources: &[Resource]) -> Option<Path> {
        let principal = self.principal("owner", text.span)?;
        self.path(text, resource, principal, resources)
    }

    /// A path from `from` to `to`.
    fn path(&mut self, text: &Text, from: ResourceId, to: ResourceId, resources: &[Resource]) -> Option<Path> {
        let goal = resources[to.0].names.pascal.clone();
        if text.value == "self" {
            if from == to {
                return Some(Path(Vec::new()));
            }
            let help = format!("`self` is for `{goal}` alone; name a relation that leads there");
            self.error(Code::BadPath, text.span, format!("`self` isn't a `{goal}`"), help);
            return None;
        }
        let mut steps = Vec::new();
        let mut here = from;
        let mut at = 0;
        for name in text.value.split('.') {
            let span = part_of(text, at, name.len());
            at += name.len() + 1;
            let relation = self.step(name, span, here, resources)?;
            steps.push((here, relation));
            here = resources[here.0].relations[relation].target;
        }
        if here != to {
            let end = &resources[here.0].names.pascal;
            let message = format!("`{}` leads to `{end}`, not to `{goal}`", text.value);
            let further = resources[here.0].relations.iter().find(|relation| relation.target == to);
            let help = match further {
                Some(relation) => format!("go on: `{}.{}`", text.value, relation.name),
                None => format!("a path of relations must end at `{goal}`"),
            };
            self.error(Code::BadPath, text.span, message, help);
            return None;
        }
        Some(Path(steps))
    }

    fn step(&mut self, name: &str, span: Span, here: ResourceId, resources: &[Resource]) -> Option<usize> {
        let resource = &resources[here.0];
        if let Some(index) = resource.relations.iter().position(|relation| relation.name == name) {
            return Some(index);
        }
        let typed = &self.spec.resources.given()?[here.0];
        let declared = typed.relations.given().into_iter().flatten();
        // One that couldn't be resolved was reported.
        if typed.relations == Slot::Broken || declared.clone().any(|relation| relation.name.value == name) {
            return None;
        }
        let names = declared.map(|relation| relation.name.value.as_str());
        let help = self.out.suggest(name, names);
        let help = help.unwrap_or_else(|| "a path names relations, with dots between them".to_owned());
        let message = format!("`{}` has no relation `{name}`", typed.name.value);
        self.error(Code::BadPath, span, message, help);
        None
    }

    fn tenant(&mut self, typed: &spec::Resource, id: ResourceId, resources: &[Resource]) -> Option<Tenant> {
        let auth = self.spec.auth.as_ref()?;
        let Some(claim) = &auth.tenant else {
            if let Some(text) = &typed.tenant {
                let help = "add it to `auth`: `tenant: { resource: Account, claim: account_id }`";
                let message = "`tenant` has no meaning without `auth.tenant`";
                self.error(Code::KeyNotApplicable, text.span, message, help);
            }
            return None;
        };
        // An unknown one was reported where it stands.
        let goal = self.scope.find_resource(&claim.resource.as_ref()?.value)?;
        let Some(text) = &typed.tenant else {
            let owner = format!("resource `{}`", typed.name.value);
            let help = "write a path of relations to the tenant, `self`, or `none` for rows that all tenants share; \
                        `defaults: { tenant: … }` holds for every resource";
            self.missing(typed.name.span, "tenant", &owner, help);
            return None;
        };
        match text.value.as_str() {
            "none" => Some(Tenant::Shared),
            "self" if id == goal => Some(Tenant::Itself),
            _ => {
                let path = self.path(text, id, goal, resources)?;
                self.check_tenant_path(text, &path, resources)?;
                Some(Tenant::Of(path))
            }
        }
    }

    /// Every row must have exactly one tenant.
    fn check_tenant_path(&mut self, text: &Text, path: &Path, resources: &[Resource]) -> Option<()> {
        for (owner, index) in &path.0 {
            let owner = &resources[owner.0];
            let relation = &owner.relations[*index];
            let sure = match relation.kind {
                RelationKind::BelongsTo { field, .. } => owner.fields[field].required,
                _ => false,
            };
            if !sure {
                let message =
                    format!("`{}` of `{}` doesn't lead to exactly one row", relation.name, owner.names.pascal);
                let help = "a tenant is found through `belongs_to` relations that aren't optional";
                self.error(Code::BadPath, text.span, message, help);
                return None;
            }
        }
        Some(())
    }

    /// Of every operation that the resource has: the exact name beats its group, and what isn't said is the owner's and
    /// the scope's.
    fn rules_of(
        &mut self,
        typed: &spec::Resource,
        id: ResourceId,
        resources: &[Resource],
        objects: &[Object],
    ) -> Vec<(String, Alternatives)> {
        let offered = offered(&resources[id.0]);
        let mut said: Vec<(&str, Alternatives)> = Vec::new();
        for access in &typed.access {
            self.check_rule_key(access, &offered, typed);
            let any = access.any.iter().map(|each| self.alternative(each, id, resources, objects)).collect::<Vec<_>>();
            if let Some(any) = any.into_iter().collect() {
                said.push((&access.key.value, any));
            }
        }
        for action in typed.actions.given().into_iter().flatten() {
            let Some(access) = &action.access else { continue };
            let any = access.iter().map(|each| self.alternative(each, id, resources, objects)).collect::<Vec<_>>();
            if let Some(any) = any.into_iter().collect() {
                said.insert(0, (&action.name.value, any));
            }
        }
        let find = |name: &str| said.iter().find(|(key, _)| *key == name).map(|(_, any)| any.clone());
        let resource = &resources[id.0];
        let rule = |name: &String| {
            let group = if READ.contains(&name.as_str()) { "read" } else { "write" };
            let any = find(name).or_else(|| find(group)).unwrap_or_else(|| default_rule(resource, group));
            (name.clone(), any)
        };
        offered.iter().map(rule).collect()
    }

    fn check_rule_key(&mut self, access: &spec::Access, offered: &[String], typed: &spec::Resource) {
        let key = &access.key;
        let known = READ.iter().chain(&WRITE).chain(&["read", "write"]);
        if known.clone().any(|word| *word == key.value) || offered.contains(&key.value) {
            return;
        }
        let names = known.copied().chain(offered.iter().map(String::as_str));
        let help = self.out.suggest(&key.value, names);
        let help = help.unwrap_or_else(|| format!("there are: read, write, {}", offered.join(", ")));
        let message = format!("`{}` has no operation or action `{}`", typed.name.value, key.value);
        self.error(Code::UnknownOperation, key.span, message, help);
    }

    pub(super) fn alternative(
        &mut self,
        typed: &spec::Alternative,
        id: ResourceId,
        resources: &[Resource],
        objects: &[Object],
    ) -> Option<Alternative> {
        let mut all = Vec::new();
        for part in &typed.parts {
            all.push(match part {
                Part::Public => continue,
                Part::Authenticated => Requirement::Authenticated,
                Part::Role(role) => Requirement::Role(self.role(role)?),
                Part::Scope(scope) => Requirement::Scope(self.checked_scope(scope)?),
                Part::Owner(span) => Requirement::Owner(self.owner_of(*span, id, resources)?),
                Part::Via(path) => {
                    let principal = self.principal("via", path.span)?;
                    Requirement::Via(self.path(path, id, principal, resources)?)
                }
                Part::When(field, values) => self.condition_of(field, values, id, resources, objects)?,
            });
        }
        Some(Alternative { all })
    }

    fn role(&mut self, role: &Text) -> Option<String> {
        let roles = &self.spec.auth.as_ref()?.roles;
        if roles.iter().any(|each| each.name.value == role.value) {
            return Some(role.value.clone());
        }
        let help = self.out.suggest(&role.value, roles.iter().map(|each| each.name.value.as_str()));
        let help = help.unwrap_or_else(|| format!("add it to `auth`: `roles: {{ {}: [] }}`", role.value));
        self.error(Code::UnknownName, role.span, format!("`auth` has no role `{}`", role.value), help);
        None
    }

    fn checked_scope(&mut self, scope: &Text) -> Option<String> {
        let is_scope = scope.value.split(':').all(casing::is_snake) && scope.value.contains(':');
        if !is_scope {
            let help = "a scope is the resource's plural and what may be done: `order_items:read`";
            self.error(Code::BadAccess, scope.span, format!("`{}` is not a scope", scope.value), help);
        }
        is_scope.then(|| scope.value.clone())
    }

    fn owner_of(&mut self, span: Span, id: ResourceId, resources: &[Resource]) -> Option<Path> {
        let resource = &resources[id.0];
        let typed = &self.spec.resources.given()?[id.0];
        if typed.owner.is_none() {
            let message = format!("`{}` has no `owner`", resource.names.pascal);
            let help = "add `owner: PATH` to the resource: relations that lead to the caller, or `self`";
            self.error(Code::BadAccess, span, message, help);
        }
        resource.policy.owner.clone()
    }

    fn condition_of(
        &mut self,
        name: &Text,
        values: &[spec::Node],
        id: ResourceId,
        resources: &[Resource],
        objects: &[Object],
    ) -> Option<Requirement> {
        let typed = &self.spec.resources.given()?[id.0];
        let index = self.stored_field(&name.value, name.span, typed, &resources[id.0])?;
        let ty = resources[id.0].fields[index].ty.clone();
        if matches!(ty, Type::Id(_)) || !is_comparable(&ty) || !resources[id.0].fields[index].is_stored() {
            let message = format!("`{}` can't be asked for a value", name.value);
            self.error(Code::KeyNotApplicable, name.span, message, "ask for a stored field with single values");
            return None;
        }
        let values: Vec<_> = values.iter().map(|value| self.literal(value, &ty, &Rules::default(), objects)).collect();
        Some(Requirement::When(index, values.into_iter().collect::<Option<_>>()?))
    }

    /// By position of the field, and of the relation that isn't a part of the row.
    fn part_policies(
        &mut self,
        typed: &spec::Resource,
        id: ResourceId,
        resources: &[Resource],
        objects: &[Object],
    ) -> (Positioned, Positioned) {
        let (mut policies, mut relations) = (Vec::new(), Vec::new());
        for field in typed.fields.given().into_iter().flatten() {
            let position = resources[id.0].fields.iter().position(|each| each.name == field.name.value);
            let policy = self.field_policy(&field.access, id, resources, objects);
            if let Some(position) = position {
                self.check_field_policy(&field.access, &resources[id.0].fields[position]);
                policies.push((position, policy));
            }
        }
        for relation in typed.relations.given().into_iter().flatten() {
            let policy = self.field_policy(&relation.access, id, resources, objects);
            let found = resources[id.0].relations.iter().position(|each| each.name == relation.name.value);
            let Some(position) = found else { continue };
            match resources[id.0].relations[position].kind {
                RelationKind::BelongsTo { field, .. } => policies.push((field, policy)),
                RelationKind::ManyToMany { .. } => relations.push((position, policy)),
                RelationKind::HasMany { .. } | RelationKind::HasOne { .. } => {
                    self.check_reading(&relation.access, &resources[id.0].relations[position]);
                    relations.push((position, policy));
                }
            }
        }
        (policies, relations)
    }

    fn check_reading(&mut self, access: &[spec::Access], relation: &model::Relation) {
        let write = access.iter().find(|access| access.key.value == "write" && !relation.nested);
        if let Some(access) = write {
            let message = format!("`access.write` has no meaning for `{}`", relation.name);
            let help = "its rows are written on the other side, which says who may";
            self.error(Code::KeyNotApplicable, access.key.span, message, help);
        }
    }

    fn field_policy(
        &mut self,
        access: &[spec::Access],
        id: ResourceId,
        resources: &[Resource],
        objects: &[Object],
    ) -> FieldPolicy {
        let mut of = |key: &str| {
            let access = access.iter().find(|access| access.key.value == key)?;
            let any: Vec<_> = access.any.iter().map(|each| self.alternative(each, id, resources, objects)).collect();
            any.into_iter().collect::<Option<Vec<_>>>().filter(|any| !any.iter().any(Alternative::is_public))
        };
        FieldPolicy { read: of("read"), write: of("write") }
    }

    fn check_field_policy(&mut self, access: &[spec::Access], field: &model::Field) {
        for access in access {
            let help = match access.key.value.as_str() {
                "read" if !field.readable() => "nobody reads it anyway; remove it",
                "write" if !field.creatable() => "callers don't set it anyway; remove it",
                _ => continue,
            };
            let message = format!("`access.{}` has no meaning for `{}`", access.key.value, field.name);
            self.error(Code::KeyNotApplicable, access.key.span, message, help);
        }
    }
}

/// Everything that can be done with a resource's rows, by the words of the language.
fn offered(resource: &Resource) -> Vec<String> {
    let operations = resource.operations;
    let words = [
        // Relations lead to rows also where the resource itself offers no reading.
        ("list", true),
        ("get", true),
        ("create", operations.create),
        ("update", operations.update),
        ("replace", operations.replace),
        ("delete", operations.delete),
        ("batch", resource.batch.is_some()),
        ("undelete", resource.soft_delete),
        ("watch", !resource.events.is_empty()),
    ];
    let words = words.into_iter().filter(|(_, offered)| *offered).map(|(word, _)| word.to_owned());
    words.chain(resource.actions.iter().map(|action| action.name.clone())).collect()
}

/// What holds for each operation of a resource: what was said for all of them, or what holds anyway.
pub(super) fn rules(resource: &Resource, said: &Alternatives) -> Vec<(String, Alternatives)> {
    let rule = |name: String| {
        let group = if READ.contains(&name.as_str()) { "read" } else { "write" };
        let any = if said.is_empty() { default_rule(resource, group) } else { said.clone() };
        (name, any)
    };
    offered(resource).into_iter().map(rule).collect()
}

fn default_rule(resource: &Resource, group: &str) -> Alternatives {
    let owner = resource.policy.owner.clone().map(|path| Alternative { all: vec![Requirement::Owner(path)] });
    let scope = Requirement::Scope(format!("{}:{group}", resource.names.snake_plural));
    owner.into_iter().chain([Alternative { all: vec![scope] }]).collect()
}

/// The place of a part, where the text stands without quotes.
fn part_of(text: &Text, from: usize, len: usize) -> Span {
    let plain = text.span.end - text.span.start == text.value.len();
    if plain { text.span.part(from, len) } else { text.span }
}
