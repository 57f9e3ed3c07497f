//! A product, what is sent to make one, and the ids that both have.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

#[derive(Default)]
struct Prd;

impl StaticType for Prd {
    const TYPE: &'static str = "prd";
}

#[derive(Debug, Clone, Serialize)]
pub struct Product {
    #[serde(serialize_with = "as_type_id")]
    pub id: Uuid,
    pub sku: String,
    pub name: String,
    pub description: Option<String>,
    #[serde(serialize_with = "as_text")]
    pub price: Decimal,
    pub currency: String,
    pub stock: i32,
    pub tags: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub version: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    sku: String,
    name: String,
    description: Option<String>,
    price: String,
    currency: Option<String>,
    stock: i32,
    #[serde(default)]
    tags: Vec<String>,
}

/// A member of the body, and what is wrong with it.
pub type Violation = (&'static str, &'static str);

impl NewProduct {
    pub fn check(self) -> Result<Product, Vec<Violation>> {
        let mut violations = Vec::new();
        let mut demand = |holds: bool, violation| {
            if !holds {
                violations.push(violation)
            }
        };
        let currency = self.currency.unwrap_or_else(|| "EUR".to_owned());
        let price: Option<Decimal> = self.price.parse().ok();
        demand(self.sku.chars().count() <= 40, ("sku", "must have at most 40 characters"));
        demand(self.name.chars().count() <= 200, ("name", "must have at most 200 characters"));
        demand(price.is_some_and(|price| price.scale() <= 2), ("price", "must be a decimal with 2 places"));
        demand(price.is_none_or(|price| !price.is_sign_negative()), ("price", "must be at least 0"));
        let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
        demand(is_code, ("currency", "must match ^[A-Z]{3}$"));
        demand(self.stock >= 0, ("stock", "must be at least 0"));
        demand(self.tags.len() <= 10, ("tags", "must have at most 10 items"));
        let Some(mut price) = price.filter(|_| violations.is_empty()) else { return Err(violations) };
        price.rescale(2);
        let now = now();
        Ok(Product {
            id: Uuid::now_v7(),
            sku: self.sku,
            name: self.name,
            description: self.description,
            price,
            currency,
            stock: self.stock,
            tags: self.tags,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }
}

/// To the microsecond, as rows keep it.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

pub fn parse_id(text: &str) -> Option<Uuid> {
    text.parse::<TypeSafeId<Prd>>().ok().map(|id| id.uuid())
}

pub fn id_text(id: Uuid) -> String {
    TypeSafeId::<Prd>::from_uuid(id).to_string()
}

fn as_type_id<S: Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&TypeSafeId::<Prd>::from_uuid(*id))
}

fn as_text<S: Serializer>(price: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(price)
}
