//! Who callers are, and who may do what.

use super::mistakes;

#[test]
fn nothing_of_it_means_anything_without_auth() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  User: { fields: { name: string }, owner: self, access: { read: public } }
  Order:
    fields: { note: { type: string, access: { read: owner } } }
    relations: { user: { belongs_to: User, default: principal, read_only: true, access: { write: authenticated } } }
    tenant: user
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `owner` has no meaning without `auth`
     --> shop.yaml:4:44
      |
    4 |   User: { fields: { name: string }, owner: self, access: { read: public } }
      |                                            ^^^^
      |
      = help: add `auth:` at the top of the spec: `auth: { principal: User }`

    error[E0029]: `access` has no meaning without `auth`
     --> shop.yaml:4:60
      |
    4 |   User: { fields: { name: string }, owner: self, access: { read: public } }
      |                                                            ^^^^
      |
      = help: add `auth:` at the top of the spec: `auth: { principal: User }`

    error[E0029]: `access` has no meaning without `auth`
     --> shop.yaml:6:47
      |
    6 |     fields: { note: { type: string, access: { read: owner } } }
      |                                               ^^^^
      |
      = help: add `auth:` at the top of the spec: `auth: { principal: User }`

    error[E0029]: `default` has no meaning without `auth`
     --> shop.yaml:7:53
      |
    7 |     relations: { user: { belongs_to: User, default: principal, read_only: true, access: { write: authenticated } } }
      |                                                     ^^^^^^^^^
      |
      = help: add `auth:` at the top of the spec: `auth: { principal: User }`

    error[E0029]: `access` has no meaning without `auth`
     --> shop.yaml:7:91
      |
    7 |     relations: { user: { belongs_to: User, default: principal, read_only: true, access: { write: authenticated } } }
      |                                                                                           ^^^^^
      |
      = help: add `auth:` at the top of the spec: `auth: { principal: User }`

    error[E0029]: `tenant` has no meaning without `auth`
     --> shop.yaml:8:13
      |
    8 |     tenant: user
      |             ^^^^
      |
      = help: add `auth:` at the top of the spec: `auth: { principal: User }`
    ");
}

#[test]
fn auth() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
auth:
  principle: User
  principal: Usr
  login: { resource: Order, identifier: note, secret: notes }
  tenant: { resource: Account }
  roles:
    Admin: [all]
    support: ['orders:read', 'orders:read', 'orders:']
resources:
  User: { fields: { email: email, password: password }, tenant: none }
  Order: { fields: { note: string }, tenant: none }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r#"
    error[E0004]: unknown key `principle` in `auth`
     --> shop.yaml:4:3
      |
    4 |   principle: User
      |   ^^^^^^^^^
      |
      = help: did you mean `principal`?

    error[E0007]: unknown type `Usr`
     --> shop.yaml:5:14
      |
    5 |   principal: Usr
      |              ^^^ no resource, type or enum has this name
      |
      = help: did you mean `User`?

    error[E0045]: callers aren't rows of `Order`
     --> shop.yaml:6:22
      |
    5 |   principal: Usr
      |              --- but of this resource
    6 |   login: { resource: Order, identifier: note, secret: notes }
      |                      ^^^^^
      |
      = help: write `resource: Usr`

    error[E0045]: nobody can be told from others by `note`
     --> shop.yaml:6:41
      |
    6 |   login: { resource: Order, identifier: note, secret: notes }
      |                                         ^^^^
      |
      = help: name a `string` or `email` with `unique: true`

    error[E0036]: `Order` has no field `notes`
     --> shop.yaml:6:55
      |
    6 |   login: { resource: Order, identifier: note, secret: notes }
      |                                                       ^^^^^
      |
      = help: did you mean `note`?

    error[E0006]: `tenant` has no `claim`
     --> shop.yaml:7:3
      |
    7 |   tenant: { resource: Account }
      |   ^^^^^^
      |
      = help: write `tenant: { resource: Account, claim: account_id }`

    error[E0007]: unknown type `Account`
     --> shop.yaml:7:23
      |
    7 |   tenant: { resource: Account }
      |                       ^^^^^^^ no resource, type or enum has this name

    error[E0011]: `Admin` is not snake_case
     --> shop.yaml:9:5
      |
    9 |     Admin: [all]
      |     ^^^^^
      |
      = help: write `admin`

    error[E0044]: `all` is not a scope
     --> shop.yaml:9:13
      |
    9 |     Admin: [all]
      |             ^^^
      |
      = help: a scope is a resource's plural and what may be done, `order_items:read`, or `"*"` for all

    error[E0005]: `orders:read` is written twice
      --> shop.yaml:10:30
       |
    10 |     support: ['orders:read', 'orders:read', 'orders:']
       |               -------------  ^^^^^^^^^^^^^ again here
       |               |
       |               first here

    error[E0044]: `orders:` is not a scope
      --> shop.yaml:10:45
       |
    10 |     support: ['orders:read', 'orders:read', 'orders:']
       |                                             ^^^^^^^^^
       |
       = help: a scope is a resource's plural and what may be done, `order_items:read`, or `"*"` for all
    "#);
}

