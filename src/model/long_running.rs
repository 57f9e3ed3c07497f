//! Actions that take their time: each starts an operation, and contracts offer to watch and cancel it (AIP-151).

use super::{Action, Model, Resource, Returns, Type, Unserved};

/// What can be done with operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its operationId: `getOperation`.
    pub name: &'static str,
    pub method: &'static str,
    /// Below the path of all operations.
    path: &'static str,
    pub graphql: Option<&'static str>,
    /// A method of `google.longrunning.Operations`.
    pub grpc: &'static str,
    pub title: &'static str,
    pub summary: &'static str,
}

pub const LIST: Operation = Operation {
    name: "listOperations",
    method: "GET",
    path: "",
    graphql: None,
    grpc: "ListOperations",
    title: "List operations",
    summary: "The operations that the caller has started, the newest first.",
};

pub const GET: Operation = Operation {
    name: "getOperation",
    method: "GET",
    path: "/{operation_id}",
    graphql: Some("Query.operation"),
    grpc: "GetOperation",
    title: "Get an operation",
    summary: "How far an operation is, and what came of it. What failed meanwhile is its `error`.",
};

pub const DELETE: Operation = Operation {
    name: "deleteOperation",
    method: "DELETE",
    path: "/{operation_id}",
    graphql: None,
    grpc: "DeleteOperation",
    title: "Forget an operation",
    summary: "Nobody wants the result of an operation any more. That doesn't cancel it.",
};

pub const CANCEL: Operation = Operation {
    name: "cancelOperation",
    method: "POST",
    path: "/{operation_id}/cancel",
    graphql: Some("Mutation.cancelOperation"),
    grpc: "CancelOperation",
    title: "Cancel an operation",
    summary: "Asks an operation to stop. If it does, its error is `CANCELLED`; it may be done before.",
};

/// In the order of all contracts.
pub const OPERATIONS: [Operation; 4] = [LIST, GET, DELETE, CANCEL];

/// The first segment of their paths behind the version.
pub const SEGMENT: &str = "operations";

/// How many a list returns, unless it is told another number.
pub const PAGE_SIZE: u32 = 50;
pub const MAX_PAGE_SIZE: u32 = 1000;

/// Names of types that contracts need for it, beside `Operation`, which nothing else may be called anyway.
pub const TYPES: [&str; 5] = [
    "CancelOperationPayload",
    "ListOperationsRequest", // Google's, and so is the operationId that goes with it
    "OperationList",
    "OperationMetadata",
    "OperationResponse",
];

/// What every operation has in each contract, apart from its result: name and purpose.
pub const ACTION: (&str, &str) = ("action", "The name of what was called to start it.");
pub const CREATED_AT: (&str, &str) = ("created_at", "When it began.");
pub const DONE: &str =
    "Whether it has ended. If so, it has an `error`, or a `response` if the action returns anything.";
pub const ERROR: &str = "Why it failed.";
pub const RESPONSE: &str = "What the action returns.";

impl Operation {
    /// `/v1/operations/{operation_id}`
    pub fn path(&self, version: &str) -> String {
        format!("/{version}/{SEGMENT}{}", self.path)
    }

    /// For as long as the runtime doesn't serve it. In gRPC it belongs to another package, of which nothing is served.
    pub fn unserved(&self, version: &str) -> Unserved {
        Unserved {
            name: self.name.to_owned(),
            rest: Some((self.method, self.path(version))),
            graphql: self.graphql.map(str::to_owned),
            grpc: None,
        }
    }
}

impl Resource {
    pub fn long_running(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(|action| action.long_running)
    }
}

impl Model {
    /// All actions that start an operation.
    pub fn long_running(&self) -> impl Iterator<Item = (&Resource, &Action)> {
        self.resources.iter().flat_map(|resource| resource.long_running().map(move |action| (resource, action)))
    }

    /// What can be done with operations, if any action starts one.
    pub fn operations(&self) -> &'static [Operation] {
        if self.long_running().next().is_some() { &OPERATIONS } else { &[] }
    }

    /// Whether nobody needs credentials to start some operation, nor therefore to watch it.
    pub fn has_public_operations(&self) -> bool {
        self.long_running().any(|(resource, action)| self.admitted(resource, &action.name).is_none())
    }

    /// What an action returns, as the name of an object type, if it returns anything. What is no object by itself becomes
    /// the member `result` of one, so that the answer can grow.
    pub fn result_name(&self, resource: &Resource, action: &Action) -> Option<String> {
        match &action.returns {
            Returns::Nothing => None,
            Returns::Row(id) => Some(self.resource(*id).names.pascal.clone()),
            Returns::Value(Type::Object(id)) => Some(self.object(*id).name.clone()),
            Returns::Rows(_) | Returns::Value(_) => Some(format!("{}Result", action.method(&resource.names))),
        }
    }

    /// What operations may end with, each once.
    pub fn operation_results(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.long_running().filter_map(|(resource, action)| self.result_name(resource, action)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
