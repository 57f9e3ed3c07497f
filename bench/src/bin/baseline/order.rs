//! Orders with their items, as a page shows them.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

#[derive(Default)]
struct Ord;

#[derive(Default)]
struct Itm;

impl StaticType for Ord {
    const TYPE: &'static str = "ord";
}

impl StaticType for Itm {
    const TYPE: &'static str = "itm";
}

#[derive(Debug, Serialize)]
pub struct Order {
    #[serde(serialize_with = "as_type_id::<Ord, _>")]
    pub id: Uuid,
    pub status: String,
    pub placed_at: Timestamp,
    pub items: Vec<Item>,
}

#[derive(Debug, Serialize)]
pub struct Item {
    #[serde(serialize_with = "as_type_id::<Itm, _>")]
    pub id: Uuid,
    pub quantity: i32,
    #[serde(serialize_with = "as_text")]
    pub unit_price: Decimal,
    pub product: Named,
}

#[derive(Debug, Serialize)]
pub struct Named {
    pub sku: String,
    pub name: String,
}

/// Gives each order its items, which come in the order of their orders' ids.
pub fn together(mut orders: Vec<Order>, items: impl IntoIterator<Item = (Uuid, Item)>) -> Vec<Order> {
    for (id, item) in items {
        if let Some(order) = orders.iter_mut().find(|order| order.id == id) {
            order.items.push(item);
        }
    }
    orders
}

fn as_type_id<T: StaticType, S: Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&TypeSafeId::<T>::from_uuid(*id))
}

fn as_text<S: Serializer>(price: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(price)
}
