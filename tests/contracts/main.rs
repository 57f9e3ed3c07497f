//! The contracts as their own tools read them.

mod shop;

use apigen::{emit, model::Model};

#[test]
fn dump() {
    let model = shop::model();
    std::fs::create_dir_all("/tmp/contracts-out/proto/shop/v1").unwrap();
    let proto = emit::proto::emit(&model);
    std::fs::write("/tmp/contracts-out/proto/shop/v1/shop.proto", &proto).unwrap();
    std::fs::write("/tmp/contracts-out/schema.graphql", emit::graphql::emit(&model)).unwrap();
    std::fs::write("/tmp/contracts-out/openapi.yaml", emit::openapi::emit(&model)).unwrap();
    std::fs::write("/tmp/contracts-out/client.rs", emit::messages::emit("shop/v1/shop.proto", &proto).client_rs)
        .unwrap();
    let _: Option<Model> = None;
}
