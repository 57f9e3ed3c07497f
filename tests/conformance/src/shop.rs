//! Rows of the shop, as tests need them, and the short way to write them over REST.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::{
    Method, RequestBuilder, Response,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use serde_json::{Value as Json, json};

use crate::{server::Server, staff};

/// A REST client of one server, whose caller may do everything.
#[derive(Clone)]
pub struct Rest {
    client: reqwest::Client,
    base: String,
}

impl Rest {
    pub fn of(server: &Server) -> Rest {
        let credentials = HeaderValue::from_static(staff::authorization());
        let headers = HeaderMap::from_iter([(AUTHORIZATION, credentials)]);
        let client = reqwest::Client::builder().default_headers(headers).build().expect("a client");
        Rest { client, base: server.base_url.clone() }
    }

    /// A request to a path with its query, `/v1/orders?limit=2`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: &Json) -> RequestBuilder {
        self.request(Method::POST, path).json(body)
    }

    pub fn patch(&self, path: &str, body: &Json) -> RequestBuilder {
        self.request(Method::PATCH, path).json(body)
    }

    /// Creates a row that must be accepted, and returns it.
    pub async fn create(&self, path: &str, body: &Json) -> Json {
        let response = self.post(path, body).send().await.expect("an answer");
        let status = response.status();
        let row: Json = response.json().await.expect("JSON");
        assert_eq!(status, 201, "{row}");
        row
    }

    /// Creates a row that must be accepted, and returns its path.
    pub async fn create_path(&self, path: &str, body: &Json) -> String {
        format!("{path}/{}", id(&self.create(path, body).await))
    }
}

/// The id of a row.
pub fn id(row: &Json) -> &str {
    row["id"].as_str().unwrap_or_else(|| panic!("no id: {row}"))
}

/// A header of a response, empty where there is none.
pub fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map_or_else(String::new, |value| value.to_str().expect("text").to_owned())
}

/// The input of a product whose SKU is new.
pub fn product(name: &str) -> Json {
    json!({ "sku": format!("SKU-{}", unique()), "name": name, "price": "12.50", "stock": 40 })
}

/// The input of a user whose address is new.
pub fn user(name: &str) -> Json {
    json!({ "email": format!("user{}@example.com", unique()), "name": name, "password": "correct horse" })
}

/// The input of an order.
pub fn order(customer: &str) -> Json {
    json!({ "customer_id": customer, "ship_to": address() })
}

pub fn address() -> Json {
    json!({ "street": "5 Harbour Street", "city": "Hamburg", "postal_code": "20457", "country": "DE" })
}

/// A number that this process hasn't used yet.
pub fn unique() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
