//! Types, literals and constraints.

use super::mistakes;

#[test]
fn unknown_type() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: strng
      b: integer
      c: Colour
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0007]: unknown type `strng`
     --> shop.yaml:6:10
      |
    6 |       a: strng
      |          ^^^^^ no resource, type or enum has this name
      |
      = help: did you mean `string`?

    error[E0007]: unknown type `integer`
     --> shop.yaml:7:10
      |
    7 |       b: integer
      |          ^^^^^^^ no resource, type or enum has this name
      |
      = help: did you mean `int32`?

    error[E0007]: unknown type `Colour`
     --> shop.yaml:8:10
      |
    8 |       c: Colour
      |          ^^^^^^ no resource, type or enum has this name
    ");
}

#[test]
fn resource_as_type() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  User: { fields: { a: string } }
  Order: { fields: { customer: User } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0007]: `User` is a resource, not a type
     --> shop.yaml:5:32
      |
    5 |   Order: { fields: { customer: User } }
      |                                ^^^^ a field holds a value, not another row
      |
      = help: write it under `relations:`, as `{ belongs_to: User }`
    ");
}

#[test]
fn strange_type_expressions() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: list<list<string>>
      b: set<string>
      c: list<string
      d: string?
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0007]: `list<string>` is not a type
     --> shop.yaml:6:15
      |
    6 |       a: list<list<string>>
      |               ^^^^^^^^^^^^
      |
      = help: a list or map can't hold another one; wrap it in a value type

    error[E0007]: `set<string>` is not a type
     --> shop.yaml:7:10
      |
    7 |       b: set<string>
      |          ^^^^^^^^^^^
      |
      = help: only `list<T>`, `map<T>` and `ref<T>` have a type inside

    error[E0007]: `list<string` is not a type
     --> shop.yaml:8:10
      |
    8 |       c: list<string
      |          ^^^^^^^^^^^
      |
      = help: a `>` is missing

    error[E0007]: `string?` is not a type
     --> shop.yaml:9:10
      |
    9 |       d: string?
      |          ^^^^^^^
      |
      = help: the `?` belongs to the field's name: `name?: string`
    ");
}

#[test]
fn missing_type() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { filter: true }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0006]: field `a` has no `type`
     --> shop.yaml:6:7
      |
    6 |       a: { filter: true }
      |       ^
      |
      = help: write `{ type: string }`
    ");
}

#[test]
fn optional_list() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      tags?: list<string>
      labels?: map<string>
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0033]: `tags` can't be optional
     --> shop.yaml:6:7
      |
    6 |       tags?: list<string>
      |       ^^^^
      |
      = help: remove the `?`: lists and maps are never absent, but may be empty

    error[E0033]: `labels` can't be optional
     --> shop.yaml:7:7
      |
    7 |       labels?: map<string>
      |       ^^^^^^
      |
      = help: remove the `?`: lists and maps are never absent, but may be empty
    ");
}

#[test]
fn decimal_digits() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: decimal
      b: { type: decimal, scale: 2, precision: 19 }
      c: { type: decimal, scale: 5, precision: 4 }
      d: { type: int32, scale: 2 }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0006]: a decimal has no `scale`
     --> shop.yaml:6:10
      |
    6 |       a: decimal
      |          ^^^^^^^
      |
      = help: say how many digits follow the point: `{ type: decimal, scale: 2 }`

    error[E0020]: `19` is not a precision
     --> shop.yaml:7:48
      |
    7 |       b: { type: decimal, scale: 2, precision: 19 }
      |                                                ^^
      |
      = help: write a whole number from 1 to 18

    error[E0020]: `5` is not a scale
     --> shop.yaml:8:34
      |
    8 |       c: { type: decimal, scale: 5, precision: 4 }
      |                                  ^
      |
      = help: write a whole number from 0 to 4

    error[E0017]: `scale` doesn't apply to `int32`
     --> shop.yaml:9:32
      |
    9 |       d: { type: int32, scale: 2 }
      |                                ^
      |
      = help: only a `decimal` has it
    ");
}

