//! Resources: ids, operations and lists.

use std::collections::HashMap;

use rayon::prelude::*;

use super::api::value;
use super::{Resolver, names};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{
    self, FieldPolicy, Id, List, Object, Operations, Origin, Policy, Require, ResourceId, ResourceNames, Rules, SetBy,
    Sort, Type,
};
use crate::names as casing;
use crate::spec::{self, Slot, Text};

const PAGE_SIZE: u32 = 50;
const MAX_PAGE_SIZE: u32 = 1000;

/// TypeID, version 0.3: a prefix has at most this many characters.
const PREFIX_LENGTH: usize = 63;

pub(super) const OPERATIONS: [&str; 6] = ["list", "get", "create", "update", "replace", "delete"];

impl Resolver<'_> {
    pub(super) fn resources(&mut self, objects: &[Object]) -> Vec<model::Resource> {
        let spec = self.spec;
        match &spec.resources {
            Slot::Absent => {
                self.missing(spec.start, "resources", "the spec", "write `resources: { Product: { fields: … } }`");
            }
            Slot::Given(resources) if resources.is_empty() => {
                self.error(Code::Empty, spec.start, "the spec has no resources", "add one under `resources:`");
            }
            _ => {}
        }
        let typed = spec.resources.given().map(Vec::as_slice).unwrap_or_default();
        let names =
            |typed: &spec::Resource| casing::resource(&typed.name.value, text(&typed.plural), text(&typed.path));
        let names: Vec<_> = typed.par_iter().map(names).collect();
        let ids = (0..).map(ResourceId);
        let mut resources: Vec<_> = typed
            .iter()
            .zip(ids.zip(names))
            .map(|(typed, (id, names))| self.resource(id, names, typed, objects))
            .collect();
        self.aggregates(typed, &mut resources, objects);
        self.policies(&mut resources, objects);
        self.check_prefixes(typed);
        self.check_cascades(typed, &resources);
        self.check_joins(typed, &resources);
        self.check_events(typed, &resources);
        self.check_collisions(typed, &resources);
        resources
    }

    fn resource(
        &mut self,
        id: ResourceId,
        names: ResourceNames,
        typed: &spec::Resource,
        objects: &[Object],
    ) -> model::Resource {
        self.check_not_empty(typed);
        self.check_own_names(typed);
        let fields = typed.fields.given().map(Vec::as_slice).unwrap_or_default();
        let relations = typed.relations.given().map(Vec::as_slice).unwrap_or_default();
        let actions = typed.actions.given().map(Vec::as_slice).unwrap_or_default();
        self.check_properties(fields, relations, actions);
        let kind = self.id(typed);
        let mut resource = model::Resource {
            names,
            description: value(&typed.description),
            deprecated: None,
            deprecated_operations: Vec::new(),
            fields: vec![id_field(id, &kind)],
            id: kind,
            relations: Vec::with_capacity(relations.len()),
            operations: self.operations(typed),
            list: List {
                sort: Vec::new(),
                page_size: PAGE_SIZE,
                max_page_size: MAX_PAGE_SIZE,
                total: false,
                offset: false,
            },
            actions: Vec::new(),
            events: Vec::new(),
            errors: self.error_list(&typed.errors),
            unique: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            search: Vec::new(),
            soft_delete: self.soft_delete(typed),
            batch: None,
            require: Require::default(),
            policy: Policy::default(),
            limit: typed.limit.as_ref().and_then(|text| self.rate(text)),
        };
        for field in fields {
            resource.fields.extend(self.resource_field(field));
        }
        self.literals(typed.fields.given(), &mut resource.fields[1..], objects);
        for relation in relations {
            self.relation(id, relation, &mut resource);
        }
        if typed.timestamps != Some(false) {
            resource.fields.extend([timestamp("created_at"), timestamp("updated_at")]);
        }
        self.list(typed, &mut resource);
        self.indexes(typed, &mut resource);
        resource.checks = self.checks(typed, &resource, objects);
        self.property_deprecations(fields, relations, &mut resource);
        resource.actions = self.actions(id, actions, &resource, objects);
        resource.events = self.events(typed, &resource);
        self.resource_deprecations(typed, &mut resource);
        resource.search = self.search(typed, &resource);
        resource.batch = self.batch(typed, &resource);
        resource.require = self.require(typed, &resource);
        resource
    }

    fn check_not_empty(&mut self, typed: &spec::Resource) {
        let no_fields = match &typed.fields {
            Slot::Absent => true,
            Slot::Given(fields) => fields.is_empty(),
            Slot::Broken => false,
        };
        let no_relations = match &typed.relations {
            Slot::Absent => true,
            Slot::Given(relations) => relations.is_empty(),
            Slot::Broken => false,
        };
        if no_fields && no_relations {
            let message = format!("resource `{}` has no fields", typed.name.value);
            self.error(Code::Empty, typed.name.span, message, "write `fields: { name: string }`");
        }
    }

    fn check_own_names(&mut self, typed: &spec::Resource) {
        if let Some(plural) = &typed.plural {
            names::check_type_name(plural, self.out);
        }
        if let Some(path) = &typed.path
            && !casing::is_kebab(&path.value)
        {
            let message = format!("`{}` is not kebab-case", path.value);
            let better = casing::kebab(&path.value);
            self.error(Code::NameCase, path.span, message, format!("a path is one segment in words: `{better}`"));
        }
    }

    fn id(&mut self, typed: &spec::Resource) -> Id {
        let Some(id) = typed.id.given() else { return Id::Uuid };
        if let (Some(prefix), Some(ty)) = (&id.prefix, &id.ty) {
            let message = "an id has either a `prefix` or a `type`";
            self.out.push(
                Diagnostic::error(Code::Contradiction, prefix.span.max(ty.span), message)
                    .related(prefix.span.min(ty.span), "the other one")
                    .help("`{ prefix: usr }` is a type of its own".to_owned()),
            );
            return Id::Uuid;
        }
        let kind = match (&id.prefix, &id.ty) {
            (Some(prefix), _) => Id::Prefixed(self.prefix(prefix)),
            (None, Some(ty)) => self.id_type(ty, id),
            (None, None) => {
                self.missing(id.span, "prefix", "`id`", "write `{ prefix: usr }` or `{ type: int64 }`");
                Id::Uuid
            }
        };
        if let (Some(pattern), false) = (&id.pattern, matches!(kind, Id::Text { .. })) {
            let help = "only an id that the client chooses has one: `{ type: string, pattern: … }`";
            self.error(Code::KeyNotApplicable, pattern.span, "`pattern` has no meaning for this id", help);
        }
        kind
    }

    fn id_type(&mut self, ty: &Text, id: &spec::Id) -> Id {
        match ty.value.as_str() {
            "uuid" => Id::Uuid,
            "int64" => Id::Int64,
            "string" => {
                if let Some(pattern) = &id.pattern {
                    self.check_pattern(pattern);
                }
                Id::Text { pattern: id.pattern.as_ref().map(|pattern| pattern.value.clone()) }
            }
            other => {
                let message = format!("an id can't be of type `{other}`");
                let help = "write `{ prefix: usr }`, or one of the types `uuid`, `int64`, `string`";
                self.error(Code::UnknownType, ty.span, message, help);
                Id::Uuid
            }
        }
    }

    fn prefix(&mut self, prefix: &Text) -> String {
        let text = &prefix.value;
        let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if text.is_empty() || !letters || text.starts_with('_') || text.ends_with('_') || text.len() > PREFIX_LENGTH {
            let message = format!("`{text}` is not an id prefix");
            let help = "use up to 63 lower-case letters, with underscores only between them: `usr`";
            self.error(Code::BadPrefix, prefix.span, message, help);
        }
        text.clone()
    }

    fn check_prefixes(&mut self, resources: &[spec::Resource]) {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for prefix in resources.iter().filter_map(|resource| resource.id.given()?.prefix.as_ref()) {
            if let Some(first) = seen.insert(&prefix.value, prefix.span) {
                self.out.push(
                    Diagnostic::error(
                        Code::PrefixTaken,
                        prefix.span,
                        format!("the prefix `{}` is taken", prefix.value),
                    )
                    .related(first, "first used here")
                    .help("an id must tell which resource it belongs to".to_owned()),
                );
            }
        }
    }

    fn operations(&mut self, typed: &spec::Resource) -> Operations {
        let Some(typed) = &typed.operations else {
            return Operations::DEFAULT;
        };
        let words = &typed.words;
        if words.is_empty() {
            let help = "name at least one, or remove the key to have all of them";
            self.error(Code::Empty, typed.span, "no operations", help);
        }
        let mut operations = Operations::default();
        for (index, word) in words.iter().map(|word| &word.name).enumerate() {
            let mut before = words[..index].iter().take(OPERATIONS.len()).map(|word| &word.name);
            if let Some(first) = before.find(|first| first.value == word.value) {
                self.repeated(word, first.span);
                continue;
            }
            match word.value.as_str() {
                "list" => operations.list = true,
                "get" => operations.get = true,
                "create" => operations.create = true,
                "update" => operations.update = true,
                "replace" => operations.replace = true,
                "delete" => operations.delete = true,
                _ => self.unknown_operation(word),
            }
        }
        if let (Some(word), false) =
            (words.iter().map(|word| &word.name).find(|word| word.value == "replace"), operations.update)
        {
            let help = "add `update`: in GraphQL and gRPC, a replacement is an update of every field";
            self.error(Code::Contradiction, word.span, "`replace` needs `update`", help);
        }
        operations
    }

    pub(super) fn repeated(&mut self, word: &Text, first: Span) {
        let message = format!("`{}` is written twice", word.value);
        self.out.push(
            Diagnostic::error(Code::Duplicate, word.span, message).label("again here").related(first, "first here"),
        );
    }

    fn unknown_operation(&mut self, word: &Text) {
        let help = self.out.suggest(&word.value, OPERATIONS);
        let help = help.unwrap_or_else(|| format!("there are: {}", OPERATIONS.join(", ")));
        self.error(Code::UnknownOperation, word.span, format!("unknown operation `{}`", word.value), help);
    }

    fn list(&mut self, typed: &spec::Resource, resource: &mut model::Resource) {
        let Some(list) = &typed.list else { return };
        if !resource.operations.list {
            let help = "add `list` to the `operations`, or remove this";
            self.error(Code::KeyNotApplicable, list.span, "`list` has no meaning without the operation", help);
        }
        let page_size = list.page_size.as_ref().and_then(|text| self.page_size(text));
        let max_page_size = list.max_page_size.as_ref().and_then(|text| self.page_size(text));
        if let (Some(size), Some(most)) = (page_size, max_page_size)
            && size > most
        {
            self.pages_too_large(list, size, most);
        }
        let most = max_page_size.unwrap_or(MAX_PAGE_SIZE.max(page_size.unwrap_or(0)));
        resource.list = List {
            sort: self.sort(list, typed, resource),
            page_size: page_size.unwrap_or(PAGE_SIZE.min(most)),
            max_page_size: most,
            total: list.total.is_some(),
            offset: list.offset.is_some(),
        };
    }

    fn pages_too_large(&mut self, list: &spec::List, size: u32, most: u32) {
        let span = list.page_size.as_ref().map_or(list.span, |text| text.span);
        let message = format!("`page_size: {size}` is more than `max_page_size: {most}`");
        self.error(Code::ImpossibleRange, span, message, "raise the one or lower the other");
    }

    fn page_size(&mut self, text: &Text) -> Option<u32> {
        let size = text.value.parse::<i32>().ok().and_then(|size| u32::try_from(size).ok()).filter(|size| *size > 0);
        if size.is_none() {
            let message = format!("`{}` is not a number of rows", text.value);
            self.error(Code::BadRule, text.span, message, format!("write a whole number from 1 to {}", i32::MAX));
        }
        size
    }

    fn sort(&mut self, list: &spec::List, typed: &spec::Resource, resource: &model::Resource) -> Vec<Sort> {
        let mut sort: Vec<Sort> = Vec::new();
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for text in &list.sort {
            let (name, descending) = match text.value.strip_prefix('-') {
                Some(name) => (name, true),
                None => (text.value.as_str(), false),
            };
            if let Some(first) = seen.insert(name, text.span) {
                self.repeated(text, first);
            } else if let Some(field) = self.sort_field(name, text.span, typed, resource) {
                sort.push(Sort { field, descending });
            }
        }
        // Every list ends with the id in any case.
        if sort.last() == Some(&Sort { field: 0, descending: false }) {
            sort.pop();
        }
        sort
    }

    fn sort_field(
        &mut self,
        name: &str,
        span: Span,
        typed: &spec::Resource,
        resource: &model::Resource,
    ) -> Option<usize> {
        if let Some(index) = resource.fields.iter().position(|field| field.name == name) {
            if !self.is_stored_field(name, span, typed) {
                return None;
            }
            if !resource.fields[index].sort {
                let help = format!("add `sort: true` to the field `{name}`");
                self.error(Code::BadSort, span, format!("lists can't be sorted by `{name}`"), help);
            }
            return Some(index);
        }
        let declared = typed.fields.given();
        // A field that couldn't be resolved was reported, and so was a mapping that isn't one.
        let known =
            typed.fields == Slot::Broken || declared.into_iter().flatten().any(|field| field.name.value == name);
        if !known {
            let sortable = resource.fields.iter().filter(|field| field.sort).map(|field| field.name.as_str());
            let help = self.out.suggest(name, sortable);
            let message = format!("`{}` has no field `{name}`", typed.name.value);
            self.out.push(Diagnostic::error(Code::BadSort, span, message).help(help));
        }
        None
    }
}

