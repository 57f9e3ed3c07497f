//! Rows that stay when they are deleted, and what goes along with them.

use super::mistakes;

#[test]
fn what_goes_along_must_be_able_to_come_back() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Order:
    fields: { note: string }
    soft_delete: true
  Item:
    relations: { order: { belongs_to: Order, on_delete: cascade } }
  Log:
    fields: { line: string }
    operations: [list, create]
    soft_delete: true
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0030]: a deleted `Order` can come back, but not its rows of `Item`
     --> shop.yaml:8:57
      |
    6 |     soft_delete: true
      |     ----------- its rows stay when they are deleted
    7 |   Item:
    8 |     relations: { order: { belongs_to: Order, on_delete: cascade } }
      |                                                         ^^^^^^^
      |
      = help: add `soft_delete: true` to `Item`

    error[E0029]: `soft_delete` without the operation `delete`
      --> shop.yaml:12:5
       |
    12 |     soft_delete: true
       |     ^^^^^^^^^^^
       |
       = help: add `delete` to the `operations`, or remove it
    ");
}