#[test]
fn bad_numbers() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: int32, default: 2147483648 }
      b: { type: int64, example: 1.5 }
      c: { type: float64, default: .nan }
      d: { type: decimal, scale: 2, default: 0.105 }
      e: { type: int32, default: 007 }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0015]: `2147483648` is not a value of type `int32`
     --> shop.yaml:6:34
      |
    6 |       a: { type: int32, default: 2147483648 }
      |                                  ^^^^^^^^^^ expected a whole number from -2147483648 to 2147483647

    error[E0015]: `1.5` is not a value of type `int64`
     --> shop.yaml:7:34
      |
    7 |       b: { type: int64, example: 1.5 }
      |                                  ^^^ expected a whole number from -9223372036854775808 to 9223372036854775807

    error[E0015]: `.nan` is not a value of type `float64`
     --> shop.yaml:8:36
      |
    8 |       c: { type: float64, default: .nan }
      |                                    ^^^^ expected a finite number

    error[E0015]: `0.105` is not a value of type `decimal`
     --> shop.yaml:9:46
      |
    9 |       d: { type: decimal, scale: 2, default: 0.105 }
      |                                              ^^^^^ expected a number with at most 2 of 18 digits after the point

    error[E0015]: `007` is not a value of type `int32`
      --> shop.yaml:10:34
       |
    10 |       e: { type: int32, default: 007 }
       |                                  ^^^ expected a whole number from -2147483648 to 2147483647
    ");
}

#[test]
fn bad_texts() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: bool, default: yes }
      b: { type: uuid, example: 12 }
      c: { type: email, example: nobody }
      d: { type: url, example: example.com }
      e: { type: bytes, example: '%%%' }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0015]: `yes` is not a value of type `bool`
     --> shop.yaml:6:33
      |
    6 |       a: { type: bool, default: yes }
      |                                 ^^^ expected `true` or `false`

    error[E0015]: `12` is not a value of type `uuid`
     --> shop.yaml:7:33
      |
    7 |       b: { type: uuid, example: 12 }
      |                                 ^^ expected a UUID with hyphens: `0190b9a2-7e3f-7cc4-b1d2-3f5a6b7c8d9e`

    error[E0015]: `nobody` is not a value of type `email`
     --> shop.yaml:8:34
      |
    8 |       c: { type: email, example: nobody }
      |                                  ^^^^^^ expected an email address

    error[E0015]: `example.com` is not a value of type `url`
     --> shop.yaml:9:32
      |
    9 |       d: { type: url, example: example.com }
      |                                ^^^^^^^^^^^ expected a whole URL: `https://example.com/path`

    error[E0015]: `%%%` is not a value of type `bytes`
      --> shop.yaml:10:34
       |
    10 |       e: { type: bytes, example: '%%%' }
       |                                  ^^^^^ expected base64
    ");
}

#[test]
fn bad_times() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: timestamp, example: 2026-01-31 }
      b: { type: date, default: now }
      c: { type: duration, default: P1M }
      d: { type: timestamp, default: today }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0015]: `2026-01-31` is not a value of type `timestamp`
     --> shop.yaml:6:38
      |
    6 |       a: { type: timestamp, example: 2026-01-31 }
      |                                      ^^^^^^^^^^ expected a time with its offset: `2026-01-31T12:30:00Z`

    error[E0015]: `now` is not a value of type `date`
     --> shop.yaml:7:33
      |
    7 |       b: { type: date, default: now }
      |                                 ^^^ expected a date: `2026-01-31`

    error[E0015]: `P1M` is not a value of type `duration`
     --> shop.yaml:8:37
      |
    8 |       c: { type: duration, default: P1M }
      |                                     ^^^ expected an ISO 8601 duration without years and months: `PT1H30M`

    error[E0015]: `today` is not a value of type `timestamp`
     --> shop.yaml:9:38
      |
    9 |       d: { type: timestamp, default: today }
      |                                      ^^^^^ expected a time with its offset: `2026-01-31T12:30:00Z`
    ");
}

#[test]
fn bad_enum_literal() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { Role: [admin, user] }
resources:
  Thing:
    fields:
      a: { type: Role, default: amdin }
      b: { type: Role, example: owner }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0015]: `amdin` is not a value of enum `Role`
     --> shop.yaml:7:33
      |
    7 |       a: { type: Role, default: amdin }
      |                                 ^^^^^
      |
      = help: did you mean `admin`?

    error[E0015]: `owner` is not a value of enum `Role`
     --> shop.yaml:8:33
      |
    8 |       b: { type: Role, example: owner }
      |                                 ^^^^^
      |
      = help: its values: admin, user
    ");
}

