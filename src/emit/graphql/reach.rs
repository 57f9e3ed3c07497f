//! What the schema needs beside the model's own types: custom scalars, filters, entries of maps.

use std::borrow::Cow;

use indexmap::{IndexMap, IndexSet};

use super::{shared, types};
use crate::model::{
    Model, Resource, Returns, Type,
    reach::{self, Direction},
};

pub struct Reach<'m> {
    /// Enums and value types.
    pub model: reach::Reach,
    /// By position of the resource: whether it has a connection.
    pub listed: Vec<bool>,
    pub scalars: IndexSet<&'static str>,
    /// Types of filtered fields, by name.
    pub filters: IndexMap<Cow<'m, str>, &'m Type>,
    /// Types of the values of maps, by name.
    pub entries: IndexMap<Cow<'m, str>, &'m Type>,
    pub input_entries: IndexMap<Cow<'m, str>, &'m Type>,
}

impl<'m> Reach<'m> {
    pub fn of(model: &'m Model) -> Reach<'m> {
        let mut reach = Reach {
            model: reach::Reach::of(model),
            listed: model.listed(),
            scalars: IndexSet::new(),
            filters: IndexMap::new(),
            entries: IndexMap::new(),
            input_entries: IndexMap::new(),
        };
        for (index, resource) in model.resources.iter().enumerate() {
            reach.resource(model, index, resource);
        }
        for direction in [Direction::Out, Direction::In] {
            let objects: Vec<_> = reach.model.objects(direction).collect();
            let fields = objects.into_iter().flat_map(|id| &model.object(id).fields);
            fields.filter(|field| field.goes(direction)).for_each(|field| reach.leaf(model, &field.ty, direction));
        }
        reach
    }

    fn resource(&mut self, model: &'m Model, index: usize, resource: &'m Resource) {
        for field in &resource.fields {
            if field.readable() {
                self.leaf(model, &field.ty, Direction::Out);
            }
            if resource.takes(field) {
                self.leaf(model, &field.ty, Direction::In);
            }
            if self.listed[index] && field.filterable() {
                self.filters.insert(types::single(model, &field.ty, ""), &field.ty);
            }
        }
        if !resource.events.is_empty() {
            self.leaf(model, &Type::Timestamp, Direction::Out);
        }
        if resource.long_running().next().is_some() {
            self.leaf(model, &Type::Timestamp, Direction::Out);
        }
        for action in &resource.actions {
            action.input.iter().for_each(|input| self.leaf(model, &input.ty, Direction::In));
            if let Returns::Value(ty) = &action.returns {
                self.leaf(model, ty, Direction::Out);
            }
        }
        for field in resource.nested().flat_map(|relation| model.nested_fields(relation)) {
            self.leaf(model, &field.ty, Direction::In);
        }
    }

    fn leaf(&mut self, model: &'m Model, ty: &'m Type, direction: Direction) {
        match ty {
            Type::List(item) => self.leaf(model, item, direction),
            Type::Map(value) => {
                let entries = if direction == Direction::Out { &mut self.entries } else { &mut self.input_entries };
                entries.insert(types::single(model, value, ""), value);
                self.leaf(model, value, direction);
            }
            Type::Enum(_) | Type::Object(_) => {}
            scalar => self.scalars.extend(shared::custom(types::scalar(scalar))),
        }
    }
}
