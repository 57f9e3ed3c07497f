//! One more field in a spec changes a few lines in a few places that one could have guessed, and nothing changes without
//! a cause.

use std::collections::BTreeMap;

use apigen::{
    Input, Loaded,
    emit::{Options, Runtime, Target},
    files::{self, Files, Force, Report},
};
use similar::TextDiff;

const SPEC: &str = include_str!("../specs/shop.yaml");
const LOCK: &str = include_str!("../specs/shop.lock");

fn read(spec: &str) -> Loaded {
    let spec = Input { name: "specs/shop.yaml", bytes: spec.as_bytes() };
    let lock = Input { name: "specs/shop.lock", bytes: LOCK.as_bytes() };
    apigen::read(spec, Some(lock)).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn generate(loaded: &Loaded) -> Files {
    let mut files = apigen::generate(&loaded.model, &Options { target: Target::All, runtime: Runtime::Copy });
    files.beside("specs/shop.lock", apigen::lock::render(&loaded.lock));
    files
}

fn contents(loaded: &Loaded) -> BTreeMap<String, Vec<u8>> {
    let files = generate(loaded);
    let lock = ("specs/shop.lock".to_owned(), apigen::lock::render(&loaded.lock).into_bytes());
    files.iter().map(|(path, content, _)| (path.to_owned(), content.to_vec())).chain([lock]).collect()
}

/// The unified diff over everything that a run writes, without surrounding lines and their numbers: those of places far
/// above would change it too.
fn diff(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> String {
    assert!(before.keys().eq(after.keys()), "files come or go");
    let changed = before.iter().filter(|(path, content)| after[*path] != **content);
    changed.map(|(path, content)| diff_of_one(path, content, &after[path])).collect()
}

fn diff_of_one(path: &str, before: &[u8], after: &[u8]) -> String {
    let (Ok(before), Ok(after)) = (std::str::from_utf8(before), std::str::from_utf8(after)) else {
        return format!("{path}: binary\n");
    };
    let diff = TextDiff::from_lines(before, after).unified_diff().context_radius(0).header(path, path).to_string();
    diff.lines().map(|line| if line.starts_with("@@ ") { "@@\n".to_owned() } else { format!("{line}\n") }).collect()
}

#[test]
fn an_optional_decimal() {
    let weight = "      weight?:      { type: decimal, scale: 3 }\n";
    let position = SPEC.find("      stock: ").unwrap();
    let with_weight = [&SPEC[..position], weight, &SPEC[position..]].concat();
    let diff = diff(&contents(&read(SPEC)), &contents(&read(&with_weight)));
    insta::assert_snapshot!(diff, @r#"
    --- contracts/openapi.yaml
    +++ contracts/openapi.yaml
    @@
    +        weight:
    +          nullable: true
    +          example: "19.900"
    +          type: string
    +          format: decimal
    +          pattern: ^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$
    @@
    +      - weight
    @@
    +        weight:
    +          nullable: true
    +          example: "19.900"
    +          type: string
    +          format: decimal
    +          pattern: ^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$
    @@
    +        weight:
    +          nullable: true
    +          example: "19.900"
    +          type: string
    +          format: decimal
    +          pattern: ^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$
    --- contracts/proto/shop/v1/shop.proto
    +++ contracts/proto/shop/v1/shop.proto
    @@
    +  // At most 18 digits, 3 of them behind the point.
    +  optional string weight = 12;
    --- contracts/schema.graphql
    +++ contracts/schema.graphql
    @@
    +  """Weight. At most 18 digits, 3 of them behind the point."""
    +  weight: Decimal
    @@
    +  """Weight. At most 18 digits, 3 of them behind the point."""
    +  weight: Decimal
    @@
    +  """Weight. At most 18 digits, 3 of them behind the point."""
    +  weight: Decimal
    --- migrations/postgres/0001_initial.sql
    +++ migrations/postgres/0001_initial.sql
    @@
    +    "weight"      NUMERIC(18,3),
    --- migrations/sqlite/0001_initial.sql
    +++ migrations/sqlite/0001_initial.sql
    @@
    +    "weight"      INTEGER,
    --- server/src/client.rs
    +++ server/src/client.rs
    @@
    +    /// At most 18 digits, 3 of them behind the point.
    +    #[prost(string, optional, tag = "12")]
    +    pub weight: ::core::option::Option<::prost::alloc::string::String>,
    server/src/descriptor_set.bin: binary
    --- server/src/resources/product.rs
    +++ server/src/resources/product.rs
    @@
    +        Field::new("weight", "weight", Type::Decimal { precision: 18, scale: 3 }).optional(),
    --- specs/shop.lock
    +++ specs/shop.lock
    @@
    +      weight: 12
    "#);
}

#[test]
fn equal_input_gives_equal_bytes() {
    assert_eq!(contents(&read(SPEC)), contents(&read(SPEC)));
}

#[test]
fn a_second_run_writes_nothing() {
    let out = tempfile::TempDir::new().unwrap();
    let loaded = read(SPEC);
    let files = apigen::generate(&loaded.model, &Options::default());
    let first = files::write(&files, out.path(), Force::No).unwrap();
    assert!(first.unchanged == 0 && first.deleted.is_empty(), "{first:?}");
    let second = files::write(&apigen::generate(&loaded.model, &Options::default()), out.path(), Force::No).unwrap();
    assert_eq!(second, Report { unchanged: second.unchanged, ..Report::default() });
    assert!(second.unchanged > 0);
}
