use apigen::{
    emit,
    model::{Model, Operations, proto},
};
use insta::assert_snapshot;
use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

use crate::{section, shop};

const FILE: &str = "shop/v1/shop.proto";

fn compiled(model: &Model) -> Vec<FileDescriptorProto> {
    let generated = emit::messages::emit(FILE, &emit::proto::emit(model));
    FileDescriptorSet::decode(generated.descriptor_set.as_slice()).unwrap().file
}

#[test]
fn protox_reads_the_numbers_that_the_model_has() {
    let model = shop::model();
    let files = compiled(&model);
    let file = files.iter().find(|file| file.name() == FILE).unwrap();
    assert_eq!(file.package(), "shop.v1");
    assert_eq!(file.message_type.len(), model.proto.messages.len());
    for (read, written) in file.message_type.iter().zip(&model.proto.messages) {
        let read: Vec<_> = read.field.iter().map(|field| (field.name(), field.number() as u32)).collect();
        let written: Vec<_> = written.fields.iter().map(|field| (field.name.as_str(), field.number)).collect();
        assert_eq!(read, written);
    }
    let services: Vec<_> = file.service.iter().map(|service| service.name()).collect();
    assert_eq!(services, ["UserService", "OrderService", "SampleService", "ProfileService", "CountryService"]);
}

#[test]
fn descriptor_sets_hold_imports_and_no_comments() {
    let files = compiled(&shop::model());
    assert!(files.iter().any(|file| file.name() == "google/protobuf/timestamp.proto"));
    assert!(files.iter().all(|file| file.source_code_info.is_none()));
}

#[test]
fn only_what_callers_set_or_may_be_absent_has_presence() {
    let text = emit::proto::emit(&shop::model());
    assert_snapshot!(section(&text, "message Order {"), @r"
    message Order {
      // Identifies the order.
      string id = 1;
      // Set by the server. Defaults to `ORDER_STATUS_PENDING`.
      OrderStatus status = 2;
      // At most 500 characters.
      optional string note = 3 [deprecated = true];
      // Required.
      Address ship_to = 4;
      // Set by the server. Defaults to the time of the write.
      google.protobuf.Timestamp placed_at = 5;
      // The id of the customer that this order belongs to.
      // Required.
      optional string customer_id = 6;
      // When the order was created.
      google.protobuf.Timestamp created_at = 7;
      // When the order last changed.
      google.protobuf.Timestamp updated_at = 8;
      // The version of the row. Changes with every update.
      string etag = 9;
    }
    ");
    assert_snapshot!(section(&text, "message ListOrdersRequest {"), @r#"
    message ListOrdersRequest {
      // How many to return at most. 0 means 20; more than 100 means 100.
      int32 page_size = 1;
      // `next_page_token` or `previous_page_token` of another page of this list.
      string page_token = 2;
      // A condition (AIP-160) that all returned rows meet.
      string filter = 3;
      // Fields to sort by (AIP-132): `created_at desc, id`.
      string order_by = 4;
      // Also count all rows that meet `filter`.
      bool include_total = 5;
    }
    "#);
    assert_snapshot!(section(&text, "message ListUsersResponse {"), @r#"
    message ListUsersResponse {
      repeated User users = 1;
      // Asks for the page behind this one. Empty if there is none.
      string next_page_token = 2;
      // Asks for the page before this one. Empty if there is none.
      string previous_page_token = 3;
    }
    "#);
}

#[test]
fn every_type_has_its_proto_type() {
    assert_snapshot!(section(&emit::proto::emit(&shop::model()), "message Sample {"), @r#"
    message Sample {
      // Identifies the sample.
      string id = 1;
      // Required. Can't be changed later.
      optional bool flag = 2;
      // At least 1. Greater than 1. Defaults to `7`.
      optional int32 small = 3;
      // Required. At most 100. A multiple of 5.
      optional int64 big = 4;
      // Required. Less than 0.5.
      optional double ratio = 5;
      // At least 0.10. At most 10 digits, 2 of them behind the point. Defaults to `0.10`.
      optional string price = 6;
      // Required.
      optional string token = 7;
      // Defaults to the date of the write (UTC).
      optional string day = 8;
      // Required.
      google.protobuf.Duration wait = 9;
      optional string site = 10;
      // Required. At most 1024 bytes.
      optional bytes raw = 11;
      google.protobuf.Value extra = 12;
      // Required. Never returned.
      optional string secret = 13;
      Money cost = 14;
      // At most 10 items. No item twice.
      repeated string words = 15;
      repeated OrderStatus states = 16;
      map<string, int64> stock = 17;
      map<string, Address> places = 18;
      optional string answer = 19;
      // When the sample was created.
      google.protobuf.Timestamp created_at = 20;
      // When the sample last changed.
      google.protobuf.Timestamp updated_at = 21;
      // The version of the row. Changes with every update.
      string etag = 22;
    }
    "#);
}

#[test]
fn ids_that_are_numbers_are_numbers() {
    assert_snapshot!(section(&emit::proto::emit(&shop::model()), "message GetProfileRequest {"), @r#"
    message GetProfileRequest {
      int64 id = 1;
    }
    "#);
}

#[test]
fn retired_numbers_and_names_are_reserved() {
    let mut model = shop::model();
    let order = model.proto.messages.iter_mut().find(|message| message.name == "DeleteUserRequest").unwrap();
    order.reserved_numbers = vec![4, 7, 8, 9, 11];
    order.reserved_names = vec!["hint".to_owned(), "reason".to_owned()];
    model.proto.enums[0].reserved_numbers = vec![5];
    model.proto.enums[0].reserved_names = vec!["ORDER_STATUS_NEW".to_owned()];
    let text = emit::proto::emit(&model);
    assert_snapshot!(section(&text, "message DeleteUserRequest {"), @r#"
    message DeleteUserRequest {
      reserved 4, 7 to 9, 11;
      reserved "hint", "reason";
      string id = 1;
      // If given, the row is deleted only in this version.
      string etag = 2;
    }
    "#);
    assert_snapshot!(section(&text, "enum OrderStatus {"), @r#"
    enum OrderStatus {
      reserved 5;
      reserved "ORDER_STATUS_NEW";
      // No value. In a request the same as absent.
      ORDER_STATUS_UNSPECIFIED = 0;
      // Not paid yet.
      ORDER_STATUS_PENDING = 1;
      ORDER_STATUS_SHIPPED = 2;
      ORDER_STATUS_LOST = 3 [deprecated = true];
    }
    "#);
    compiled(&model);
}

#[test]
fn imports_are_those_in_use() {
    let mut model = shop::model();
    model.resources.truncate(1);
    model.resources[0].fields.truncate(1);
    model.resources[0].relations.clear();
    model.objects.clear();
    model.resources[0].operations = Operations { get: true, delete: true, ..Operations::default() };
    model.proto = shop::numbered(proto::shape::shape(&model));
    let text = emit::proto::emit(&model);
    assert!(!text.contains("import"), "{text}");
    assert!(text.contains("message DeleteUserResponse {}\n"), "{text}");
    compiled(&model);
}

#[test]
fn code_in_descriptions_is_no_doctest() {
    let generated = emit::messages::emit(FILE, &emit::proto::emit(&shop::model()));
    let doc = &generated.client_rs[generated.client_rs.find("/// A person who buys").unwrap()..];
    assert_snapshot!(doc.split("#[derive").next().unwrap(), @r#"
    /// A person who buys:
    ///
    /// ```text
    /// let x = ;
    /// ```
    ///
    /// indented code
    "#);
}
