//! What a user gets: the default form, generated into an empty folder, builds with nothing but the registry, passes the
//! tests that it comes with, and answers.

mod program;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use program::Server;
use tempfile::TempDir;

/// A name that nothing else has: in the shared target directory the example's program stays where it is.
const NAME: &str = "empty-folder-shop";
const JSON: &str = "application/json";

#[test]
fn the_default_form_builds_in_an_empty_folder_and_answers() {
    // Outside the target directory, where cargo tells packages apart by where they are.
    let place = TempDir::new().unwrap();
    let folder = generate(place.path());
    program::succeeded(&program::cargo(&folder, &["build"]));
    program::succeeded(&program::cargo(&folder, &["test"]));
    let server = Server::start(&program::built(NAME), &folder);
    assert_eq!(server.get("/livez"), "ok");
    let user = r#"{"email":"ada@example.com","name":"Ada Lovelace","password":"correct horse"}"#;
    assert!(server.post("/v1/users", JSON, user).contains(r#""role":"customer""#));
    assert_eq!(
        server.post("/graphql", JSON, r#"{"query":"{ products { nodes { sku stock } } }"}"#),
        r#"{"data":{"products":{"nodes":[]}}}"#
    );
}

/// The shop under another name, its runtime copied. The example's lock file says which dependencies are built already.
fn generate(place: &Path) -> PathBuf {
    let folder = place.join("shop");
    fs::create_dir_all(&folder).unwrap();
    let spec =
        include_str!("../specs/shop.yaml").replacen("name: shop", &format!("name: {}", NAME.replace('-', "_")), 1);
    fs::write(place.join("shop.yaml"), spec).unwrap();
    fs::write(folder.join("Cargo.lock"), include_str!("../generated-example/Cargo.lock")).unwrap();
    let mut apigen = Command::new(env!("CARGO_BIN_EXE_apigen"));
    let generated = apigen.args(["generate", "shop.yaml", "--out", "shop"]).current_dir(place).output().unwrap();
    program::succeeded(&generated);
    folder
}
