//! Fields that other rows tell: what is counted or added up, and which rows count.

use super::Resolver;
use super::field::model_field;
use super::rules::MAX_PRECISION;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{self, Aggregate, Function, Literal, Object, RelationKind, Resource, Rules, SetBy, Type};
use crate::spec::{self, AggregateKey, Node, Slot, Text};

impl Resolver<'_> {
    /// A number, for now: which one is known once all resources are.
    pub(super) fn aggregate_field(&mut self, typed: &spec::Field) -> Option<model::Field> {
        let aggregate = typed.aggregate.given()?;
        self.check_aggregate_keys(typed, aggregate.key);
        let field = model_field(typed, Type::Int32, Rules::default());
        Some(model::Field { required: true, set_by: SetBy::Server, ..field })
    }

    fn check_aggregate_keys(&mut self, typed: &spec::Field, key: AggregateKey) {
        let flags = &typed.flags;
        let ty = typed.ty.given().map(|ty| ty.name().span);
        let rule = typed.rules.first().map(|rule| (rule.key.word(), Some(rule.span)));
        let keys = [
            ("type", ty),
            ("default", typed.default.as_ref().map(|node| node.span)),
            ("read_only", flags.read_only),
            ("write_only", flags.write_only),
            ("create_only", flags.create_only),
            ("internal", flags.internal),
            ("unique", flags.unique),
            ("index", flags.index),
            ("filter", flags.filter),
            ("sort", flags.sort),
            ("computed", flags.computed),
            ("scale", typed.scale.given().map(|text| text.span)),
            ("precision", typed.precision.as_ref().map(|text| text.span)),
        ];
        for (word, span) in keys.into_iter().chain(rule) {
            if let Some(span) = span {
                let message = format!("`{word}` has no meaning for a field with `{}`", key.word());
                let help = "it isn't stored, but found out from other rows whenever it is read";
                self.error(Code::KeyNotApplicable, span, message, help);
            }
        }
        if typed.optional {
            let message = format!("a field with `{}` can't be optional", key.word());
            self.error(Code::KeyNotApplicable, typed.name.span, message, "remove the `?`: without any rows it is 0");
        }
    }

    /// Completes the computed fields of all resources.
    pub(super) fn aggregates(&mut self, typed: &[spec::Resource], resources: &mut [Resource], objects: &[Object]) {
        for (index, item) in typed.iter().enumerate() {
            for field in item.fields.given().into_iter().flatten() {
                let Slot::Given(aggregate) = &field.aggregate else { continue };
                let resolved = self.aggregate(aggregate, item, &resources[index], typed, resources, objects);
                let fields = &mut resources[index].fields;
                let place = fields.iter_mut().find(|each| each.name == field.name.value);
                if let (Some(place), Some((aggregate, ty))) = (place, resolved) {
                    place.aggregate = Some(aggregate);
                    place.ty = ty;
                }
            }
        }
    }

    fn aggregate(
        &mut self,
        typed: &spec::Aggregate,
        item: &spec::Resource,
        resource: &Resource,
        all: &[spec::Resource],
        resources: &[Resource],
        objects: &[Object],
    ) -> Option<(Aggregate, Type)> {
        let (name, summed) = match (typed.key, typed.of.value.split_once('.')) {
            (AggregateKey::Count, None) => (typed.of.value.as_str(), None),
            (AggregateKey::Sum, Some((name, field))) => (name, Some(field)),
            (key, _) => {
                let (example, what) = match key {
                    AggregateKey::Count => ("count: items", "a relation"),
                    AggregateKey::Sum => ("sum: items.amount", "a relation and a field"),
                };
                let message = format!("`{}` isn't {what}", typed.of.value);
                self.error(Code::BadRule, typed.of.span, message, format!("write `{example}`"));
                return None;
            }
        };
        let relation = self.aggregated(name, &typed.of, item, resource)?;
        let target = resource.relations[relation].target;
        let (there, fields) = (&all[target.0], &resources[target.0]);
        let summed = match summed {
            None => None,
            Some(name) => Some(self.summed(name, &typed.of, there, fields)?),
        };
        let conditions =
            typed.conditions.iter().map(|(field, value)| self.condition(field, value, there, fields, objects));
        // All of them are looked at before any is given up.
        let conditions: Vec<Option<_>> = conditions.collect();
        let conditions = conditions.into_iter().collect::<Option<Vec<_>>>()?;
        let (function, ty) = match summed {
            None => (Function::Count, Type::Int32),
            Some(index) => (Function::Sum(index), sum_type(&fields.fields[index].ty)?),
        };
        Some((Aggregate { function, relation, conditions }, ty))
    }

    fn aggregated(&mut self, name: &str, of: &Text, item: &spec::Resource, resource: &Resource) -> Option<usize> {
        let Some(index) = resource.relations.iter().position(|relation| relation.name == name) else {
            let declared = item.relations.given().into_iter().flatten();
            // One that couldn't be resolved was reported.
            if item.relations != Slot::Broken && declared.clone().all(|relation| relation.name.value != name) {
                let help = self.out.suggest(name, declared.map(|relation| relation.name.value.as_str()));
                let message = format!("`{}` has no relation `{name}`", item.name.value);
                self.out.push(Diagnostic::error(Code::UnknownName, of.span, message).help(help));
            }
            return None;
        };
        if matches!(resource.relations[index].kind, RelationKind::HasMany { .. } | RelationKind::ManyToMany { .. }) {
            return Some(index);
        }
        let help = "name a `has_many` or a `many_to_many`";
        self.error(Code::KeyNotApplicable, of.span, format!("`{name}` leads to one row at most"), help);
        None
    }

    fn summed(&mut self, name: &str, of: &Text, there: &spec::Resource, target: &Resource) -> Option<usize> {
        let index = self.field_there(name, of, there, target)?;
        let field = &target.fields[index];
        if sum_type(&field.ty).is_none() || !is_stored(there, name) {
            let message = format!("`{name}` can't be added up");
            let help = "only stored numbers and durations can";
            self.error(Code::KeyNotApplicable, of.span, message, help);
            return None;
        }
        Some(index)
    }

    fn condition(
        &mut self,
        name: &Text,
        value: &Node,
        there: &spec::Resource,
        target: &Resource,
        objects: &[Object],
    ) -> Option<(usize, Literal)> {
        let index = self.field_there(&name.value, name, there, target)?;
        let ty = target.fields[index].ty.clone();
        if ty.operators().is_empty() || matches!(ty, Type::Id(_) | Type::Bytes) || !is_stored(there, &name.value) {
            let message = format!("`{}` can't be asked for a value", name.value);
            self.error(Code::KeyNotApplicable, name.span, message, "ask for a stored field with single values");
            return None;
        }
        Some((index, self.literal(value, &ty, &Rules::default(), objects)?))
    }

    /// A field of the rows that count, which callers may know.
    fn field_there(&mut self, name: &str, place: &Text, there: &spec::Resource, target: &Resource) -> Option<usize> {
        match target.fields.iter().position(|field| field.name == name) {
            Some(index) if target.fields[index].readable() => Some(index),
            Some(_) => {
                let help = "clients could find out its value; leave it out";
                self.error(Code::Contradiction, place.span, format!("`{name}` is hidden"), help);
                None
            }
            None => {
                let declared = there.fields.given().into_iter().flatten().any(|field| field.name.value == name);
                if !declared && there.fields != Slot::Broken {
                    let known = target.fields.iter().filter(|field| field.readable());
                    let help = self.out.suggest(name, known.map(|field| field.name.as_str()));
                    let message = format!("`{}` has no field `{name}`", there.name.value);
                    self.out.push(Diagnostic::error(Code::UnknownName, place.span, message).help(help));
                }
                None
            }
        }
    }
}

/// What isn't declared among the fields, like an id, is.
pub(super) fn is_stored(resource: &spec::Resource, name: &str) -> bool {
    let mut fields = resource.fields.given().into_iter().flatten();
    fields.all(|field| field.name.value != name || field.is_stored())
}

/// A sum has more digits than what it adds up: whole ones 64 bits, decimals all that there are. `None`: there is no sum.
fn sum_type(ty: &Type) -> Option<Type> {
    match ty {
        Type::Int32 | Type::Int64 => Some(Type::Int64),
        Type::Decimal { scale, .. } => Some(Type::Decimal { precision: MAX_PRECISION, scale: *scale }),
        Type::Float64 | Type::Duration => Some(ty.clone()),
        _ => None,
    }
}