#[test]
fn bad_collections() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: list<int32>, default: [1, b] }
      b: { type: list<string>, example: x }
      c: { type: map<bool>, default: { on: maybe } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0015]: `b` is not a value of type `int32`
     --> shop.yaml:6:44
      |
    6 |       a: { type: list<int32>, default: [1, b] }
      |                                            ^ expected a whole number from -2147483648 to 2147483647

    error[E0015]: `x` is not a value of type `list<string>`
     --> shop.yaml:7:41
      |
    7 |       b: { type: list<string>, example: x }
      |                                         ^ expected a list (`[a, b]`)

    error[E0015]: `maybe` is not a value of type `bool`
     --> shop.yaml:8:44
      |
    8 |       c: { type: map<bool>, default: { on: maybe } }
      |                                            ^^^^^ expected `true` or `false`
    ");
}

#[test]
fn bad_objects() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
types: { Money: { fields: { amount: int64, unit: string } } }
resources:
  Thing:
    fields:
      a: { type: Money, example: { amount: 1 } }
      b: { type: Money, example: { amount: x, unit: EUR, united: 1 } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0015]: `Money` needs a `unit`
     --> shop.yaml:7:34
      |
    7 |       a: { type: Money, example: { amount: 1 } }
      |                                  ^^^^^^^^^^^^^
      |
      = help: add `unit: …`

    error[E0015]: `x` is not a value of type `int64`
     --> shop.yaml:8:44
      |
    8 |       b: { type: Money, example: { amount: x, unit: EUR, united: 1 } }
      |                                            ^ expected a whole number from -9223372036854775808 to 9223372036854775807

    error[E0015]: `Money` has no field `united`
     --> shop.yaml:8:58
      |
    8 |       b: { type: Money, example: { amount: x, unit: EUR, united: 1 } }
      |                                                          ^^^^^^
      |
      = help: did you mean `unit`?
    ");
}

#[test]
fn null_default() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a?: { type: string, default: null }
      b?: { type: string, default: 'null' }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0015]: a default can't be null
     --> shop.yaml:6:36
      |
    6 |       a?: { type: string, default: null }
      |                                    ^^^^
      |
      = help: remove it: an optional field without a default is null anyway
    ");
}

#[test]
fn password_default() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: password, default: secret }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: a password can't have a default
     --> shop.yaml:6:37
      |
    6 |       a: { type: password, default: secret }
      |                                     ^^^^^^
      |
      = help: nobody's password should be known beforehand
    ");
}

#[test]
fn literal_breaks_its_constraint() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: string, max_length: 2, default: abc }
      b: { type: string, pattern: '^[A-Z]+$', example: abc }
      c: { type: int32, minimum: 1, default: 0 }
      d: { type: decimal, scale: 2, multiple_of: 0.05, default: 0.12 }
      e: { type: list<string>, max_items: 1, unique_items: true, default: [a, a] }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0016]: the value breaks the field's own `max_length`
     --> shop.yaml:6:50
      |
    6 |       a: { type: string, max_length: 2, default: abc }
      |                                                  ^^^ not allowed by `max_length: 2`

    error[E0016]: the value breaks the field's own `pattern`
     --> shop.yaml:7:56
      |
    7 |       b: { type: string, pattern: '^[A-Z]+$', example: abc }
      |                                                        ^^^ not allowed by `pattern: ^[A-Z]+$`

    error[E0016]: the value breaks the field's own `minimum`
     --> shop.yaml:8:46
      |
    8 |       c: { type: int32, minimum: 1, default: 0 }
      |                                              ^ not allowed by `minimum: 1`

    error[E0016]: the value breaks the field's own `multiple_of`
     --> shop.yaml:9:65
      |
    9 |       d: { type: decimal, scale: 2, multiple_of: 0.05, default: 0.12 }
      |                                                                 ^^^^ not allowed by `multiple_of: 0.05`

    error[E0016]: the value breaks the field's own `max_items`
      --> shop.yaml:10:75
       |
    10 |       e: { type: list<string>, max_items: 1, unique_items: true, default: [a, a] }
       |                                                                           ^^^^^^ not allowed by `max_items: 1`

    error[E0016]: the value breaks the field's own `unique_items`
      --> shop.yaml:10:75
       |
    10 |       e: { type: list<string>, max_items: 1, unique_items: true, default: [a, a] }
       |                                                                           ^^^^^^ not allowed by `unique_items: true`
    ");
}

