//! What was called otherwise once: the model as it was before its renames, so that numbers and tables follow.
//!
//! Whatever is derived from a name (messages, columns, constraints) is found by deriving it from the old name in the same
//! way and looking at the same position. Knows nothing about what is derived.

use super::{Model, Origin, RelationKind};
use crate::names;

/// Old names, each with the position of what has a new one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Renames {
    pub resources: Vec<(usize, String)>,
    pub objects: Vec<(usize, String)>,
    pub enums: Vec<(usize, String)>,
    /// Enum, value.
    pub values: Vec<(usize, usize, String)>,
    /// Value type, field.
    pub members: Vec<(usize, usize, String)>,
    /// Resource, field: declared ones.
    pub fields: Vec<(usize, usize, String)>,
    /// Resource, relation.
    pub relations: Vec<(usize, usize, String)>,
}

impl Model {
    /// As it may have been before: with old names of what holds others, of what is held, and of both. Some of these renames
    /// may have been followed long ago, so whoever follows goes through all of these. Nothing was renamed: none.
    pub fn before_renames(&self) -> Vec<Model> {
        if self.renames == Renames::default() {
            return Vec::new();
        }
        let Renames { resources, objects, enums, .. } = self.renames.clone();
        let outer = Renames { resources, objects, enums, ..Renames::default() };
        let inner = Renames { resources: vec![], objects: vec![], enums: vec![], ..self.renames.clone() };
        [&outer, &inner, &self.renames].map(|renames| self.called(renames)).into()
    }

    /// With these old names in the place of the new ones.
    fn called(&self, renames: &Renames) -> Model {
        let mut model = self.clone();
        for (index, old) in &renames.resources {
            model.resources[*index].names = resource_names(self, *index, old);
        }
        for (index, old) in &renames.objects {
            let object = &mut model.objects[*index];
            (object.name, object.constant) = (old.clone(), names::constant(old));
        }
        for (index, old) in &renames.enums {
            let item = &mut model.enums[*index];
            (item.name, item.constant) = (old.clone(), names::constant(old));
        }
        for (item, value, old) in &renames.values {
            model.enums[*item].values[*value].name.clone_from(old);
        }
        for item in &mut model.enums {
            for value in &mut item.values {
                value.proto = names::enum_value(&item.name, &value.name).proto;
            }
        }
        for (object, member, old) in &renames.members {
            model.objects[*object].fields[*member].name.clone_from(old);
        }
        for (resource, field, old) in &renames.fields {
            model.resources[*resource].fields[*field].name.clone_from(old);
        }
        for (resource, relation, old) in &renames.relations {
            let resource = &mut model.resources[*resource];
            resource.relations[*relation].name.clone_from(old);
            if let RelationKind::BelongsTo { field, .. } = resource.relations[*relation].kind {
                debug_assert!(matches!(resource.fields[field].origin, Origin::Relation(_)));
                resource.fields[field].name = format!("{old}_id");
            }
        }
        model
    }
}

/// A plural and a path that the author chose stay; others follow the name.
fn resource_names(model: &Model, index: usize, old: &str) -> super::ResourceNames {
    let is = &model.resources[index].names;
    let derived = names::resource(&is.pascal, None, None);
    let plural = (is.pascal_plural != derived.pascal_plural).then_some(is.pascal_plural.as_str());
    let path = (is.path != derived.path).then_some(is.path.as_str());
    names::resource(old, plural, path)
}
