//! Who may do what, as each contract says it.

use apigen::emit::{graphql, openapi, proto};
use serde_json::{Value as Json, json};

use super::{model_of, section};

const SPEC: &str = "tests/specs/guarded.yaml";

fn document() -> Json {
    serde_json::to_value(openapi::document(&model_of(SPEC))).unwrap()
}

#[test]
fn openapi_says_who_may_and_how_they_say_who_they_are() {
    let document = document();
    assert_eq!(document["security"], json!([{ "bearerAuth": [] }, { "apiKeyAuth": [] }]));
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["bearerAuth"]["scheme"], "bearer");
    assert_eq!(schemes["apiKeyAuth"]["name"], "X-API-Key");

    let open = &document["paths"]["/v1/users"]["post"];
    assert_eq!((&open["security"], &open["responses"]["401"]), (&json!([]), &Json::Null));
    let closed = &document["paths"]["/v1/posts/{post_id}"]["delete"];
    assert_eq!(closed["security"], Json::Null);
    assert_eq!(closed["description"], "For callers with the role `editor` if the state is `new`.");
    for status in ["401", "403", "428", "429"] {
        assert!(closed["responses"][status].is_object(), "{status}");
    }
    let along = &document["paths"]["/v1/users/{user_id}/notes"]["get"];
    assert_eq!(along["description"], "Only shown to callers with the role `editor`.");
}

#[test]
fn a_header_that_is_required_says_so() {
    let document = document();
    let parameters = &document["components"]["parameters"];
    assert_eq!(parameters["RequiredIfMatch"]["required"], true);
    let change = &document["paths"]["/v1/posts/{post_id}"]["patch"]["parameters"];
    assert_eq!(change, &json!([{ "$ref": "#/components/parameters/RequiredIfMatch" }]));
    assert_eq!(parameters["IdempotencyKey"]["required"], true);
    let create = &document["paths"]["/v1/orders"]["post"]["parameters"];
    assert_eq!(create, &json!([{ "$ref": "#/components/parameters/IdempotencyKey" }]));
}

#[test]
fn a_field_that_not_everybody_may_read_may_be_missing() {
    let document = document();
    let user = &document["components"]["schemas"]["User"];
    let required: Vec<_> = user["required"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    assert_eq!(required, ["id", "name", "level", "created_at", "updated_at"]);
    let email = &user["properties"]["email"]["description"];
    assert_eq!(email, "Unique. Only shown to the user itself or callers with the role `admin`.");

    let schema = graphql::emit(&model_of(SPEC));
    let user = section(&schema, "type User implements Node {");
    assert!(user.contains("\n  email: String\n"), "{user}");
    assert!(section(&schema, "input CreateUserInput {").contains("  email: String!\n"));
    let proto = proto::emit(&model_of(SPEC));
    assert!(section(&proto, "message Draft {").contains("author_id"), "{proto}");
}

#[test]
fn graphql_and_protobuf_say_who_may() {
    let schema = graphql::emit(&model_of(SPEC));
    let mutation = section(&schema, "type Mutation {");
    assert!(mutation.contains("\"\"\"Deletes a post. For callers with the role `editor` if the state is `new`.\"\"\""));
    assert!(mutation.contains("\"\"\"Creates a post.\"\"\""));
    assert!(mutation.contains("ifMatch: String!"), "{mutation}");
    let service = proto::emit(&model_of(SPEC));
    let service = section(&service, "service UserService {");
    assert!(
        service.contains("// Deletes a user. For the user itself or callers with the scope `users:write`."),
        "{service}"
    );
    assert!(service.contains("// Creates a user.\n"), "{service}");
}

#[test]
fn options_of_rest_are_in_the_contract() {
    let mut model = model_of(SPEC);
    model.protocols.links = true;
    model.protocols.json_patch = true;
    let document = serde_json::to_value(openapi::document(&model)).unwrap();
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Post"]["properties"]["_links"], json!({ "$ref": "#/components/schemas/ApiLinks" }));
    let patches = &document["paths"]["/v1/posts/{post_id}"]["patch"]["requestBody"]["content"];
    let patch = &patches["application/json-patch+json"]["schema"];
    assert_eq!(patch, &json!({ "$ref": "#/components/schemas/ApiJsonPatch" }));
    assert!(schemas["ApiJsonPatch"].is_object() && schemas["ApiLinks"].is_object());
}

#[test]
fn who_asks_for_a_login_gets_one_in_every_contract() {
    let document = document();
    let login = &document["paths"]["/v1/auth/login"]["post"];
    assert_eq!((&login["operationId"], &login["security"]), (&json!("login"), &json!([])));
    let credentials = &document["components"]["schemas"]["AuthLogin"];
    assert_eq!(credentials["required"], json!(["email", "password"]));
    assert_eq!(credentials["properties"]["email"]["format"], "email");
    assert_eq!(document["paths"]["/v1/auth/logout"]["post"]["responses"]["204"]["description"], "It is done.");

    let schema = graphql::emit(&model_of(SPEC));
    assert!(section(&schema, "type Mutation {").contains("refresh(\n"), "{schema}");
    insta::assert_snapshot!(section(&schema, "input LoginInput {"), @r#"
    input LoginInput {
      """Says which user it is."""
      email: String!
      """Proves it."""
      password: String!
    }
    "#);
    insta::assert_snapshot!(section(&schema, "type LoginPayload {"), @r#"
    type LoginPayload {
      """The tokens; null if `userErrors` says why there are none."""
      token: AuthToken
      """What is wrong with the input."""
      userErrors: [UserError!]!
    }
    "#);
    let proto = proto::emit(&model_of(SPEC));
    insta::assert_snapshot!(section(&proto, "service AuthService {"), @r"
    service AuthService {
      // Exchanges credentials for tokens.
      rpc Login(LoginRequest) returns (LoginResponse);

      // Exchanges a refresh token for new tokens. The old one isn't good any more.
      rpc Refresh(RefreshRequest) returns (RefreshResponse);

      // Makes a refresh token, and all that came of it, worthless.
      rpc Logout(LogoutRequest) returns (LogoutResponse);
    }
    ");
    insta::assert_snapshot!(section(&proto, "message LoginRequest {"), @r"
    message LoginRequest {
      // Says which user it is.
      optional string email = 1;
      // Proves it.
      optional string password = 2;
    }
    ");
    insta::assert_snapshot!(section(&proto, "message RefreshResponse {"), @r"
    message RefreshResponse {
      // The token to send with requests.
      string access_token = 1;
      // How to send it: `Bearer` (RFC 6750).
      string token_type = 2;
      // After how many seconds the access token isn't good any more.
      int32 expires_in = 3;
      // Gets new tokens, once.
      string refresh_token = 4;
    }
    ");
}