#[test]
fn constraint_not_applicable() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: int32, max_length: 3 }
      b: { type: string, minimum: 3 }
      c: { type: list<string>, max_length: 3 }
      d: { type: bool, pattern: x }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0017]: `max_length` doesn't apply to `int32`
     --> shop.yaml:6:25
      |
    6 |       a: { type: int32, max_length: 3 }
      |                         ^^^^^^^^^^
      |
      = help: numbers have `minimum`, `maximum` and `multiple_of`

    error[E0017]: `minimum` doesn't apply to `string`
     --> shop.yaml:7:26
      |
    7 |       b: { type: string, minimum: 3 }
      |                          ^^^^^^^
      |
      = help: did you mean `min_length` or `max_length`?

    error[E0017]: `max_length` doesn't apply to `list<string>`
     --> shop.yaml:8:32
      |
    8 |       c: { type: list<string>, max_length: 3 }
      |                                ^^^^^^^^^^
      |
      = help: did you mean `min_items` or `max_items`?

    error[E0017]: `pattern` doesn't apply to `bool`
     --> shop.yaml:9:24
      |
    9 |       d: { type: bool, pattern: x }
      |                        ^^^^^^^
      |
      = help: remove it
    ");
}

#[test]
fn impossible_ranges() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: int32, minimum: 5, maximum: 4 }
      b: { type: string, min_length: 5, max_length: 4 }
      c: { type: decimal, scale: 1, exclusive_minimum: 0.5, maximum: 0.50 }
      d: { type: float64, exclusive_minimum: 1, maximum: 1 }
      e: { type: list<string>, min_items: 2, max_items: 1 }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0018]: no value has both `minimum: 5` and `maximum: 4`
     --> shop.yaml:6:46
      |
    6 |       a: { type: int32, minimum: 5, maximum: 4 }
      |                                  - and this  ^

    error[E0018]: no value has both `min_length: 5` and `max_length: 4`
     --> shop.yaml:7:53
      |
    7 |       b: { type: string, min_length: 5, max_length: 4 }
      |                                      - and this     ^

    error[E0020]: `0.50` is not a value for `maximum`
     --> shop.yaml:8:70
      |
    8 |       c: { type: decimal, scale: 1, exclusive_minimum: 0.5, maximum: 0.50 }
      |                                                                      ^^^^
      |
      = help: `decimal` needs a number with at most 1 of 18 digits after the point

    error[E0018]: no value has both `exclusive_minimum: 1` and `maximum: 1`
     --> shop.yaml:9:58
      |
    9 |       d: { type: float64, exclusive_minimum: 1, maximum: 1 }
      |                                              - and this  ^

    error[E0018]: no value has both `min_items: 2` and `max_items: 1`
      --> shop.yaml:10:57
       |
    10 |       e: { type: list<string>, min_items: 2, max_items: 1 }
       |                                           - and this    ^
    ");
}

#[test]
fn bad_constraint_values() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: string, max_length: -1 }
      b: { type: int32, minimum: low }
      c: { type: int32, multiple_of: 0 }
      d: { type: list<string>, unique_items: 1 }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0020]: `-1` is not a value for `max_length`
     --> shop.yaml:6:38
      |
    6 |       a: { type: string, max_length: -1 }
      |                                      ^^
      |
      = help: write a whole number from 0

    error[E0020]: `low` is not a value for `minimum`
     --> shop.yaml:7:34
      |
    7 |       b: { type: int32, minimum: low }
      |                                  ^^^
      |
      = help: `int32` needs a whole number from -2147483648 to 2147483647

    error[E0020]: `0` is not a value for `multiple_of`
     --> shop.yaml:8:38
      |
    8 |       c: { type: int32, multiple_of: 0 }
      |                                      ^
      |
      = help: it must be more than 0

    error[E0020]: `1` is not a value for `unique_items`
     --> shop.yaml:9:46
      |
    9 |       d: { type: list<string>, unique_items: 1 }
      |                                              ^
      |
      = help: write `true` or `false`
    ");
}

#[test]
fn pattern_that_does_not_compile() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: string, pattern: '([a-z' }
      b: { type: string, pattern: '(?=x)' }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0019]: the pattern doesn't compile
     --> shop.yaml:6:35
      |
    6 |       a: { type: string, pattern: '([a-z' }
      |                                   ^^^^^^^ unclosed character class
      |
      = help: patterns are regular expressions without look-around and back-references

    error[E0019]: the pattern doesn't compile
     --> shop.yaml:7:35
      |
    7 |       b: { type: string, pattern: '(?=x)' }
      |                                   ^^^^^^^ look-around, including look-ahead and look-behind, is not supported
      |
      = help: patterns are regular expressions without look-around and back-references
    ");
}

