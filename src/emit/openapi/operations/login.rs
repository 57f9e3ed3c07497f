//! Logging in and out, where the spec asks for it.

use openapiv3::{Operation, PathItem};

use super::{Writer, body, responses};
use crate::model::{
    Limits,
    login::{self, OPERATIONS},
};

impl Writer<'_> {
    pub(super) fn login(&mut self) {
        if self.model.login().is_none() {
            return;
        }
        for operation in &OPERATIONS {
            let post = self.login_operation(operation);
            let path = operation.path(&self.model.api.version);
            self.add(path, PathItem { post: Some(post), ..PathItem::default() });
        }
    }

    fn login_operation(&mut self, operation: &login::Operation) -> Operation {
        let (status, success) = match operation.gives_tokens {
            true => (200, responses::success("The tokens.", &[], Some("AuthToken"))),
            false => (204, responses::success("It is done.", &[], None)),
        };
        let schema = if operation.name == "login" { "AuthLogin" } else { "AuthRefresh" };
        let statuses: &[u16] = match operation.gives_tokens {
            true => &[400, 401, 406, 413, 415, 422, 429],
            false if self.model.limits != Limits::default() => &[400, 406, 413, 415, 422, 429],
            false => &[400, 406, 413, 415, 422],
        };
        self.ids.insert(operation.name.to_owned());
        Operation {
            tags: vec!["Auth".to_owned()],
            summary: Some(operation.method()),
            description: Some(operation.summary.to_owned()),
            operation_id: Some(operation.name.to_owned()),
            request_body: Some(body(schema, &["application/json"])),
            responses: self.responses(status, success, statuses),
            security: Some(Vec::new()),
            ..Operation::default()
        }
    }
}
