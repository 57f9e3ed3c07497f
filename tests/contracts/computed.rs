//! Fields that hooks compute: shown by every contract, taken by none.

use apigen::emit::{graphql, openapi, proto};
use serde_json::{Value as Json, json};

use super::{model_of, section};

const SPEC: &str = "tests/specs/library.yaml";
const COMPUTED: [&str; 5] = ["beside", "visitor", "mood", "stamps", "price"];

#[test]
fn openapi_shows_what_is_computed_and_takes_none_of_it() {
    let document = serde_json::to_value(openapi::document(&model_of(SPEC))).unwrap();
    let visit = &document["components"]["schemas"]["Visit"];
    for name in COMPUTED {
        let property = &visit["properties"][name];
        let read_only = property["readOnly"] == true || property["allOf"][0].is_object();
        assert!(property.is_object() && read_only, "{name}: {property}");
        assert!(visit["required"].as_array().unwrap().contains(&json!(name)), "{name} is always there");
        for taken in ["VisitCreate", "VisitUpdate", "VisitReplace"] {
            let properties = &document["components"]["schemas"][taken]["properties"];
            assert!(properties.is_object() && properties[name] == Json::Null, "{taken}.{name}");
        }
    }
    assert_eq!(visit["properties"]["visitor"]["nullable"], true);
    assert_eq!(visit["properties"]["beside"]["minimum"], 1);
    let list = &document["paths"]["/v1/visits"]["get"]["parameters"];
    assert!(!list.to_string().contains("beside"), "nothing is found by it: {list}");
}

#[test]
fn graphql_shows_what_is_computed_and_takes_none_of_it() {
    let schema = graphql::emit(&model_of(SPEC));
    let shown = section(&schema, "type Visit {");
    for field in ["beside: Int!", "visitor: String", "mood: State!", "stamps: [DateTime!]!", "price: Decimal"] {
        assert!(shown.contains(&format!("  {field}\n")), "{field} in {shown}");
    }
    for taken in ["input CreateVisitInput {", "input UpdateVisitInput {", "input VisitWhere {", "input VisitOrderBy {"]
    {
        let taken = section(&schema, taken);
        assert!(COMPUTED.iter().all(|name| !taken.contains(&format!("  {name}:"))), "{taken}");
    }
}

#[test]
fn proto_says_that_only_outputs_have_it() {
    let file = proto::emit(&model_of(SPEC));
    insta::assert_snapshot!(section(&file, "message Visit {"), @r"
    message Visit {
      // Identifies the visit.
      string id = 1;
      // Required.
      google.protobuf.Timestamp starts_at = 2;
      google.protobuf.Timestamp ends_at = 3;
      // Defaults to `1`.
      optional int32 guests = 4;
      // At most 18 digits, 1 of them behind the point.
      optional string most = 5;
      optional string reason = 6;
      // Set by the server. Defaults to `STATE_OPEN`.
      State state = 7;
      // How many visits are shown together.
      // At least 1. Set by the server.
      int32 beside = 8;
      // Set by the server.
      optional string visitor = 9;
      // Set by the server.
      State mood = 10;
      // At most 2 items. Set by the server.
      repeated google.protobuf.Timestamp stamps = 11;
      // At most 18 digits, 2 of them behind the point. Set by the server.
      optional string price = 12;
      // The id of the member that this visit belongs to.
      optional int64 member_id = 13;
      // The id of the book that this visit belongs to.
      optional string book_id = 14;
      // When the visit was created.
      google.protobuf.Timestamp created_at = 15;
      // When the visit last changed.
      google.protobuf.Timestamp updated_at = 16;
      // The version of the row. Changes with every update.
      string etag = 17;
    }
    ");
}