#[test]
fn a_login_needs_to_tell_people_apart() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
auth: { principal: User, login: { resource: User, identifier: email, secret: email } }
resources:
  User: { fields: { email: email } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0045]: nobody can be told from others by `email`
     --> shop.yaml:3:63
      |
    3 | auth: { principal: User, login: { resource: User, identifier: email, secret: email } }
      |                                                               ^^^^^
      |
      = help: name a `string` or `email` with `unique: true`

    error[E0045]: `email` isn't a password
     --> shop.yaml:3:78
      |
    3 | auth: { principal: User, login: { resource: User, identifier: email, secret: email } }
      |                                                                              ^^^^^
      |
      = help: name a field of type `password`
    ");
}

#[test]
fn alternatives() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
auth: { principal: User, roles: { admin: ['*'] } }
resources:
  User:
    fields: { name: string, age: int32, tags: list<string> }
    access:
      read: everybody
      write: [role:admn, scope:users, owner, role:, via:frends]
      list: []
      get: [{ role: admin, whom: x }, { when: { nam: x, age: old, tags: [a] } }, {}, { owner: false }]
      creates: public
      delete: [[public]]
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0044]: `everybody` doesn't say who may
     --> shop.yaml:8:13
      |
    8 |       read: everybody
      |             ^^^^^^^^^
      |
      = help: write `public`, `authenticated`, `owner`, `role:NAME`, `scope:NAME`, `via:PATH`, or a mapping of `role`, `scope`, `owner`, `via` and `when` that must all hold

    error[E0036]: `auth` has no role `admn`
     --> shop.yaml:9:20
      |
    9 |       write: [role:admn, scope:users, owner, role:, via:frends]
      |                    ^^^^
      |
      = help: did you mean `admin`?

    error[E0044]: `users` is not a scope
     --> shop.yaml:9:32
      |
    9 |       write: [role:admn, scope:users, owner, role:, via:frends]
      |                                ^^^^^
      |
      = help: a scope is the resource's plural and what may be done: `order_items:read`

    error[E0044]: `User` has no `owner`
     --> shop.yaml:9:39
      |
    9 |       write: [role:admn, scope:users, owner, role:, via:frends]
      |                                       ^^^^^
      |
      = help: add `owner: PATH` to the resource: relations that lead to the caller, or `self`

    error[E0008]: `role` must be a single value
     --> shop.yaml:9:50
      |
    9 |       write: [role:admn, scope:users, owner, role:, via:frends]
      |                                                  ^ nothing stands here

    error[E0043]: `User` has no relation `frends`
     --> shop.yaml:9:57
      |
    9 |       write: [role:admn, scope:users, owner, role:, via:frends]
      |                                                         ^^^^^^
      |
      = help: a path names relations, with dots between them

    error[E0014]: `list` is open to nobody
      --> shop.yaml:10:7
       |
    10 |       list: []
       |       ^^^^
       |
       = help: write `public`, `authenticated`, `owner`, `role:NAME`, `scope:NAME`, `via:PATH`, or a mapping of `role`, `scope`, `owner`, `via` and `when` that must all hold

    error[E0004]: unknown key `whom` in an alternative
      --> shop.yaml:11:28
       |
    11 |       get: [{ role: admin, whom: x }, { when: { nam: x, age: old, tags: [a] } }, {}, { owner: false }]
       |                            ^^^^
       |
       = help: an alternative may have: role, scope, owner, via, when

    error[E0036]: `User` has no field or relation `nam`
      --> shop.yaml:11:49
       |
    11 |       get: [{ role: admin, whom: x }, { when: { nam: x, age: old, tags: [a] } }, {}, { owner: false }]
       |                                                 ^^^
       |
       = help: did you mean `name`?

    error[E0044]: an alternative without any condition
      --> shop.yaml:11:82
       |
    11 |       get: [{ role: admin, whom: x }, { when: { nam: x, age: old, tags: [a] } }, {}, { owner: false }]
       |                                                                                  ^^
       |
       = help: write `public`, `authenticated`, `owner`, `role:NAME`, `scope:NAME`, `via:PATH`, or a mapping of `role`, `scope`, `owner`, `via` and `when` that must all hold

    error[E0044]: `owner: false` lets nobody in
      --> shop.yaml:11:88
       |
    11 |       get: [{ role: admin, whom: x }, { when: { nam: x, age: old, tags: [a] } }, {}, { owner: false }]
       |                                                                                        ^^^^^
       |
       = help: write `public`, `authenticated`, `owner`, `role:NAME`, `scope:NAME`, `via:PATH`, or a mapping of `role`, `scope`, `owner`, `via` and `when` that must all hold

    error[E0031]: `User` has no operation or action `creates`
      --> shop.yaml:12:7
       |
    12 |       creates: public
       |       ^^^^^^^
       |
       = help: did you mean `create`?

    error[E0008]: an alternative must be a single value
      --> shop.yaml:13:16
       |
    13 |       delete: [[public]]
       |                ^^^^^^^^ a list stands here
    ");
}

