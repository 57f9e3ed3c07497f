//! Operations that actions start: one path for all, one for each, and one to cancel it.

use openapiv3::{Operation, PathItem, Response};

use super::{Writer, responses};
use crate::model::long_running::{self, CANCEL, DELETE, GET, LIST};

/// Where to find the operation, and when to ask again.
const STARTED: [&str; 3] = ["Location", "Operation-Location", "Retry-After"];

impl Writer<'_> {
    pub(super) fn long_running(&mut self) {
        if self.model.long_running().next().is_none() {
            return;
        }
        let version = &self.model.api.version;
        let parameters = vec![self.parameters.limit_of_operations(), self.parameters.cursor()];
        let page = responses::success("One page of operations.", &["Link"], Some("OperationList"));
        let list = Operation { parameters, ..self.operate(&LIST, 200, page, &[400, 406]) };
        self.add(LIST.path(version), PathItem { get: Some(list), ..PathItem::default() });

        let gone = responses::success("The operation is forgotten.", &[], None);
        let item = PathItem {
            get: Some(self.operate(&GET, 200, current(), &[400, 404, 406])),
            delete: Some(self.operate(&DELETE, 204, gone, &[400, 404, 406])),
            parameters: vec![self.parameters.operation_id()],
            ..PathItem::default()
        };
        self.add(GET.path(version), item);

        let cancel = PathItem {
            post: Some(self.operate(&CANCEL, 200, current(), &[400, 404, 406])),
            parameters: vec![self.parameters.operation_id()],
            ..PathItem::default()
        };
        self.add(CANCEL.path(version), cancel);
    }

    fn operate(&mut self, what: &long_running::Operation, status: u16, success: Response, others: &[u16]) -> Operation {
        self.ids.insert(what.name.to_owned());
        let operation = Operation {
            tags: vec!["Operation".to_owned()],
            summary: Some(what.title.to_owned()),
            description: Some(what.summary.to_owned()),
            operation_id: Some(what.name.to_owned()),
            responses: self.responses(status, success, others),
            ..Operation::default()
        };
        self.guarded_operation(operation)
    }
}

/// The answer to what takes its time.
pub(super) fn started() -> Response {
    responses::success("It has begun. The operation says what came of it.", &STARTED, Some("Operation"))
}

fn current() -> Response {
    responses::success("The operation as it is now.", &["Retry-After"], Some("Operation"))
}
