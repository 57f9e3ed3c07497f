//! Names: their case, reserved ones, and those that become the same somewhere.

use super::mistakes;

#[test]
fn api_name_and_version() {
    let spec = r"
apigen: 1
api: { name: My-Shop, version: 1.0 }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0034]: `My-Shop` is not an API name
     --> shop.yaml:2:14
      |
    2 | api: { name: My-Shop, version: 1.0 }
      |              ^^^^^^^
      |
      = help: use snake_case: `shop`, `order_book`

    error[E0034]: `1.0` is not an API version
     --> shop.yaml:2:32
      |
    2 | api: { name: My-Shop, version: 1.0 }
      |                                ^^^
      |
      = help: write `v` and a whole number from 1: `v1`
    ");
}

#[test]
fn api_named_like_a_crate() {
    let spec = r"
apigen: 1
api: { name: std, version: v0 }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0034]: no crate can be named `std`
     --> shop.yaml:2:14
      |
    2 | api: { name: std, version: v0 }
      |              ^^^
      |
      = help: for example `std_api`

    error[E0034]: `v0` is not an API version
     --> shop.yaml:2:28
      |
    2 | api: { name: std, version: v0 }
      |                            ^^
      |
      = help: write `v` and a whole number from 1: `v1`
    ");
}

#[test]
fn wrong_case() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums:
  order_status: [Open]
types:
  postalAddress: { fields: { Street: string } }
resources:
  HTTPServer:
    fields: { hostName: string, a__b: string }
    path: Web_Servers
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0011]: `order_status` is not UpperCamelCase
     --> shop.yaml:4:3
      |
    4 |   order_status: [Open]
      |   ^^^^^^^^^^^^
      |
      = help: write `OrderStatus`

    error[E0011]: `Open` is not snake_case
     --> shop.yaml:4:18
      |
    4 |   order_status: [Open]
      |                  ^^^^
      |
      = help: write `open`

    error[E0011]: `postalAddress` is not UpperCamelCase
     --> shop.yaml:6:3
      |
    6 |   postalAddress: { fields: { Street: string } }
      |   ^^^^^^^^^^^^^
      |
      = help: write `PostalAddress`

    error[E0011]: `Street` is not snake_case
     --> shop.yaml:6:30
      |
    6 |   postalAddress: { fields: { Street: string } }
      |                              ^^^^^^
      |
      = help: write `street`

    error[E0011]: `hostName` is not snake_case
     --> shop.yaml:9:15
      |
    9 |     fields: { hostName: string, a__b: string }
      |               ^^^^^^^^
      |
      = help: write `host_name`

    error[E0011]: `a__b` is not snake_case
     --> shop.yaml:9:33
      |
    9 |     fields: { hostName: string, a__b: string }
      |                                 ^^^^
      |
      = help: write `a_b`

    error[E0011]: `Web_Servers` is not kebab-case
      --> shop.yaml:10:11
       |
    10 |     path: Web_Servers
       |           ^^^^^^^^^^^
       |
       = help: a path is one segment in words: `web-servers`
    ");
}

#[test]
fn tables_of_the_runtime() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources: { ApigenKey: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0012]: the name `ApigenKey` is reserved
     --> shop.yaml:3:14
      |
    3 | resources: { ApigenKey: { fields: { a: string } } }
      |              ^^^^^^^^^
      |
      = help: tables of apigen's own are named like that; choose another one
    ");
}

#[test]
fn reserved_fields() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      id: uuid
      version: int32
      created_at: timestamp
      ctid: string
      apigen_search: string
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0012]: the name `id` is reserved
     --> shop.yaml:6:7
      |
    6 |       id: uuid
      |       ^^
      |
      = help: every resource has an id; say which kind with `id:` beside `fields:`

    error[E0012]: the name `version` is reserved
     --> shop.yaml:7:7
      |
    7 |       version: int32
      |       ^^^^^^^
      |
      = help: choose another name; apigen uses this one itself

    error[E0012]: the name `created_at` is reserved
     --> shop.yaml:8:7
      |
    8 |       created_at: timestamp
      |       ^^^^^^^^^^
      |
      = help: every resource has it, unless it says `timestamps: false`

    error[E0012]: the name `ctid` is reserved
     --> shop.yaml:9:7
      |
    9 |       ctid: string
      |       ^^^^
      |
      = help: every table of PostgreSQL has a column of this name; choose another one

    error[E0012]: the name `apigen_search` is reserved
      --> shop.yaml:10:7
       |
    10 |       apigen_search: string
       |       ^^^^^^^^^^^^^
       |
       = help: columns of apigen's own are named like that; choose another one
    ");
}

