//! Actions that start an operation, in every contract.

use apigen::{
    emit::{descriptors, docs, graphql, openapi, proto},
    model::{Model, Returns, Target},
};
use prost::Message as _;
use serde_json::{Value as Json, json};

use crate::{model_of, section};

const SPEC: &str = "specs/payments.yaml";

fn document(model: &Model) -> Json {
    serde_json::to_value(openapi::document(model)).unwrap()
}

#[test]
fn openapi_says_202_and_where_to_look() {
    let document = document(&model_of(SPEC));
    let responses = &document["paths"]["/v1/accounts/{account_id}/export"]["post"]["responses"];
    assert_eq!(responses["200"], Json::Null);
    let begun = &responses["202"];
    let headers: Vec<_> = begun["headers"].as_object().unwrap().keys().collect();
    assert_eq!(headers, ["Location", "Operation-Location", "Retry-After", "X-Request-Id"]);
    let operation = json!({ "$ref": "#/components/schemas/Operation" });
    assert_eq!(begun["content"]["application/json"]["schema"], operation);
    for header in headers {
        assert!(document["components"]["headers"][header].is_object(), "{header}");
    }

    let schema = &document["components"]["schemas"]["Operation"];
    assert_eq!(schema["required"], json!(["id", "action", "done", "created_at"]));
    assert_eq!(schema["properties"]["response"]["allOf"], json!([{ "$ref": "#/components/schemas/ExportResult" }]));
    assert_eq!(schema["properties"]["error"]["allOf"], json!([{ "$ref": "#/components/schemas/ApiProblem" }]));

    let one = &document["paths"]["/v1/operations/{operation_id}"];
    assert_eq!(one["get"]["responses"]["200"]["content"]["application/json"]["schema"], operation);
    assert!(one["delete"]["responses"]["204"].is_object());
    assert_eq!(document["paths"]["/v1/operations/{operation_id}/cancel"]["post"]["operationId"], "cancelOperation");
    assert_eq!(document["paths"]["/v1/operations"]["get"]["operationId"], "listOperations");
    assert_eq!(document["tags"].as_array().unwrap().last().unwrap()["name"], "Operation");
}

#[test]
fn several_actions_have_one_schema_of_operations() {
    let mut model = model_of(SPEC);
    let account = model.resources.iter_mut().find(|each| each.names.pascal == "Account").unwrap();
    let close = account.actions.iter_mut().find(|each| each.name == "close").unwrap();
    (close.long_running, close.transition) = (true, None);
    let document = document(&model);
    let response = &document["components"]["schemas"]["Operation"]["properties"]["response"];
    let names = ["Account", "ExportResult"].map(|name| json!({ "$ref": format!("#/components/schemas/{name}") }));
    assert_eq!(response["anyOf"], json!(names));
}

#[test]
fn who_may_start_one_without_credentials_may_watch_it_so() {
    let get = |model: &Model| document(model)["paths"]["/v1/operations/{operation_id}"]["get"].clone();
    let mut model = model_of(SPEC);
    assert_eq!(get(&model)["security"], Json::Null, "the document's own");
    assert!(get(&model)["responses"]["401"].is_object());
    model.auth = None;
    assert!(get(&model)["responses"]["401"].is_null());
    assert_eq!(document(&model)["security"], json!([]));
}