#[test]
fn finding_by_what_cannot_be_compared() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: json, filter: true }
      b: { type: list<string>, sort: true }
      c: { type: password, unique: true }
      d: { type: string, internal: true, default: x, sort: true }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `filter` doesn't apply to `json`
     --> shop.yaml:6:24
      |
    6 |       a: { type: json, filter: true }
      |                        ^^^^^^
      |
      = help: values of this type can't be compared

    error[E0029]: `sort` doesn't apply to `list<string>`
     --> shop.yaml:7:32
      |
    7 |       b: { type: list<string>, sort: true }
      |                                ^^^^
      |
      = help: values of this type can't be compared

    error[E0029]: `unique` doesn't apply to `password`
     --> shop.yaml:8:28
      |
    8 |       c: { type: password, unique: true }
      |                            ^^^^^^
      |
      = help: values of this type can't be compared

    error[E0030]: a hidden field can't have `sort`
     --> shop.yaml:9:54
      |
    9 |       d: { type: string, internal: true, default: x, sort: true }
      |                                                      ^^^^
      |
      = help: clients could find out its value by asking; remove one of the two
    ");
}

#[test]
fn keys_without_meaning_in_a_value_type() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
types: { Money: { fields: { amount: { type: int64, filter: true }, pin: password } } }
resources: { Thing: { fields: { a: Money } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0029]: `filter` has no meaning inside a value type
     --> shop.yaml:3:52
      |
    3 | types: { Money: { fields: { amount: { type: int64, filter: true }, pin: password } } }
      |                                                    ^^^^^^
      |
      = help: a value type is stored and changed as a whole

    error[E0029]: a value type can't hold a password
     --> shop.yaml:3:73
      |
    3 | types: { Money: { fields: { amount: { type: int64, filter: true }, pin: password } } }
      |                                                                         ^^^^^^^^
      |
      = help: make the password a field of the resource itself
    ");
}

#[test]
fn contradicting_keys() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources:
  Thing:
    fields:
      a: { type: string, read_only: true, create_only: true, default: x }
      b?: { type: string, internal: true, write_only: true }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0030]: a field can't be both `read_only` and `create_only`
     --> shop.yaml:6:43
      |
    6 |       a: { type: string, read_only: true, create_only: true, default: x }
      |                          ---------        ^^^^^^^^^^^
      |                          |
      |                          the other one
      |
      = help: remove one of them

    error[E0030]: a field can't be both `internal` and `write_only`
     --> shop.yaml:7:43
      |
    7 |       b?: { type: string, internal: true, write_only: true }
      |                           --------        ^^^^^^^^^^
      |                           |
      |                           the other one
      |
      = help: remove one of them
    ");
}

#[test]
fn value_type_cycle() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
types:
  A: { fields: { b: B } }
  B: { fields: { a?: A } }
resources: { Thing: { fields: { a: A } } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0025]: value type `A` contains itself: A.b → B.a → A
     --> shop.yaml:4:18
      |
    4 |   A: { fields: { b: B } }
      |                  ^
      |
      = help: make it a resource, and the field a relation
    ");
}

#[test]
fn empty_things() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
enums: { Role: [] }
types: { Money: { fields: {} } }
resources: { Thing: { fields: {} } }
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0014]: enum `Role` has no values
     --> shop.yaml:3:10
      |
    3 | enums: { Role: [] }
      |          ^^^^
      |
      = help: write `[first, second]`

    error[E0014]: value type `Money` has no fields
     --> shop.yaml:4:10
      |
    4 | types: { Money: { fields: {} } }
      |          ^^^^^
      |
      = help: write `fields: { name: string }`

    error[E0014]: resource `Thing` has no fields
     --> shop.yaml:5:14
      |
    5 | resources: { Thing: { fields: {} } }
      |              ^^^^^
      |
      = help: write `fields: { name: string }`
    ");
}

#[test]
fn no_resources() {
    let spec = r"
apigen: 1
api: { name: shop, version: v1 }
resources: {}
";
    insta::assert_snapshot!(mistakes(spec.trim_start()), @r"
    error[E0014]: the spec has no resources
     --> shop.yaml:1:1
      |
    1 | apigen: 1
      | ^
      |
      = help: add one under `resources:`
    ");
}
