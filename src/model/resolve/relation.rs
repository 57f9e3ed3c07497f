//! Relations: their targets, the ids that they add, and the way back.

use super::api::value;
use super::{Resolver, names};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{self, OnDelete, Origin, RelationKind, ResourceId, Rules, SetBy, Type};
use crate::names as casing;
use crate::spec::{self, RelationKey, Slot, Text};

impl Resolver<'_> {
    /// Adds the relation, and the id that a belongs_to brings with it.
    pub(super) fn relation(&mut self, owner: ResourceId, typed: &spec::Relation, resource: &mut model::Resource) {
        names::check_property(&typed.name, self.out);
        names::check_link(&typed.name, &self.spec.rest, self.out);
        let Some((key, name)) = self.target(typed) else { return };
        let (key, name) = (*key, name.clone());
        self.check_keys(typed, key);
        let Some(target) = self.scope.resource(&name, self.out) else { return };
        let kind = match key {
            RelationKey::BelongsTo => {
                let field = resource.fields.len();
                resource.fields.push(self.id_field(typed, target, resource.relations.len()));
                Some(RelationKind::BelongsTo { field, on_delete: self.on_delete(typed) })
            }
            RelationKey::HasMany => {
                self.inverse(owner, typed, target, key).map(|inverse| RelationKind::HasMany { inverse })
            }
            RelationKey::HasOne => {
                self.inverse(owner, typed, target, key).map(|inverse| RelationKind::HasOne { inverse })
            }
            RelationKey::ManyToMany => self.many_to_many(owner, typed, target),
        };
        let Some(kind) = kind else { return };
        resource.relations.push(model::Relation {
            name: typed.name.value.clone(),
            camel: casing::camel(&typed.name.value),
            description: value(&typed.description),
            deprecated: None,
            target,
            nested: self.nested(typed, key, resource.operations.create),
            access: model::FieldPolicy::default(),
            kind,
        });
    }

    fn nested(&mut self, typed: &spec::Relation, key: RelationKey, created: bool) -> bool {
        let Some(span) = typed.nested else { return false };
        if !matches!(key, RelationKey::HasMany | RelationKey::HasOne) {
            self.foreign_key("nested", span, key, "rows are created along with the one that they belong to");
        } else if !created {
            let help = "add `create` to the `operations`, or remove it";
            self.error(Code::KeyNotApplicable, span, "`nested` without the operation `create`", help);
        }
        true
    }

    fn target<'s>(&mut self, typed: &'s spec::Relation) -> Option<&'s (RelationKey, Text)> {
        if typed.target == Slot::Absent {
            let owner = format!("relation `{}`", typed.name.value);
            let help = "say what it leads to: `{ belongs_to: User }` or `{ has_many: Order, inverse: customer }`";
            self.missing(typed.name.span, "belongs_to", &owner, help);
        }
        typed.target.given()
    }

    /// Keys that mean nothing for this kind of relation.
    fn check_keys(&mut self, typed: &spec::Relation, key: RelationKey) {
        if let (Slot::Given(through), true) = (&typed.through, key != RelationKey::ManyToMany) {
            self.foreign_key("through", through.span, key, "only a `many_to_many` goes through another resource");
        }
        if key == RelationKey::BelongsTo {
            if let Slot::Given(inverse) = &typed.inverse {
                self.foreign_key("inverse", inverse.span, key, "the other side names this relation as its `inverse`");
            }
            return;
        }
        let on_delete = typed.on_delete.as_ref().map(|text| text.span);
        let keys = [
            ("create_only", typed.create_only),
            ("read_only", typed.read_only),
            ("unique", typed.unique),
            ("on_delete", on_delete),
            ("default", typed.default.as_ref().map(|text| text.span)),
        ];
        for (word, span) in keys {
            if let Some(span) = span {
                let help = match key {
                    RelationKey::ManyToMany => {
                        "only a `belongs_to` has it; a resource of your own may stand in between"
                    }
                    _ => "write it at the `belongs_to` on the other side",
                };
                self.foreign_key(word, span, key, help);
            }
        }
        if typed.optional {
            let help = "remove the `?`: there may always be none";
            self.foreign_key("?", typed.name.span, key, help);
        }
        if key != RelationKey::HasOne && casing::RESERVED_SEGMENTS.contains(&typed.name.value.as_str()) {
            names::reserved(&typed.name, "its path means something else; choose another name", self.out);
        }
    }

    fn foreign_key(&mut self, word: &str, span: Span, key: RelationKey, help: &str) {
        let message = format!("`{word}` has no meaning for a {}", key.word());
        self.error(Code::KeyNotApplicable, span, message, help);
    }

    fn id_field(&mut self, typed: &spec::Relation, target: ResourceId, relation: usize) -> model::Field {
        let name = format!("{}_id", typed.name.value);
        self.check_id_field(typed, &name);
        let set_by = match (typed.read_only, typed.create_only) {
            (Some(_), _) => SetBy::Server,
            (None, Some(_)) => SetBy::CallerOnCreate,
            (None, None) => SetBy::Caller,
        };
        model::Field {
            camel: casing::camel(&name),
            name,
            origin: Origin::Relation(relation),
            description: value(&typed.description),
            example: None,
            ty: Type::Id(target),
            required: !typed.optional,
            default: None,
            set_by,
            write_only: false,
            internal: false,
            unique: typed.unique.is_some(),
            index: true,
            filter: true,
            sort: false,
            sensitive: false,
            deprecated: None,
            rules: Rules::default(),
            aggregate: None,
            computed: false,
            access: model::FieldPolicy::default(),
            from_principal: self.is_from_principal(typed, target),
        }
    }

    fn check_id_field(&mut self, typed: &spec::Relation, name: &str) {
        if casing::RESERVED_FIELDS.contains(&name) {
            names::reserved(&typed.name, &format!("it would add `{name}`, which apigen uses itself"), self.out);
        }
        if let (Some(first), Some(second)) = (typed.read_only, typed.create_only) {
            self.out.push(
                Diagnostic::error(
                    Code::Contradiction,
                    first.max(second),
                    "a relation can't be both `read_only` and `create_only`",
                )
                .related(first.min(second), "the other one"),
            );
        }
    }

    /// `default: principal`: the caller's own id.
    fn is_from_principal(&mut self, typed: &spec::Relation, target: ResourceId) -> bool {
        let Some(text) = &typed.default else { return false };
        if text.value != "principal" {
            let message = format!("`{}` is not a default of a relation", text.value);
            self.error(Code::BadRule, text.span, message, "write `principal`, or remove it");
            return false;
        }
        let Some(auth) = &self.spec.auth else { return false };
        let principal = auth.principal.as_ref().map(|name| name.value.as_str());
        let Some(resources) = self.spec.resources.given() else { return false };
        let name = &resources[target.0].name.value;
        if principal != Some(name) {
            let message = format!("callers aren't rows of `{name}`");
            let help = format!("only a `belongs_to` the resource of `auth.principal` has it; is that `{name}`?");
            self.error(Code::BadAccess, text.span, message, help);
        }
        true
    }

    fn on_delete(&mut self, typed: &spec::Relation) -> OnDelete {
        let Some(text) = &typed.on_delete else { return OnDelete::Restrict };
        match text.value.as_str() {
            "restrict" => {}
            "cascade" => return OnDelete::Cascade,
            "set_null" => {
                if !typed.optional {
                    let help = format!("make it optional: `{}?`", typed.name.value);
                    let message = "`set_null` needs an optional relation";
                    self.error(Code::Contradiction, text.span, message, help);
                }
                return OnDelete::SetNull;
            }
            other => {
                let message = format!("`{other}` is not a value for `on_delete`");
                self.error(Code::BadRule, text.span, message, "write `restrict`, `cascade` or `set_null`");
            }
        }
        OnDelete::Restrict
    }

    /// The position, among the target's relations, of the belongs_to that leads back.
    fn inverse(
        &mut self,
        owner: ResourceId,
        typed: &spec::Relation,
        target: ResourceId,
        key: RelationKey,
    ) -> Option<usize> {
        let resources = self.spec.resources.given()?;
        let (here, there) = (&resources[owner.0], &resources[target.0]);
        let relations = match &there.relations {
            Slot::Given(relations) => relations.as_slice(),
            Slot::Absent => &[],
            Slot::Broken => return None,
        };
        if typed.inverse == Slot::Absent {
            self.report_no_inverse(typed, here, there, relations, key);
        }
        let name = typed.inverse.given()?;
        let Some(index) = self.scope.relation(target, &name.value) else {
            let message = format!("`{}` has no relation `{}`", there.name.value, name.value);
            let help = self.out.suggest(&name.value, relations.iter().map(|relation| relation.name.value.as_str()));
            let help = help.unwrap_or_else(|| way_back(here, there));
            self.error(Code::MissingInverse, name.span, message, help);
            return None;
        };
        self.check_inverse(here, name, &relations[index], key).then_some(index)
    }

    fn report_no_inverse(
        &mut self,
        typed: &spec::Relation,
        here: &spec::Resource,
        there: &spec::Resource,
        relations: &[spec::Relation],
        key: RelationKey,
    ) {
        let back = relations.iter().find(|relation| leads_to(relation, &here.name.value));
        let help = match back {
            Some(relation) => format!("write `inverse: {}`", relation.name.value),
            None => way_back(here, there),
        };
        let message = format!("{} `{}` has no `inverse`", key.word(), typed.name.value);
        self.error(Code::MissingInverse, typed.name.span, message, help);
    }

    fn check_inverse(
        &mut self,
        here: &spec::Resource,
        name: &Text,
        relation: &spec::Relation,
        key: RelationKey,
    ) -> bool {
        // A broken one was reported.
        let Some((other, to)) = relation.target.given() else { return false };
        if *other != RelationKey::BelongsTo || to.value != here.name.value {
            let message = format!("`{}` doesn't lead back to `{}`", name.value, here.name.value);
            self.out.push(
                Diagnostic::error(Code::InverseMismatch, name.span, message)
                    .related(to.span, format!("it is a {} of `{}`", other.word(), to.value))
                    .help(format!("an inverse is a `belongs_to: {}`", here.name.value)),
            );
            return false;
        }
        if key == RelationKey::HasOne && relation.unique.is_none() {
            let message = format!("`{}` may lead to many rows", name.value);
            self.out.push(
                Diagnostic::error(Code::InverseNotUnique, name.span, message)
                    .related(relation.name.span, "several rows may share it")
                    .help("add `unique: true` there, or write `has_many` here".to_owned()),
            );
        }
        true
    }
}

fn leads_to(relation: &spec::Relation, name: &str) -> bool {
    relation.target.given().is_some_and(|(key, to)| *key == RelationKey::BelongsTo && to.value == name)
}

fn way_back(here: &spec::Resource, there: &spec::Resource) -> String {
    let (name, owner) = (casing::snake(&here.name.value), &here.name.value);
    format!("add `{name}: {{ belongs_to: {owner} }}` to the relations of `{}`", there.name.value)
}
