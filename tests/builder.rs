//! A crate that has a spec, a `build.rs` and a `main.rs` of a few lines serves three protocols; an edit of the spec takes
//! one `cargo build`, and leaves the rows that are there; a wrong one is told in the author's words, and none at all builds nothing.

mod program;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use program::Server;
use tempfile::TempDir;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/build-rs");
/// A name that nothing else has: in the shared target directory the example's program stays where it is. In the lock file
/// it stands where the example's did.
const NAME: &str = "library-under-test";
const SPEC: &str = "specs/library.yaml";
/// What a build writes outside the target directory, all of it committed.
const WRITTEN: [&str; 7] = [
    "specs/library.lock",
    "migrations/schema.yaml",
    "migrations/sqlite/0001_initial.sql",
    "migrations/postgres/0001_initial.sql",
    "contracts/openapi.yaml",
    "contracts/schema.graphql",
    "contracts/proto/library/v1/library.proto",
];
const JSON: &str = "application/json";

/// A copy of the example, to be edited.
struct Library {
    place: TempDir,
}

impl Library {
    fn new() -> Library {
        let library = Library { place: TempDir::new().unwrap() };
        for path in ["Cargo.lock", "build.rs", "src/main.rs", SPEC].iter().chain(&WRITTEN) {
            library.write(path, &committed(path));
        }
        let repository = |path: &str| format!("path = \"{}{path}\"", env!("CARGO_MANIFEST_DIR"));
        let manifest = committed("Cargo.toml")
            .replace("name = \"library\"", &format!("name = \"{NAME}\""))
            .replace("path = \"../..\"", &repository(""))
            .replace("path = \"../../runtime\"", &repository("/runtime"));
        library.write("Cargo.toml", &manifest);
        library.write("Cargo.lock", &committed("Cargo.lock").replace("\"library\"", &format!("\"{NAME}\"")));
        library
    }

    fn path(&self, path: &str) -> PathBuf {
        self.place.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn write(&self, path: &str, content: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), content).unwrap();
    }

    /// Puts a field in front of all others of a book.
    fn add_field(&self, field: &str) {
        self.write(SPEC, &committed(SPEC).replace("      title: ", &format!("      {field}\n      title: ")));
    }

    fn build(&self) -> Output {
        program::cargo(self.place.path(), &["build", "--verbose", "--locked"])
    }

    /// Always on the same database.
    fn serve(&self) -> Server {
        fs::create_dir_all(self.path("database")).unwrap();
        Server::start(&program::built(NAME), &self.path("database"))
    }
}

fn committed(path: &str) -> String {
    let path = Path::new(EXAMPLE).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn one_build_follows_each_edit_of_the_spec() {
    let library = Library::new();
    program::succeeded(&library.build());
    for path in WRITTEN {
        assert_eq!(library.read(path), committed(path), "{path} is stale: run `cargo build` in {EXAMPLE}");
    }
    serves_three_protocols(&library.serve());
    builds_nothing(&library);

    library.add_field("pages?: int32");
    program::succeeded(&library.build());
    let server = library.serve();
    serves_the_field(&server);
    assert!(server.get("/v1/authors").contains("Mary Shelley"), "rows outlive a change of the spec");
    assert_eq!(server.get("/openapi.yaml"), library.read("contracts/openapi.yaml"));
    drop(server);
    assert!(library.read("specs/library.lock").contains("      pages: 8\n"));
    assert!(library.read("contracts/schema.graphql").contains("  pages: Int\n"));
    assert!(library.read("migrations/sqlite/0002_add_books_pages.sql").contains("ADD COLUMN"));
    builds_nothing(&library);

    library.add_field("pages?: int23");
    is_told_what_is_wrong(&library.build());
}

fn serves_three_protocols(server: &Server) {
    let author = r#"{"name":"Mary Shelley"}"#;
    assert!(server.post("/v1/authors", JSON, author).contains(r#""name":"Mary Shelley""#));
    assert_eq!(
        server.post("/graphql", JSON, r#"{"query":"{ authors { nodes { name books { nodes { title } } } } }"}"#),
        r#"{"data":{"authors":{"nodes":[{"name":"Mary Shelley","books":{"nodes":[]}}]}}}"#
    );
    // gRPC as browsers speak it: an empty message is a flag and a length, all zero.
    let listed = server.post("/library.v1.AuthorService/ListAuthors", "application/grpc-web+proto", "\0\0\0\0\0");
    assert!(listed.contains("Mary Shelley") && listed.contains("grpc-status:0"), "{listed}");
}

fn serves_the_field(server: &Server) {
    // A hook of the crate takes the blanks away.
    let book = r#"{"title":" Frankenstein ","pages":280}"#;
    assert!(server.post("/v1/books", JSON, book).contains(r#""pages":280"#));
    assert_eq!(
        server.post("/graphql", JSON, r#"{"query":"{ books { nodes { title pages } } }"}"#),
        r#"{"data":{"books":{"nodes":[{"title":"Frankenstein","pages":280}]}}}"#
    );
}

/// Cargo names each crate that it leaves as it is, and each that it doesn't.
#[track_caller]
fn builds_nothing(library: &Library) {
    let log = program::succeeded(&library.build());
    assert!(log.contains(&format!("Fresh {NAME} ")), "{log}");
    assert!(!["Compiling", "Dirty", "Running"].iter().any(|word| log.contains(word)), "{log}");
}

fn is_told_what_is_wrong(build: &Output) {
    let log = String::from_utf8_lossy(&build.stderr);
    assert!(!build.status.success(), "{log}");
    let start = log.find("  --- stderr\n").unwrap_or_else(|| panic!("{log}"));
    let told: String = log[start..].lines().skip(1).map(|line| line.trim_end().to_owned() + "\n").collect();
    insta::assert_snapshot!(told, @r#"
    Error: specs/library.yaml is rejected

    error[E0007]: unknown type `int23`
      --> specs/library.yaml:25:15
       |
    25 |       pages?: int23
       |               ^^^^^ no resource, type or enum has this name
       |
       = help: did you mean `int32`?

    1 error
    "#);
}
