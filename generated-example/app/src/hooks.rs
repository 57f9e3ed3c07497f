//! Your code around the server's writes. This file is yours: apigen wrote it once and won't touch it again.

use shop_server::{
    errors,
    hooks::{ApiError, Decimal, OrderItemHooks, Tx},
    rows::{
        order_item::{NewOrderItem, OrderItem},
        product::ProductPatch,
    },
};

/// What hooks get at: clients of other services, say.
pub struct Hooks;

impl OrderItemHooks for Hooks {
    /// What the product costs today, whatever it costs tomorrow.
    async fn unit_price(&self, tx: &mut Tx<'_>, new: &NewOrderItem) -> Result<Decimal, ApiError> {
        let product = tx.get(&new.product_id).await?;
        Ok(product.price)
    }

    /// Takes what was ordered out of stock. Nobody else can take it meanwhile: the product is ours until the commit.
    async fn in_create(&self, tx: &mut Tx<'_>, item: &OrderItem) -> Result<(), ApiError> {
        let product = tx.get(&item.product_id).await?;
        if product.stock < item.quantity {
            return Err(errors::out_of_stock(product.name, product.stock));
        }
        let stock = Some(product.stock - item.quantity);
        tx.update(&product.id, ProductPatch { stock, ..ProductPatch::default() }).await?;
        Ok(())
    }
}
