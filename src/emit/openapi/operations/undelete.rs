//! Bringing back a row that was deleted and stayed.

use openapiv3::{Operation, PathItem};

use super::{Writer, found};
use crate::model::{Resource, prose};

impl<'m> Writer<'m> {
    pub(super) fn undelete(&mut self, resource: &'m Resource) {
        if !resource.soft_delete {
            return;
        }
        let path = format!("{}/{{{}_id}}/undelete", self.path(resource), resource.names.snake);
        let one = prose::a(&format!("deleted {}", resource.noun()));
        let post = Operation {
            description: Some(format!("Brings back {one}, and what was deleted along with it.")),
            responses: self.responses(200, found(resource), &[400, 404, 406, 409]),
            ..self.operation(resource, format!("undelete{}", resource.names.pascal), format!("Undelete {one}"))
        };
        let post = self.guarded(post, resource, "undelete");
        let post = self.mark(post, resource.deprecation_of("undelete"));
        let parameters = vec![self.parameters.id(&self.bodies, resource)];
        self.add(path, PathItem { post: Some(post), parameters, ..PathItem::default() });
    }
}
