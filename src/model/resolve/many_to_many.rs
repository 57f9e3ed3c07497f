//! Relations of many rows with many: each side names the other, and a table between them holds the pairs.

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{self, Join, RelationKind, ResourceId};
use crate::names as casing;
use crate::spec::{self, RelationKey, Slot, Text};

/// One side: its resource, and the position of the relation there.
type Side = (ResourceId, usize);

impl Resolver<'_> {
    pub(super) fn many_to_many(
        &mut self,
        owner: ResourceId,
        typed: &spec::Relation,
        target: ResourceId,
    ) -> Option<RelationKind> {
        let own = (owner, self.scope.relation(owner, &typed.name.value)?);
        let inverse = self.other_side(own, typed, target)?;
        let other = self.typed_relation((target, inverse))?;
        let join = match (&typed.through, &other.through) {
            (Slot::Broken, _) | (_, Slot::Broken) => return None,
            (Slot::Absent, Slot::Absent) => self.own_join(own, (target, inverse)),
            (Slot::Given(here), Slot::Given(there)) if here.value != there.value => {
                // Told once, at the later side.
                if own > (target, inverse) {
                    let message =
                        format!("one side goes through `{}`, the other through `{}`", there.value, here.value);
                    let there = there.span;
                    self.out.push(
                        Diagnostic::error(Code::InverseMismatch, here.span, message).related(there, "the other side"),
                    );
                }
                return None;
            }
            (Slot::Given(here), _) => self.join_through(here, own, target)?,
            (Slot::Absent, Slot::Given(there)) => {
                let through = self.scope.resource(there, &mut Default::default())?;
                let near = self.leading_to(through, owner).first().cloned()?;
                let far = self.leading_to(through, target).first().cloned()?;
                self.through(through, near, far, own < (target, inverse))
            }
        };
        Some(RelationKind::ManyToMany { inverse, join })
    }

    fn typed_relation(&self, (resource, relation): Side) -> Option<&spec::Relation> {
        self.spec.resources.given()?[resource.0].relations.given()?.get(relation)
    }

    /// Position of the relation of `target` that leads back: the one that is named, or the only one.
    fn other_side(&mut self, own: Side, typed: &spec::Relation, target: ResourceId) -> Option<usize> {
        let resources = self.spec.resources.given()?;
        let (here, there) = (&resources[own.0.0], &resources[target.0]);
        let relations = match &there.relations {
            Slot::Given(relations) => relations.as_slice(),
            Slot::Absent => &[],
            Slot::Broken => return None,
        };
        let back: Vec<usize> = (0..relations.len())
            .filter(|index| (target, *index) != own && leads_back(&relations[*index], &here.name.value))
            .collect();
        let way_back = format!(
            "add `{}: {{ many_to_many: {} }}` to the relations of `{}`",
            casing::snake(&casing::plural(&here.name.value)),
            here.name.value,
            there.name.value
        );
        match &typed.inverse {
            Slot::Broken => None,
            Slot::Given(name) => {
                let found = back.iter().copied().find(|index| relations[*index].name.value == name.value);
                match found {
                    Some(index) => self.agrees(name, typed, &relations[index]).then_some(index),
                    None => {
                        let known = back.iter().map(|index| relations[*index].name.value.as_str());
                        let help = self.out.suggest(&name.value, known).unwrap_or(way_back);
                        let message = format!(
                            "`{}` has no many_to_many `{}` that leads back to `{}`",
                            there.name.value, name.value, here.name.value
                        );
                        self.error(Code::MissingInverse, name.span, message, help);
                        None
                    }
                }
            }
            Slot::Absent => match back.as_slice() {
                [only] => {
                    let other = relations[*only].inverse.given();
                    other.is_none_or(|name| name.value == typed.name.value).then_some(*only)
                }
                [] => {
                    let message = format!("nothing leads back from `{}` to `{}`", there.name.value, here.name.value);
                    self.error(Code::MissingInverse, typed.name.span, message, way_back);
                    None
                }
                [first, ..] => {
                    let message = format!("many_to_many `{}` has no `inverse`", typed.name.value);
                    let help = format!("several lead back; name one: `inverse: {}`", relations[*first].name.value);
                    self.error(Code::MissingInverse, typed.name.span, message, help);
                    None
                }
            },
        }
    }

    /// Whether the other side, if it names its inverse, names this one.
    fn agrees(&mut self, name: &Text, typed: &spec::Relation, other: &spec::Relation) -> bool {
        match other.inverse.given() {
            Some(back) if back.value != typed.name.value => {
                let message = format!("`{}` is the inverse of `{}`", name.value, back.value);
                self.out.push(
                    Diagnostic::error(Code::InverseMismatch, name.span, message)
                        .related(back.span, "it says so here")
                        .help("the two sides of a many_to_many name each other".to_owned()),
                );
                false
            }
            _ => true,
        }
    }

    /// A table of two columns, named after the side that is declared first.
    fn own_join(&self, own: Side, other: Side) -> Join {
        let first = own < other;
        let side = if first { own } else { other };
        let name = |id: ResourceId| {
            let resources = self.spec.resources.given().map(Vec::as_slice).unwrap_or_default();
            casing::snake(&resources[id.0].name.value)
        };
        let relation = self.typed_relation(side).map(|relation| relation.name.value.as_str()).unwrap_or_default();
        let table = format!("{}_{relation}", name(side.0));
        let (mut near, mut far) = (format!("{}_id", name(own.0)), format!("{}_id", name(other.0)));
        if near == far {
            let second = if first { &mut far } else { &mut near };
            second.insert_str(0, "other_");
        }
        Join { table, near, far, through: None, first }
    }

    fn join_through(&mut self, name: &Text, own: Side, target: ResourceId) -> Option<Join> {
        let through = self.scope.resource(name, self.out)?;
        let (near, far) = (self.leading_to(through, own.0), self.leading_to(through, target));
        let resources = self.spec.resources.given()?;
        match (near.as_slice(), far.as_slice()) {
            ([near], [far]) if own.0 != target => {
                let (near, far) = (near.clone(), far.clone());
                Some(self.through(through, near, far, true))
            }
            _ => {
                let (here, there) = (&resources[own.0.0].name.value, &resources[target.0].name.value);
                let message =
                    format!("`{}` doesn't lead to `{here}` and `{there}` by one `belongs_to` each", name.value);
                let help = "a `has_many` to it says everything, too";
                self.error(Code::InverseMismatch, name.span, message, help);
                None
            }
        }
    }

    /// The columns of a resource that hold ids of another.
    fn leading_to(&self, from: ResourceId, to: ResourceId) -> Vec<String> {
        let Some(resources) = self.spec.resources.given() else { return Vec::new() };
        let to = &resources[to.0].name.value;
        let leads = |relation: &&spec::Relation| {
            relation.target.given().is_some_and(|(key, name)| *key == RelationKey::BelongsTo && name.value == *to)
        };
        let relations = resources[from.0].relations.given().into_iter().flatten();
        relations.filter(leads).map(|relation| format!("{}_id", relation.name.value)).collect()
    }

    fn through(&self, through: ResourceId, near: String, far: String, first: bool) -> Join {
        let resources = self.spec.resources.given().map(Vec::as_slice).unwrap_or_default();
        let typed = &resources[through.0];
        let plural = typed.plural.as_ref().map(|text| text.value.as_str());
        let table = casing::resource(&typed.name.value, plural, None).snake_plural;
        Join { table, near, far, through: Some(through), first }
    }

    /// The tables between must differ from all others.
    pub(super) fn check_joins(&mut self, typed: &[spec::Resource], resources: &[model::Resource]) {
        for (item, resource) in typed.iter().zip(resources) {
            for relation in &resource.relations {
                let RelationKind::ManyToMany { join: Join { table, through: None, first: true, .. }, .. } =
                    &relation.kind
                else {
                    continue;
                };
                let taken = typed.iter().zip(resources).find(|(_, other)| other.names.snake_plural == *table);
                let place = item.relations.given().into_iter().flatten().find(|each| each.name.value == relation.name);
                if let (Some((other, _)), Some(place)) = (taken, place) {
                    let message = format!("the table `{table}` is that of `{}`", other.name.value);
                    self.out.push(
                        Diagnostic::error(Code::NamesCollide, place.name.span, message)
                            .related(other.name.span, "this one")
                            .help(format!("go through it (`through: {}`), or rename the relation", other.name.value)),
                    );
                }
            }
        }
    }
}

fn leads_back(relation: &spec::Relation, name: &str) -> bool {
    relation.target.given().is_some_and(|(key, to)| *key == RelationKey::ManyToMany && to.value == name)
}
