//! Which enums and value types the contracts need, in outputs and in inputs. What nothing uses isn't in any contract
//! whose checkers mind.

use super::{Enum, Field, Model, ObjectId, Resource, Returns, Type};

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the server to the caller.
    Out,
    /// From the caller to the server, whole.
    In,
    /// From the caller to the server, merged into what is stored (RFC 7396): REST alone does that.
    Patch,
}

impl Direction {
    /// A merge patch replaces lists whole.
    pub fn of_items(self) -> Direction {
        if self == Direction::Patch { Direction::In } else { self }
    }
}

/// By position in the model: what is used.
pub struct Reach {
    outputs: Vec<bool>,
    inputs: Vec<bool>,
    patches: Vec<bool>,
    enums: Vec<bool>,
}

impl Reach {
    pub fn of(model: &Model) -> Reach {
        let mut reach = Reach {
            outputs: vec![false; model.objects.len()],
            inputs: vec![false; model.objects.len()],
            patches: vec![false; model.objects.len()],
            enums: vec![false; model.enums.len()],
        };
        for resource in &model.resources {
            for field in resource.fields.iter().filter(|field| field.readable()) {
                reach.visit(model, &field.ty, Direction::Out);
            }
            for field in resource.fields.iter().filter(|field| resource.takes(field)) {
                reach.visit(model, &field.ty, Direction::In);
            }
            for field in resource.nested().flat_map(|relation| model.nested_fields(relation)) {
                reach.visit(model, &field.ty, Direction::In);
            }
            for action in &resource.actions {
                action.input.iter().for_each(|input| reach.visit(model, &input.ty, Direction::In));
                if let Returns::Value(ty) = &action.returns {
                    reach.visit(model, ty, Direction::Out);
                }
            }
            let updatable = |field: &&Field| resource.operations.update && field.updatable();
            for field in resource.fields.iter().filter(updatable) {
                reach.visit(model, &field.ty, Direction::Patch);
            }
        }
        reach
    }

    pub fn enums<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = &'a Enum> {
        model.enums.iter().zip(&self.enums).filter(|(_, used)| **used).map(|(declared, _)| declared)
    }

    /// Value types that go in this direction.
    pub fn objects(&self, direction: Direction) -> impl Iterator<Item = ObjectId> {
        let marks = match direction {
            Direction::Out => &self.outputs,
            Direction::In => &self.inputs,
            Direction::Patch => &self.patches,
        };
        marks.iter().enumerate().filter(|(_, used)| **used).map(|(index, _)| ObjectId(index))
    }

    fn visit(&mut self, model: &Model, ty: &Type, direction: Direction) {
        match ty {
            Type::List(item) => self.visit(model, item, direction.of_items()),
            Type::Map(item) => self.visit(model, item, direction),
            Type::Enum(id) => self.enums[id.0] = true,
            Type::Object(id) => {
                let seen = match direction {
                    Direction::Out => &mut self.outputs,
                    Direction::In => &mut self.inputs,
                    Direction::Patch => &mut self.patches,
                };
                if !std::mem::replace(&mut seen[id.0], true) {
                    let fields = model.object(*id).fields.iter().filter(|field| field.goes(direction));
                    fields.for_each(|field| self.visit(model, &field.ty, direction));
                }
            }
            _ => {}
        }
    }
}

impl Field {
    /// Whether a value type carries it in this direction.
    pub fn goes(&self, direction: Direction) -> bool {
        match direction {
            Direction::Out => self.readable(),
            Direction::In | Direction::Patch => self.creatable(),
        }
    }
}

impl Resource {
    /// Whether any operation takes this field from the caller.
    pub fn takes(&self, field: &Field) -> bool {
        self.operations.create && field.creatable() || self.operations.update && field.updatable()
    }
}