#[test]
fn reserved_resources() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Query: { fields: { a: string } }
  Node: { fields: { a: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0012]: the name `Query` is reserved
     --> shop.yaml:4:3
      |
    4 |   Query: { fields: { a: string } }
      |   ^^^^^
      |
      = help: contracts and generated code have a type of this name already; choose another one

    error[E0012]: the name `Node` is reserved
     --> shop.yaml:5:3
      |
    5 |   Node: { fields: { a: string } }
      |   ^^^^
      |
      = help: contracts and generated code have a type of this name already; choose another one
    ");
}

#[test]
fn reserved_filters() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      limit: { type: int32, filter: true }
      page: int32
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0012]: the name `limit` is reserved
     --> shop.yaml:6:7
      |
    6 |       limit: { type: int32, filter: true }
      |       ^^^^^
      |
      = help: lists have a query parameter of this name; choose another one or remove `filter`
    ");
}

#[test]
fn reserved_enum_value() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { Role: [unspecified, admin] }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r#"
    error[E0012]: the name `unspecified` is reserved
     --> shop.yaml:3:17
      |
    3 | enums: { Role: [unspecified, admin] }
      |                 ^^^^^^^^^^^
      |
      = help: protobuf needs it for the value 0, which stands for "not set"
    "#);
}

#[test]
fn reserved_link() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
rest: { links: true }
resources:
  Thing:
    fields: { self: string }
    actions: { scan: { target: collection, returns: none } }
  Part:
    fields: { name: string }
    relations: { self: { belongs_to: Thing } }
  Tool:
    fields: { name: string }
    actions: { self: { returns: none } }
  Kit:
    fields: { name: string }
    actions: { self: { target: collection, returns: none } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0012]: the name `self` is reserved
      --> shop.yaml:10:18
       |
    10 |     relations: { self: { belongs_to: Thing } }
       |                  ^^^^
       |
       = help: `rest: { links: true }` calls the link from a row to itself so; choose another name

    error[E0012]: the name `self` is reserved
      --> shop.yaml:13:16
       |
    13 |     actions: { self: { returns: none } }
       |                ^^^^
       |
       = help: `rest: { links: true }` calls the link from a row to itself so; choose another name
    ");
}

#[test]
fn reserved_relation_id() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Team: { fields: { a: string } }
  Thing:
    relations:
      tenant: { belongs_to: Team }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0012]: the name `tenant` is reserved
     --> shop.yaml:7:7
      |
    7 |       tenant: { belongs_to: Team }
      |       ^^^^^^
      |
      = help: it would add `tenant_id`, which apigen uses itself
    ");
}

#[test]
fn duplicate_enum_values() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { Role: [admin, user, admin] }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0005]: the value `admin` is written twice
     --> shop.yaml:3:30
      |
    3 | enums: { Role: [admin, user, admin] }
      |                 -----        ^^^^^ again here
      |                 |
      |                 first here
    ");
}

#[test]
fn enum_values_that_become_the_same() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { Role: [tier_1, tier1] }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `tier_1` and `tier1` are the same name: `Tier1` in Rust
     --> shop.yaml:3:25
      |
    3 | enums: { Role: [tier_1, tier1] }
      |                 ------  ^^^^^
      |                 |
      |                 the other one
      |
      = help: rename one of them
    ");
}

#[test]
fn enum_values_that_collide_in_protobuf() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums:
  Order: [status_open]
  OrderStatus: [open]
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `status_open` and `open` are the same name: `ORDER_STATUS_OPEN` in protobuf
     --> shop.yaml:5:17
      |
    4 |   Order: [status_open]
      |           ----------- the other one
    5 |   OrderStatus: [open]
      |                 ^^^^
      |
      = help: rename one of them
    ");
}

#[test]
fn fields_that_become_the_same() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      line_1: string
      line1: string
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `line_1` and `line1` are the same name: `line1` in GraphQL
     --> shop.yaml:7:7
      |
    6 |       line_1: string
      |       ------ the other one
    7 |       line1: string
      |       ^^^^^
      |
      = help: fields, relations and actions share their names; rename one of them
    ");
}

