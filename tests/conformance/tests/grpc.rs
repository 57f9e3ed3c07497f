//! What is particular to gRPC, asked with the generated client: health, reflection, deadlines, masks, details, gRPC-Web.

#[path = "grpc/details.rs"]
mod details;
#[path = "grpc/errors.rs"]
mod errors;
#[path = "grpc/health.rs"]
mod health;
#[path = "grpc/imports.rs"]
mod imports;
#[path = "grpc/masks.rs"]
mod masks;
#[path = "grpc/reflection.rs"]
mod reflection;
#[path = "grpc/web.rs"]
mod web;

use apigen_conformance::staff::{self, Channel};
use apigen_conformance::{server::Server, shop::unique};
use shop_server::client::{CreateProductRequest, Product, product_service_client::ProductServiceClient};

async fn channel(server: &Server) -> Channel {
    staff::channel(server.base_url.clone()).await.unwrap()
}

/// The input of a product whose SKU is new.
fn mug() -> Product {
    Product {
        sku: Some(format!("GRPC-{}", unique())),
        name: Some("Mug".to_owned()),
        description: Some("For tea".to_owned()),
        price: Some("12.50".to_owned()),
        stock: Some(40),
        tags: vec!["blue".to_owned(), "new".to_owned()],
        ..Product::default()
    }
}

fn creation(product: Product) -> CreateProductRequest {
    CreateProductRequest { product: Some(product) }
}

async fn create(client: &mut ProductServiceClient<Channel>, product: Product) -> Product {
    client.create_product(creation(product)).await.unwrap().into_inner().product.expect("the new product")
}
