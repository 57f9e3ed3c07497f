//! Names that are different in the spec and the same in some contract.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model;
use crate::names;
use crate::spec::{self, RelationKey, Text};

/// Names that collide, reported once however many things they have in common.
type Pairs = HashSet<(Span, Span)>;

impl Resolver<'_> {
    /// Fields, relations, the ids of relations and actions share one namespace.
    pub(super) fn check_properties(
        &mut self,
        fields: &[spec::Field],
        relations: &[spec::Relation],
        actions: &[spec::Action],
    ) {
        let mut seen: HashMap<String, (&Text, String)> = HashMap::new();
        let fields = fields.iter().map(|field| (&field.name, field.name.value.clone()));
        let named = relations.iter().map(|relation| (&relation.name, relation.name.value.clone()));
        let ids = relations.iter().filter(|relation| is_belongs_to(relation));
        let ids = ids.map(|relation| (&relation.name, format!("{}_id", relation.name.value)));
        let actions = actions.iter().map(|action| (&action.name, action.name.value.clone()));
        for (typed, name) in fields.chain(named).chain(ids).chain(actions) {
            let camel = names::camel(&name);
            match seen.get(&camel) {
                Some((earlier, other)) => self.report_property(typed, &name, earlier, other, &camel),
                None => {
                    seen.insert(camel, (typed, name));
                }
            }
        }
    }

    fn report_property(&mut self, typed: &Text, name: &str, earlier: &Text, other: &str, camel: &str) {
        let (code, message) = if name != typed.value && name == other {
            (Code::NamesCollide, format!("relation `{}` adds `{name}`, which is there already", typed.value))
        } else if name == other {
            (Code::Duplicate, format!("`{name}` is written twice"))
        } else {
            (Code::NamesCollide, format!("`{other}` and `{name}` are the same name: `{camel}` in GraphQL"))
        };
        self.out.push(
            Diagnostic::error(code, typed.span, message)
                .related(earlier.span, "the other one")
                .help("fields, relations and actions share their names; rename one of them".to_owned()),
        );
    }

    pub(super) fn check_collisions(&mut self, typed: &[spec::Resource], resources: &[model::Resource]) {
        let mut reported = self.check_namespaces(typed, resources);
        self.check_derived(typed, resources, &mut reported);
        typed.iter().zip(resources).for_each(|(typed, resource)| self.check_hooks(typed, resource));
    }

    /// Hooks that must be written, which have the names of fields and actions, against those around actions.
    fn check_hooks(&mut self, typed: &spec::Resource, resource: &model::Resource) {
        let fields = resource.fields.iter().filter(|field| field.computed || field.by_hook()).map(|field| &field.name);
        let actions = resource.actions.iter().filter(|action| action.is_by_hook()).map(|action| &action.name);
        let needed: HashSet<&String> = fields.chain(actions).collect();
        let fields = || typed.fields.given().into_iter().flatten().map(|field| &field.name);
        let actions = || typed.actions.given().into_iter().flatten().map(|action| &action.name);
        for name in fields().chain(actions()).filter(|name| needed.contains(&name.value)) {
            if let Some(action) = actions().find(|action| is_around(&name.value, &action.value)) {
                self.report_hook(name, action);
            }
        }
    }

    fn report_hook(&mut self, name: &Text, action: &Text) {
        let message = format!("`{}` needs a hook of the name that one around `{}` has", name.value, action.value);
        self.out.push(
            Diagnostic::error(Code::NamesCollide, name.span, message)
                .related(action.span, "the other one")
                .help("rename one of them".to_owned()),
        );
    }

    /// The first key that asks for operations.
    fn long_running(&self) -> Option<Text> {
        let resources = self.spec.resources.given().into_iter().flatten();
        let mut actions = resources.flat_map(|resource| resource.actions.given().into_iter().flatten());
        let span = actions.find_map(|action| action.long_running)?;
        Some(Text { value: "long_running".to_owned(), span })
    }

    /// Types that contracts make of a name, against all others.
    fn check_derived(&mut self, typed: &[spec::Resource], resources: &[model::Resource], reported: &mut Pairs) {
        let spec = self.spec;
        let started = self.long_running();
        let of_resources: Vec<_> = resources.par_iter().map(derived).collect();
        let mut taken: HashMap<String, &Text> = HashMap::new();
        let enums = spec.enums.iter().map(|item| &item.name);
        let objects = spec.objects.iter().map(|item| &item.name);
        for name in enums.clone().chain(objects.clone()).chain(typed.iter().map(|item| &item.name)) {
            taken.entry(name.value.clone()).or_insert(name);
        }
        let derived = enums
            .map(|name| (name, names::derived_from_enum(&name.value)))
            .chain(objects.map(|name| (name, names::derived_from_object(&name.value))))
            .chain(typed.iter().map(|item| &item.name).zip(of_resources));
        let login = spec.auth.as_ref().and_then(|auth| auth.login.as_ref());
        let login = login.map(|login| Text { value: "auth.login".to_owned(), span: login.span });
        let tokens = login.iter().map(|login| (login, model::login::TYPES.map(str::to_owned).to_vec()));
        let started = started.iter().map(|key| (key, model::long_running::TYPES.map(str::to_owned).to_vec()));
        for (owner, names) in derived.chain(tokens).chain(started) {
            for name in names {
                match taken.get(&name) {
                    Some(other) if other.value != owner.value => {
                        if reported.insert((owner.span, other.span)) {
                            self.report_derived(owner, other, &name);
                        }
                    }
                    Some(_) => {}
                    None => {
                        taken.insert(name, owner);
                    }
                }
            }
        }
    }

    fn report_derived(&mut self, owner: &Text, other: &Text, name: &str) {
        let (first, second) = if owner.span < other.span { (owner, other) } else { (other, owner) };
        let message = format!("`{}` and `{}` both need the type name `{name}`", first.value, second.value);
        self.out.push(
            Diagnostic::error(Code::NamesCollide, second.span, message)
                .related(first.span, "the other one")
                .help("rename one of them".to_owned()),
        );
    }

    /// Tables, paths, and the fields of GraphQL's `Query`.
    fn check_namespaces(&mut self, typed: &[spec::Resource], resources: &[model::Resource]) -> Pairs {
        let mut reported = Pairs::new();
        let mut tables = HashMap::new();
        let mut paths = HashMap::new();
        let mut queries = HashMap::new();
        let login = self.spec.auth.as_ref().and_then(|auth| auth.login.as_ref());
        let login = login.map(|login| Text { value: "auth.login".to_owned(), span: login.span });
        paths.extend(login.as_ref().map(|login| ("auth".to_owned(), login)));
        let started = self.long_running();
        paths.extend(started.as_ref().map(|key| (model::long_running::SEGMENT.to_owned(), key)));
        for (item, resource) in typed.iter().zip(resources) {
            let names = &resource.names;
            self.check_plural(item, names);
            let clash = queries.insert(names.camel_plural.clone(), &item.name);
            let same = queries.insert(names.camel.clone(), &item.name).filter(|other| other.value != item.name.value);
            let table = tables.insert(names.snake_plural.clone(), &item.name);
            let path = paths.insert(names.path.clone(), &item.name);
            let first = table
                .map(|other| (other, format!("`{}` is the plural of both", names.pascal_plural)))
                .or_else(|| Some((path?, format!("`/{}` is the path of both", names.path))))
                .or_else(|| Some((clash.or(same)?, "one's plural is the other's singular".to_owned())));
            if let Some((other, reason)) = first {
                self.report_namespace(&item.name, other, &reason);
                reported.insert((item.name.span, other.span));
            }
        }
        reported
    }

    fn check_plural(&mut self, item: &spec::Resource, names: &model::ResourceNames) {
        if names.pascal == names.pascal_plural {
            let place = item.plural.as_ref().unwrap_or(&item.name);
            let message = format!("`{}` is its own plural", names.pascal);
            let help = format!("lists need another name than single rows: `plural: {}List`", names.pascal);
            self.error(Code::NamesCollide, place.span, message, help);
        }
    }

    fn report_namespace(&mut self, name: &Text, other: &Text, reason: &str) {
        let message = format!("`{}` and `{}` collide: {reason}", other.value, name.value);
        self.out.push(
            Diagnostic::error(Code::NamesCollide, name.span, message)
                .related(other.span, "the other one")
                .help("give one of them its own `plural` or `path`".to_owned()),
        );
    }
}