#[test]
fn hooks_that_become_the_same() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { State: [here, there] }
resources:
  Parcel:
    fields:
      state:         { type: State, default: here, read_only: true }
      in_transit:    { type: bool, read_only: true }
      after_transit: { type: bool, default: false, read_only: true }
    actions:
      transit:        { transition: { field: state, from: [here], to: there } }
      before_transit: {}
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `in_transit` needs a hook of the name that one around `transit` has
      --> shop.yaml:8:7
       |
     8 |       in_transit:    { type: bool, read_only: true }
       |       ^^^^^^^^^^
    ...
    11 |       transit:        { transition: { field: state, from: [here], to: there } }
       |       ------- the other one
       |
       = help: rename one of them

    error[E0013]: `before_transit` needs a hook of the name that one around `transit` has
      --> shop.yaml:12:7
       |
    11 |       transit:        { transition: { field: state, from: [here], to: there } }
       |       ------- the other one
    12 |       before_transit: {}
       |       ^^^^^^^^^^^^^^
       |
       = help: rename one of them
    ");
}

#[test]
fn optional_twin() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      note: string
      note?: string
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0005]: `note` is written twice
     --> shop.yaml:7:7
      |
    6 |       note: string
      |       ---- the other one
    7 |       note?: string
      |       ^^^^
      |
      = help: fields, relations and actions share their names; rename one of them
    ");
}

#[test]
fn relation_id_is_a_field() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  User: { fields: { a: string } }
  Order:
    fields: { customer_id: string }
    relations: { customer: { belongs_to: User } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: relation `customer` adds `customer_id`, which is there already
     --> shop.yaml:7:18
      |
    6 |     fields: { customer_id: string }
      |               ----------- the other one
    7 |     relations: { customer: { belongs_to: User } }
      |                  ^^^^^^^^
      |
      = help: fields, relations and actions share their names; rename one of them
    ");
}

#[test]
fn field_and_relation_of_one_name() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  User: { fields: { a: string } }
  Order:
    fields: { customer: string }
    relations: { customer: { belongs_to: User } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0005]: `customer` is written twice
     --> shop.yaml:7:18
      |
    6 |     fields: { customer: string }
      |               -------- the other one
    7 |     relations: { customer: { belongs_to: User } }
      |                  ^^^^^^^^
      |
      = help: fields, relations and actions share their names; rename one of them
    ");
}

#[test]
fn one_name_for_two_things() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { Thing: [a] }
types: { Thing: { fields: { a: string } } }
resources: { Thing: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: the name `Thing` is taken
     --> shop.yaml:4:10
      |
    3 | enums: { Thing: [a] }
      |          ----- first used here
    4 | types: { Thing: { fields: { a: string } } }
      |          ^^^^^ enums, types and resources share their names

    error[E0013]: the name `Thing` is taken
     --> shop.yaml:5:14
      |
    4 | types: { Thing: { fields: { a: string } } }
      |          ----- first used here
    5 | resources: { Thing: { fields: { a: string } } }
      |              ^^^^^ enums, types and resources share their names
    ");
}

#[test]
fn generated_type_name() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
types: { OrderList: { fields: { a: string } } }
resources: { Order: { fields: { a: string } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `OrderList` and `Order` both need the type name `OrderList`
     --> shop.yaml:4:14
      |
    3 | types: { OrderList: { fields: { a: string } } }
      |          --------- the other one
    4 | resources: { Order: { fields: { a: string } } }
      |              ^^^^^
      |
      = help: rename one of them
    ");
}

#[test]
fn same_plural() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Person: { fields: { a: string } }
  Human: { plural: People, fields: { a: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `Person` and `Human` collide: `People` is the plural of both
     --> shop.yaml:5:3
      |
    4 |   Person: { fields: { a: string } }
      |   ------ the other one
    5 |   Human: { plural: People, fields: { a: string } }
      |   ^^^^^
      |
      = help: give one of them its own `plural` or `path`
    ");
}

#[test]
fn same_path() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Case: { fields: { a: string } }
  Crate: { path: cases, fields: { a: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `Case` and `Crate` collide: `/cases` is the path of both
     --> shop.yaml:5:3
      |
    4 |   Case: { fields: { a: string } }
      |   ---- the other one
    5 |   Crate: { path: cases, fields: { a: string } }
      |   ^^^^^
      |
      = help: give one of them its own `plural` or `path`
    ");
}

#[test]
fn its_own_plural() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Sheep: { fields: { a: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `Sheep` is its own plural
     --> shop.yaml:4:3
      |
    4 |   Sheep: { fields: { a: string } }
      |   ^^^^^
      |
      = help: lists need another name than single rows: `plural: SheepList`
    ");
}
