//! Many writes in one request.

use openapiv3::{Operation, PathItem};

use super::{Writer, body, responses};
use crate::model::Resource;

impl<'m> Writer<'m> {
    pub(super) fn batch(&mut self, resource: &'m Resource) {
        if resource.batch.is_none() {
            return;
        }
        let (name, many) = (&resource.names.pascal, &resource.names.pascal_plural);
        let done = responses::success("What became of each operation.", &[], Some(&format!("{name}BatchResults")));
        let failures = self.model.write_errors(resource);
        let post = Operation {
            description: Some("All of it is done, or nothing, unless `atomic` is false.".to_owned()),
            request_body: Some(body(&format!("{name}Batch"), &["application/json"])),
            responses: self.write_responses(200, done, &[400, 404, 406, 409, 412, 413, 415, 422], &failures),
            ..self.operation(resource, format!("batch{many}"), format!("Change several {} at once", resource.nouns()))
        };
        let post = self.guarded(post, resource, "batch");
        let post = self.mark(post, resource.deprecation_of("batch"));
        let path = format!("{}/batch", self.path(resource));
        self.add(path, PathItem { post: Some(post), ..PathItem::default() });
    }
}