#[test]
fn graphql_has_the_operation_instead_of_a_result() {
    let mut model = model_of(SPEC);
    let text = graphql::emit(&model);
    insta::assert_snapshot!(section(&text, "type ExportAccountPayload {"), @r#"
    type ExportAccountPayload {
      """What was started, to be watched; null if `userErrors` says why nothing was."""
      operation: Operation
      """What is wrong with the input, or why it can't be done."""
      userErrors: [UserError!]!
    }
    "#);
    insta::assert_snapshot!(section(&text, "type Operation {"), @r#"
    type Operation {
      """Identifies the operation."""
      id: ID!
      """The name of what was called to start it."""
      action: String!
      """Whether it has ended. If so, it has an `error`, or a `response` if the action returns anything."""
      done: Boolean!
      """When it began."""
      createdAt: DateTime!
      """Why it failed. Null as long as it didn't."""
      error: UserError
      """What the action returns. Null until then."""
      response: OperationResponse
    }
    "#);
    assert!(text.contains("\nunion OperationResponse = ExportResult\n"), "{text}");

    // Lists are no objects, and unions have nothing else.
    let account = model.resources.iter_mut().find(|each| each.names.pascal == "Account").unwrap();
    let export = account.actions.iter_mut().find(|each| each.long_running).unwrap();
    export.returns = Returns::Rows(apigen::model::ResourceId(0));
    export.target = Target::Collection;
    let text = graphql::emit(&model);
    assert!(text.contains("\nunion OperationResponse = ExportAccountsResult\n"), "{text}");
    insta::assert_snapshot!(section(&text, "type ExportAccountsResult {"), @r#"
    type ExportAccountsResult {
      """What the action returns."""
      result: [Customer!]
    }
    "#);

    let account = model.resources.iter_mut().find(|each| each.names.pascal == "Account").unwrap();
    account.actions.iter_mut().for_each(|action| action.returns = Returns::Nothing);
    let text = graphql::emit(&model);
    assert!(!text.contains("OperationResponse"), "{text}");
}

#[test]
fn grpc_has_that_of_google() {
    let model = model_of(SPEC);
    let text = proto::emit(&model);
    assert!(text.contains("import \"google/longrunning/operations.proto\";\n"));
    let service = section(&text, "service AccountService {");
    insta::assert_snapshot!(&service[service.find("  // All entries").unwrap()..service.find("  // Tells").unwrap()], @r"
    // All entries of a period as a file. Takes its time: the answer is an operation, to be watched. For the owner or callers with the role `auditor`.
    // The operation's `response` is `ExportAccountResponse`, its `metadata` is `OperationMetadata`.
    //
    // buf:lint:ignore RPC_REQUEST_RESPONSE_UNIQUE
    // buf:lint:ignore RPC_RESPONSE_STANDARD_NAME
    rpc ExportAccount(ExportAccountRequest) returns (google.longrunning.Operation);
    ");
    insta::assert_snapshot!(section(&text, "message ExportAccountResponse {"), @r"
    message ExportAccountResponse {
      ExportResult result = 1;
    }
    ");
    insta::assert_snapshot!(section(&text, "message OperationMetadata {"), @r"
    message OperationMetadata {
      // The name of what was called to start it.
      string action = 1;
      // When it began.
      google.protobuf.Timestamp created_at = 2;
    }
    ");

    let set = descriptors::emit(&model, "payments/v1/payments.proto");
    let files = prost_types::FileDescriptorSet::decode(set.as_slice()).unwrap().file;
    let names: Vec<_> = files.iter().map(|file| file.name()).collect();
    insta::assert_snapshot!(names.join("\n"), @r"
    google/protobuf/any.proto
    google/protobuf/duration.proto
    google/protobuf/empty.proto
    google/rpc/status.proto
    google/longrunning/operations.proto
    google/protobuf/field_mask.proto
    google/protobuf/timestamp.proto
    payments/v1/payments.proto
    ");
}

#[test]
fn the_page_for_people_tells_how_to_watch() {
    let text = docs::model(&model_of(SPEC));
    let begin = text.find("What takes its time").expect("a section");
    insta::assert_snapshot!(&text[begin..begin + text[begin..].find("\n## ").unwrap()], @r"
    What takes its time is an operation, which callers watch:

    | operation | REST | GraphQL | gRPC |
    | --- | --- | --- | --- |
    | list operations | `GET /v1/operations` |  | `google.longrunning.Operations.ListOperations` |
    | get operation | `GET /v1/operations/{operation_id}` | `operation` | `google.longrunning.Operations.GetOperation` |
    | delete operation | `DELETE /v1/operations/{operation_id}` |  | `google.longrunning.Operations.DeleteOperation` |
    | cancel operation | `POST /v1/operations/{operation_id}/cancel` | `cancelOperation` | `google.longrunning.Operations.CancelOperation` |
    ");
}

#[test]
fn without_such_actions_nothing_is_there() {
    let model = model_of("specs/library.yaml");
    assert_eq!(model.operations(), []);
    assert!(proto::imported(&model).is_empty());
    assert!(document(&model)["components"]["schemas"]["Operation"].is_null());
    assert!(!graphql::emit(&model).contains("type Operation "));
}
