use apigen::{
    emit,
    model::{Model, Operations, proto},
};
use insta::assert_snapshot;
use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use protox::{
    Compiler,
    file::{ChainFileResolver, DescriptorSetFileResolver, File, GoogleFileResolver},
};

use crate::{SPECS, model_of, section, shop};

pub const FILE: &str = "shop/v1/shop.proto";

/// What a compiler makes of the text; the very descriptors that are emitted beside it.
#[track_caller]
fn compiled(model: &Model) -> Vec<FileDescriptorProto> {
    let compiled = without_comments(compile(model));
    let emitted = FileDescriptorSet::decode(emit::descriptors::emit(model, FILE).as_slice()).unwrap();
    let names = |set: &FileDescriptorSet| set.file.iter().map(|file| file.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&emitted), names(&compiled));
    for (emitted, compiled) in emitted.file.iter().zip(&compiled.file) {
        for (emitted, compiled) in emitted.message_type.iter().zip(&compiled.message_type) {
            assert_eq!(emitted, compiled);
        }
        assert_eq!(emitted, compiled);
    }
    emitted.file
}

/// The emitted text, with its imports and comments, as protoc would read it.
pub fn compile(model: &Model) -> FileDescriptorSet {
    let file = File::from_source(FILE, &emit::proto::emit(model)).expect("the text can be parsed");
    let mut resolver = ChainFileResolver::new();
    let imported = emit::proto::imported(model).iter();
    let imported = imported.map(|(path, text)| File::from_source(path, text).expect("the text can be parsed"));
    let file = imported.chain([file]).map(Into::into).collect();
    resolver.add(DescriptorSetFileResolver::new(FileDescriptorSet { file }));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true).include_imports(true).open_file(FILE).expect("the text compiles");
    compiler.file_descriptor_set()
}

fn without_comments(mut set: FileDescriptorSet) -> FileDescriptorSet {
    set.file.iter_mut().for_each(|file| file.source_code_info = None);
    set
}

#[test]
fn every_spec_has_the_descriptors_that_its_text_compiles_to() {
    for spec in SPECS {
        compiled(&model_of(spec));
    }
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
    assert_snapshot!(section(&text, "message ListOrdersRequest {"), @r"
    message ListOrdersRequest {
      // How many to return at most. 0 means 20; more than 100 means 100.
      int32 page_size = 1;
      // `next_page_token` or `previous_page_token` of another page of this list.
      string page_token = 2;
      // A condition (AIP-160) that all returned rows meet.
      string filter = 3;
      // Fields to sort by (AIP-132): `created_at desc, id`.
      string order_by = 4;
      // The fields to show (AIP-157). Without it, all. `id` and `etag` are always shown.
      google.protobuf.FieldMask read_mask = 5;
      // Also count all rows that meet `filter`.
      bool include_total = 6;
    }
    ");
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
    assert_snapshot!(section(&emit::proto::emit(&shop::model()), "message GetProfileRequest {"), @r"
    message GetProfileRequest {
      int64 id = 1;
      // The fields to show (AIP-157). Without it, all. `id` and `etag` are always shown.
      google.protobuf.FieldMask read_mask = 2;
    }
    ");
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
    model.resources[0].operations = Operations { delete: true, ..Operations::default() };
    model.proto = shop::numbered(proto::shape::shape(&model));
    let text = emit::proto::emit(&model);
    assert!(!text.contains("import"), "{text}");
    assert!(text.contains("message DeleteUserResponse {}\n"), "{text}");
    compiled(&model);
}
