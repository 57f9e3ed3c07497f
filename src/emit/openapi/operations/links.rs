//! Putting the rows of a many_to_many together, and taking them apart.

use openapiv3::{Operation, PathItem};

use super::{Writer, responses};
use crate::model::{Relation, Resource, prose};

impl<'m> Writer<'m> {
    /// `PUT` and `DELETE` of one row below `path`.
    pub(super) fn links(&mut self, owner: &'m Resource, relation: &'m Relation, path: &str) {
        if !self.model.linkable(owner, relation) {
            return;
        }
        let target = self.model.resource(relation.target);
        let own = self.parameters.id(&self.bodies, owner);
        let (name, other) = match owner.names == target.names {
            false => (format!("{}_id", target.names.snake), self.parameters.id(&self.bodies, target)),
            true => (format!("other_{}_id", target.names.snake), self.parameters.other_id(&self.bodies, target)),
        };
        let (one, many) = (target.noun(), format!("{} of {}", prose::words(&relation.name), prose::a(&owner.noun())));
        let item = PathItem {
            put: Some(self.link(owner, relation, "add", format!("Add {} to the {many}", prose::a(&one)), "is there")),
            delete: Some(self.link(
                owner,
                relation,
                "remove",
                format!("Remove {} from the {many}", prose::a(&one)),
                "isn't there",
            )),
            parameters: vec![own, other],
            ..PathItem::default()
        };
        self.add(format!("{path}/{{{name}}}"), item);
    }

    fn link(&mut self, owner: &Resource, relation: &Relation, verb: &str, summary: String, outcome: &str) -> Operation {
        let target = self.model.resource(relation.target);
        let description = format!("The {} {outcome}, as it may have been before.", target.noun());
        let done = responses::success(&description, &[], None);
        let id = format!("{verb}{}{}", owner.names.pascal, prose::capitalised(&relation.camel));
        let link = Operation {
            deprecated: relation.deprecated.is_some(),
            responses: self.responses(204, done, &[400, 404, 409]),
            ..self.operation(owner, id, summary)
        };
        let link = self.guarded(link, owner, "update");
        self.guarded_relation(link, relation.writers(self.model, owner))
    }
}