#[test]
fn paths() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
auth: { principal: User, tenant: { resource: Account, claim: account_id } }
defaults: { tenant: account }
resources:
  Account: { fields: { name: string }, tenant: self }
  User:
    fields: { name: string }
    relations: { account: { belongs_to: Account }, orders: { has_many: Order, inverse: user } }
    owner: account
  Order:
    fields: { note: string }
    relations: { user: { belongs_to: User }, account?: { belongs_to: Account }, lines: { has_many: Line, inverse: order } }
    owner: self
    access: { read: [via:user.orders, 'via:user.nobody'] }
  Line:
    fields: { number: int32 }
    relations: { order: { belongs_to: Order } }
    owner: order.user
    tenant: order.user.account
    access: { read: via:order }
  Note: { fields: { text: string } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0043]: `account` of `Order` doesn't lead to exactly one row
     --> shop.yaml:4:21
      |
    4 | defaults: { tenant: account }
      |                     ^^^^^^^
      |
      = help: a tenant is found through `belongs_to` relations that aren't optional

    error[E0043]: `Note` has no relation `account`
     --> shop.yaml:4:21
      |
    4 | defaults: { tenant: account }
      |                     ^^^^^^^
      |
      = help: a path names relations, with dots between them

    error[E0043]: `account` leads to `Account`, not to `User`
      --> shop.yaml:10:12
       |
    10 |     owner: account
       |            ^^^^^^^
       |
       = help: a path of relations must end at `User`

    error[E0043]: `self` isn't a `User`
      --> shop.yaml:14:12
       |
    14 |     owner: self
       |            ^^^^
       |
       = help: `self` is for `User` alone; name a relation that leads there

    error[E0043]: `user.orders` leads to `Order`, not to `User`
      --> shop.yaml:15:26
       |
    15 |     access: { read: [via:user.orders, 'via:user.nobody'] }
       |                          ^^^^^^^^^^^
       |
       = help: go on: `user.orders.user`

    error[E0043]: `User` has no relation `nobody`
      --> shop.yaml:15:39
       |
    15 |     access: { read: [via:user.orders, 'via:user.nobody'] }
       |                                       ^^^^^^^^^^^^^^^^^
       |
       = help: a path names relations, with dots between them

    error[E0043]: `order` leads to `Order`, not to `User`
      --> shop.yaml:21:25
       |
    21 |     access: { read: via:order }
       |                         ^^^^^
       |
       = help: go on: `order.user`
    ");
}

