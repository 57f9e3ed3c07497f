//! Which resources there are and how they relate, as Mermaid's `erDiagram`. Names are quoted, since `Class` and `Style`
//! mean something there.

use crate::model::{Model, Relation, RelationKind, Resource};

/// The diagram's lines: the relations in spec order, then the resources that have none.
pub fn lines(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    let mut related = vec![false; model.resources.len()];
    for (index, owner) in model.resources.iter().enumerate() {
        for relation in &owner.relations {
            if let Some(line) = line(model, owner, relation) {
                lines.push(line);
                related[index] = true;
                related[relation.target.0] = true;
            }
        }
    }
    let alone = model.resources.iter().zip(related).filter(|(_, related)| !related);
    lines.extend(alone.map(|(resource, _)| format!("\"{}\"", resource.names.pascal)));
    lines
}

/// Each relation once: a has_many is a belongs_to seen from the other side, and what goes through a resource is that one's.
fn line(model: &Model, owner: &Resource, relation: &Relation) -> Option<String> {
    let arrow = match &relation.kind {
        RelationKind::BelongsTo { field, .. } => {
            let field = &owner.fields[*field];
            let one = if field.required { "||" } else { "|o" };
            let many = if field.unique { "o|" } else { "o{" };
            format!("{one}--{many}")
        }
        RelationKind::ManyToMany { join, .. } if join.first && join.through.is_none() => "}o--o{".to_owned(),
        _ => return None,
    };
    let (one, other) = match relation.kind {
        RelationKind::BelongsTo { .. } => (model.resource(relation.target), owner),
        _ => (owner, model.resource(relation.target)),
    };
    Some(format!("\"{}\" {arrow} \"{}\" : \"{}\"", one.names.pascal, other.names.pascal, relation.name))
}
