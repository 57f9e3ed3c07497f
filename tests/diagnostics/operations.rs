//! Operations that need others.

use super::mistakes;

#[test]
fn a_replacement_is_an_update() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Book:
    fields: { title: string }
    operations: [get, replace, replase]
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0030]: `replace` needs `update`
     --> shop.yaml:6:23
      |
    6 |     operations: [get, replace, replase]
      |                       ^^^^^^^
      |
      = help: add `update`: in GraphQL and gRPC, a replacement is an update of every field

    error[E0031]: unknown operation `replase`
     --> shop.yaml:6:32
      |
    6 |     operations: [get, replace, replase]
      |                                ^^^^^^^
      |
      = help: did you mean `replace`?
    ");
}