#[test]
fn parts_of_rows() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
auth: { principal: User }
resources:
  User:
    fields:
      secret: { type: password, access: { read: owner } }
      level: { type: int32, default: 1, read_only: true, access: { write: authenticated, see: public } }
      rank: { type: int32, sort: true, access: { read: owner } }
      spent: { sum: orders.total }
    relations:
      orders: { has_many: Order, inverse: user, access: { read: authenticated } }
    owner: self
    list: { sort: [-rank] }
  Order:
    fields: { total: { type: int32, access: { read: authenticated } } }
    relations:
      user: { belongs_to: User, default: caller }
      parent?: { belongs_to: Order, default: principal }
    access: { read: owner }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `access.read` has no meaning for `secret`
     --> shop.yaml:7:43
      |
    7 |       secret: { type: password, access: { read: owner } }
      |                                           ^^^^
      |
      = help: nobody reads it anyway; remove it

    error[E0029]: `access.write` has no meaning for `level`
     --> shop.yaml:8:68
      |
    8 |       level: { type: int32, default: 1, read_only: true, access: { write: authenticated, see: public } }
      |                                                                    ^^^^^
      |
      = help: callers don't set it anyway; remove it

    error[E0004]: unknown key `see` in `access` of a field
     --> shop.yaml:8:90
      |
    8 |       level: { type: int32, default: 1, read_only: true, access: { write: authenticated, see: public } }
      |                                                                                          ^^^
      |
      = help: `access` of a field may have: read, write

    error[E0044]: `spent` tells of `total`, which not everybody may read
      --> shop.yaml:10:7
       |
    10 |       spent: { sum: orders.total }
       |       ^^^^^
       |
       = help: give it `access: { read: … }` of its own

    error[E0032]: not everybody who may list may read `rank`
      --> shop.yaml:14:20
       |
    14 |     list: { sort: [-rank] }
       |                    ^^^^^
       |
       = help: sort by a field that all may read; who may read this one can ask for its order

    error[E0020]: `caller` is not a default of a relation
      --> shop.yaml:18:42
       |
    18 |       user: { belongs_to: User, default: caller }
       |                                          ^^^^^^
       |
       = help: write `principal`, or remove it

    error[E0044]: callers aren't rows of `Order`
      --> shop.yaml:19:46
       |
    19 |       parent?: { belongs_to: Order, default: principal }
       |                                              ^^^^^^^^^
       |
       = help: only a `belongs_to` the resource of `auth.principal` has it; is that `Order`?

    error[E0044]: `Order` has no `owner`
      --> shop.yaml:20:21
       |
    20 |     access: { read: owner }
       |                     ^^^^^
       |
       = help: add `owner: PATH` to the resource: relations that lead to the caller, or `self`
    ");
}

#[test]
fn limits_protocols_and_requirements() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
limits: { anonymous: 60, authenticated: 0/min, others: 1/s }
rest: { links: yes }
graphql: { max_depth: 0, http: newest }
grpc: { reflect: true }
resources:
  User:
    fields: { name: string }
    operations: [list]
    require: [if_match, if_match, idempotency, idempotency_key]
    lint_allow: { L12: old, L0012: '' }
    limit: 5/week
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r#"
    error[E0020]: `60` is not a rate
     --> shop.yaml:3:22
      |
    3 | limits: { anonymous: 60, authenticated: 0/min, others: 1/s }
      |                      ^^
      |
      = help: write requests per `s`, `min`, `h` or `d`: `60/min`

    error[E0020]: `0/min` is not a rate
     --> shop.yaml:3:41
      |
    3 | limits: { anonymous: 60, authenticated: 0/min, others: 1/s }
      |                                         ^^^^^
      |
      = help: write requests per `s`, `min`, `h` or `d`: `60/min`

    error[E0004]: unknown key `others` in `limits`
     --> shop.yaml:3:48
      |
    3 | limits: { anonymous: 60, authenticated: 0/min, others: 1/s }
      |                                                ^^^^^^
      |
      = help: `limits` may have: anonymous, authenticated

    error[E0008]: `links` must be `true` or `false`
     --> shop.yaml:4:16
      |
    4 | rest: { links: yes }
      |                ^^^ neither of the two

    error[E0020]: `0` is not a limit
     --> shop.yaml:5:23
      |
    5 | graphql: { max_depth: 0, http: newest }
      |                       ^
      |
      = help: write a whole number from 1 to 1000000000

    error[E0020]: `newest` is not a value for `http`
     --> shop.yaml:5:32
      |
    5 | graphql: { max_depth: 0, http: newest }
      |                                ^^^^^^
      |
      = help: write `stable` or `draft`

    error[E0004]: unknown key `reflect` in `grpc`
     --> shop.yaml:6:9
      |
    6 | grpc: { reflect: true }
      |         ^^^^^^^
      |
      = help: `grpc` may have: reflection

    error[E0029]: `if_match` without `update`, `replace`, `delete` or an action
      --> shop.yaml:11:15
       |
    11 |     require: [if_match, if_match, idempotency, idempotency_key]
       |               ^^^^^^^^
       |
       = help: nothing could carry it; remove it

    error[E0005]: `if_match` is written twice
      --> shop.yaml:11:25
       |
    11 |     require: [if_match, if_match, idempotency, idempotency_key]
       |               --------  ^^^^^^^^ again here
       |               |
       |               first here

    error[E0020]: `idempotency` can't be required
      --> shop.yaml:11:35
       |
    11 |     require: [if_match, if_match, idempotency, idempotency_key]
       |                                   ^^^^^^^^^^^
       |
       = help: there are: if_match, idempotency_key

    error[E0029]: `idempotency_key` without `create`
      --> shop.yaml:11:48
       |
    11 |     require: [if_match, if_match, idempotency, idempotency_key]
       |                                                ^^^^^^^^^^^^^^^
       |
       = help: nothing could carry it; remove it

    error[E0020]: `L12` is not a lint
      --> shop.yaml:12:19
       |
    12 |     lint_allow: { L12: old, L0012: '' }
       |                   ^^^
       |
       = help: name it by its code, with the reason: `{ L0012: "the old API has it" }`

    error[E0014]: no reason why `L0012` doesn't hold
      --> shop.yaml:12:36
       |
    12 |     lint_allow: { L12: old, L0012: '' }
       |                                    ^^
       |
       = help: say it in a few words

    error[E0020]: `5/week` is not a rate
      --> shop.yaml:13:12
       |
    13 |     limit: 5/week
       |            ^^^^^^
       |
       = help: write requests per `s`, `min`, `h` or `d`: `60/min`
    "#);
}

