//! Actions that take their time return a `google.longrunning.Operation`, which holds their response when it is done.

use super::{Message, field, message};
use crate::model::{
    Model,
    long_running::{ACTION, CREATED_AT},
};

pub(super) const OPERATION: &str = "google.longrunning.Operation";

const METADATA: &str = "OperationMetadata";

/// What buf's rules say of a response that isn't the method's own, and AIP-151 wants all the same.
const IGNORED: [&str; 2] = ["RPC_REQUEST_RESPONSE_UNIQUE", "RPC_RESPONSE_STANDARD_NAME"];

/// What is to be known of the method `name`, as there is no other place to say it.
pub(super) fn comment(name: &str) -> String {
    let ignored = IGNORED.map(|rule| format!("buf:lint:ignore {rule}")).join("\n");
    format!("The operation's `response` is `{name}Response`, its `metadata` is `{METADATA}`.\n\n{ignored}")
}

pub(super) fn metadata(model: &Model) -> Option<Message> {
    model.long_running().next()?;
    let fields =
        vec![field(ACTION.0, "string", ACTION.1), field(CREATED_AT.0, "google.protobuf.Timestamp", CREATED_AT.1)];
    Some(message(METADATA.to_owned(), Some("What is to be known of an operation, done or not.".to_owned()), fields))
}
