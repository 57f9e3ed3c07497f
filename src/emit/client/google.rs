//! Google's service of operations, which is in a file that every `.proto` file with such operations imports.

use crate::model::proto::{Method, Service, Streams};

pub(super) const PACKAGE: &str = "google.longrunning";
/// What is answered where there is nothing to tell.
pub(super) const EMPTY: &str = "google.protobuf.Empty";

/// What doesn't follow buf's rules for names, as that file says itself.
const NAMED_OTHERWISE: &str =
    "\n\nbuf:lint:ignore RPC_REQUEST_RESPONSE_UNIQUE\nbuf:lint:ignore RPC_RESPONSE_STANDARD_NAME";

pub(super) fn operations() -> Service {
    let comment = |text: &str| Some(text.to_owned() + NAMED_OTHERWISE);
    let list = Some("Lists operations.".to_owned());
    Service {
        name: "Operations".to_owned(),
        comment: Some("Watches what takes its time.\n\nbuf:lint:ignore SERVICE_SUFFIX".to_owned()),
        deprecated: false,
        methods: vec![
            method("ListOperations", "ListOperationsResponse", list),
            method("GetOperation", "Operation", comment("How far an operation is.")),
            method("DeleteOperation", EMPTY, comment("Forgets an operation. That doesn't cancel it.")),
            method("CancelOperation", EMPTY, comment("Asks an operation to stop. It may be done before.")),
            method("WaitOperation", "Operation", comment("Waits until an operation is done, or for a while.")),
        ],
    }
}

fn method(name: &str, response: &str, comment: Option<String>) -> Method {
    Method {
        name: name.to_owned(),
        comment,
        request: format!("{name}Request"),
        response: response.to_owned(),
        safe: false,
        deprecated: false,
        streams: Streams::Nothing,
    }
}