#[test]
fn callers_must_be_known_to_own_anything() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
auth: { roles: { admin: ['*'] } }
resources:
  User: { fields: { name: string }, owner: self, access: { read: owner, write: via:friend } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0044]: `owner` needs to know which resource callers are
     --> shop.yaml:5:44
      |
    3 | auth: { roles: { admin: ['*'] } }
      | ---- no `principal` here
    4 | resources:
    5 |   User: { fields: { name: string }, owner: self, access: { read: owner, write: via:friend } }
      |                                            ^^^^
      |
      = help: add it to `auth`: `principal: User`

    error[E0044]: `via` needs to know which resource callers are
     --> shop.yaml:5:84
      |
    3 | auth: { roles: { admin: ['*'] } }
      | ---- no `principal` here
    4 | resources:
    5 |   User: { fields: { name: string }, owner: self, access: { read: owner, write: via:friend } }
      |                                                                                    ^^^^^^
      |
      = help: add it to `auth`: `principal: User`
    ");
}

#[test]
fn a_login_needs_names_of_its_own() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
auth: { principal: User, login: { resource: User, identifier: email, secret: password } }
types:
  AuthToken: { fields: { text: string } }
resources:
  User: { fields: { email: { type: email, unique: true }, password: password } }
  Auth: { fields: { name: string } }
  Rights: { fields: { name: string }, plural: AllRights, path: auth }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0013]: `auth.login` and `AuthToken` both need the type name `AuthToken`
     --> shop.yaml:5:3
      |
    3 | auth: { principal: User, login: { resource: User, identifier: email, secret: password } }
      |                          ----- the other one
    4 | types:
    5 |   AuthToken: { fields: { text: string } }
      |   ^^^^^^^^^
      |
      = help: rename one of them

    error[E0013]: `auth.login` and `Auth` both need the type name `AuthService`
     --> shop.yaml:8:3
      |
    3 | auth: { principal: User, login: { resource: User, identifier: email, secret: password } }
      |                          ----- the other one
    ...
    8 |   Auth: { fields: { name: string } }
      |   ^^^^
      |
      = help: rename one of them

    error[E0013]: `auth.login` and `Rights` collide: `/auth` is the path of both
     --> shop.yaml:9:3
      |
    3 | auth: { principal: User, login: { resource: User, identifier: email, secret: password } }
      |                          ----- the other one
    ...
    9 |   Rights: { fields: { name: string }, plural: AllRights, path: auth }
      |   ^^^^^^
      |
      = help: give one of them its own `plural` or `path`
    ");
}