fn text(text: &Option<Text>) -> Option<&str> {
    text.as_ref().map(|text| text.value.as_str())
}

fn id_field(id: ResourceId, kind: &Id) -> model::Field {
    let (set_by, pattern) = match kind {
        Id::Text { pattern } => (SetBy::CallerOnCreate, pattern.clone()),
        Id::Prefixed(_) | Id::Uuid | Id::Int64 => (SetBy::Server, None),
    };
    let rules = Rules { pattern, ..Rules::default() };
    implied("id", Origin::Id, Type::Id(id), set_by, rules)
}

fn timestamp(name: &str) -> model::Field {
    implied(name, Origin::Timestamp, Type::Timestamp, SetBy::Server, Rules::default())
}

/// A field that every resource has: clients may filter and sort by it.
fn implied(name: &str, origin: Origin, ty: Type, set_by: SetBy, rules: Rules) -> model::Field {
    model::Field {
        name: name.to_owned(),
        camel: casing::camel(name),
        origin,
        description: None,
        example: None,
        ty,
        required: true,
        default: None,
        set_by,
        write_only: false,
        internal: false,
        unique: false,
        index: false,
        filter: true,
        sort: true,
        sensitive: false,
        deprecated: None,
        rules,
        aggregate: None,
        computed: false,
        access: FieldPolicy::default(),
        from_principal: false,
    }
}