/// The types of a resource and of what it can do.
pub(super) fn derived(resource: &model::Resource) -> Vec<String> {
    let mut derived = names::derived_from_resource(&resource.names);
    if resource.batch.is_some() {
        derived.extend(names::derived_from_batch(&resource.names));
    }
    if !resource.events.is_empty() {
        derived.extend(names::derived_from_events(&resource.names));
    }
    for relation in resource.nested() {
        derived.extend(names::derived_from_nested(&resource.names.pascal, &relation.name));
    }
    derived
        .extend(resource.actions.iter().flat_map(|action| names::derived_from_action(&action.method(&resource.names))));
    for relation in &resource.relations {
        if matches!(relation.kind, model::RelationKind::ManyToMany { .. }) {
            derived.extend(names::derived_from_links(&resource.names.pascal, &relation.name));
        }
    }
    derived
}

/// Whether a hook around an action has this name: `in_transit`, that of `transit`.
fn is_around(name: &str, action: &str) -> bool {
    let phase = name.strip_suffix(action).and_then(|phase| phase.strip_suffix('_'));
    phase.is_some_and(|phase| ["before", "in", "after"].contains(&phase))
}

fn is_belongs_to(relation: &spec::Relation) -> bool {
    relation.target.given().is_some_and(|(key, _)| *key == RelationKey::BelongsTo)
}
