//! The user's own crate as a spec comes to need hooks: it compiles from the first line, and whatever is missing later is
//! told by name, with the lines that mend it.

mod program;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use program::Server;
use tempfile::TempDir;

const JSON: &str = "application/json";
const SPEC: &str = "apigen: 1
api: { name: hooks_under_test, version: v1, title: Mugs }
enums: { Size: [small, large] }
resources:
  Shelf:
    fields: { room: string }
  Mug:
    fields:
      name: string
      size: { type: Size, read_only: true }
    relations:
      shelf: { belongs_to: Shelf, read_only: true }
  Rack:
    fields:
      place: string
      view?: { type: string, computed: true }
      doors: { type: list<Size>, computed: true }
";

/// A folder with a spec and what was generated from it.
struct Place(TempDir);

impl Place {
    /// With the lock file of the example, which says which dependencies are built already.
    fn new(spec: &str) -> Place {
        let place = Place(TempDir::new().unwrap());
        fs::create_dir(place.out()).unwrap();
        fs::write(place.out().join("Cargo.lock"), include_str!("../generated-example/Cargo.lock")).unwrap();
        place.specify(spec);
        place
    }

    fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    fn specify(&self, spec: &str) {
        fs::write(self.0.path().join("spec.yaml"), spec).unwrap();
    }

    /// What a run says on standard error.
    fn generate(&self, options: &[&str]) -> String {
        let mut apigen = Command::new(env!("CARGO_BIN_EXE_apigen"));
        let runtime = concat!("path:", env!("CARGO_MANIFEST_DIR"), "/runtime");
        apigen.args(["generate", "spec.yaml", "--out", "out", "--runtime", runtime]).args(options);
        program::succeeded(&apigen.current_dir(self.0.path()).output().unwrap())
    }

    fn build(&self) -> Output {
        program::cargo(&self.out(), &["build"])
    }

    fn hooks(&self) -> PathBuf {
        self.out().join("app/src/hooks.rs")
    }
}

#[test]
fn an_app_has_its_hooks_from_the_first_line_and_learns_of_later_ones() {
    let place = Place::new(SPEC);
    assert_eq!(place.generate(&[]), "", "a first run writes all there is to write");
    program::succeeded(&place.build());
    answers_not_implemented(&place.out());

    // The table gains a column that old rows have no value for, which isn't what this is about.
    fs::remove_dir_all(place.out().join("migrations")).unwrap();
    place.specify(
        &SPEC.replace(
            "room: string",
            "room: string, worth: { type: int64, computed: true }, type: { type: list<Size> }, label: { type: string, read_only: true } }
    actions: { dust: { input: { type: Size, by?: timestamp }, returns: list<Mug> }, sweep: { target: collection, returns: none }",
        ),
    );
    let before = fs::read_to_string(place.hooks()).unwrap();
    let said = place.generate(&[]);
    assert_eq!(fs::read_to_string(place.hooks()).unwrap(), before, "it is the user's");
    insta::assert_snapshot!(said, @r#"
    note: the server needs new hooks; write them in app/src/hooks.rs, where `hooks_under_test_server::{hooks, rows}` are in scope:

    impl hooks::ShelfHooks for Hooks {
        async fn worth(
            &self,
            _lookup: &hooks::Lookup<'_>,
            _rows: &[rows::shelf::Shelf],
        ) -> Result<Vec<i64>, hooks::ApiError> {
            Err(hooks::not_implemented("ShelfHooks::worth"))
        }

        async fn label(
            &self,
            _tx: &mut hooks::Tx<'_>,
            _new: &rows::shelf::NewShelf,
        ) -> Result<String, hooks::ApiError> {
            Err(hooks::not_implemented("ShelfHooks::label"))
        }

        async fn dust(
            &self,
            _tx: &mut hooks::Tx<'_>,
            _row: &rows::shelf::Shelf,
            _input: rows::shelf::DustShelfInput,
        ) -> Result<Vec<rows::mug::Mug>, hooks::ApiError> {
            Err(hooks::not_implemented("ShelfHooks::dust"))
        }

        async fn sweep(&self, _tx: &mut hooks::Tx<'_>) -> Result<(), hooks::ApiError> {
            Err(hooks::not_implemented("ShelfHooks::sweep"))
        }
    }
    "#);
    assert_eq!(place.generate(&[]), "", "once is enough");
    let refused = place.build();
    let errors = String::from_utf8_lossy(&refused.stderr);
    let needed = "ShelfHooks::worth, ShelfHooks::label, ShelfHooks::dust, ShelfHooks::sweep";
    let told = errors.contains(&format!("lacks hooks that the spec needs: {needed}"));
    assert!(!refused.status.success() && told, "{errors}");

    let (_, stub) = said.split_once("\n\n").expect("a blank line before the code");
    fs::write(place.hooks(), format!("{before}\n{stub}")).unwrap();
    program::succeeded(&place.build());

    // In a trait that is there already, the compiler itself names what is missing.
    fs::remove_dir_all(place.out().join("migrations")).unwrap();
    place.specify(&SPEC.replace("name: string", "name: string\n      glaze: { type: string, internal: true }"));
    assert_eq!(place.generate(&["-q"]), "", "who wants to hear nothing hears nothing");
    let refused = place.build();
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && errors.contains("missing: `glaze`"), "{errors}");
}

fn answers_not_implemented(folder: &Path) {
    let server = Server::start(&program::built("hooks-under-test"), folder);
    let shelf = server.post("/v1/shelves", JSON, r#"{"room":"kitchen"}"#);
    assert!(shelf.contains(r#""room":"kitchen""#), "what needs no hook works: {shelf}");
    let rack = server.post("/v1/racks", JSON, r#"{"place":"hall"}"#);
    assert!(rack.contains(r#""place":"hall","view":null,"doors":[]"#), "and what may be without a value: {rack}");
    let mug = server.post("/v1/mugs", JSON, r#"{"name":"blue"}"#);
    assert!(mug.contains("the hook MugHooks::size isn't written yet") && mug.contains("NOT_IMPLEMENTED"), "{mug}");
    assert!(server.get("/v1/mugs").contains(r#""data":[]"#), "nothing is written");
}

/// Whatever the names of the spec, and with every type in the place of what a hook gives.
#[test]
fn hooks_go_by_every_name() {
    let set = |name: &str, ty: &str| format!("      {name}: {{ type: {ty}, read_only: true }}\n");
    let types = ["Type", "Option", "String2", "Vec", "decimal, scale: 2", "json", "bytes", "duration", "date", "uuid"];
    let names = ["self", "super", "type", "async", "match", "tx", "new", "field", "hooks", "rows"];
    let fields: String = names.iter().zip(types).map(|(name, ty)| set(name, ty)).collect();
    let computed = |name: &str, ty: &str| format!("      {name}: {{ type: {ty}, computed: true }}\n");
    let types = ["Vec", "Option", "list<String2>", "map<Type>", "decimal, scale: 2", "list<json>", "bytes"];
    let names = ["lookup", "row?", "computed", "values", "static", "list", "yield?"];
    let fields: String = fields + &names.iter().zip(types).map(|(name, ty)| computed(name, ty)).collect::<String>();
    let relations = "    relations:\n      box: { belongs_to: Box, read_only: true }\n";
    let resource = |name: &str| format!("  {name}:\n    soft_delete: true\n    fields:\n{fields}{relations}");
    let resources: String = ["Hook", "Value", "Send", "Future", "Arc", "Std", "Tx"].map(resource).concat();
    let spec = include_str!("specs/obstacles.yaml").replacen("name: obstacles", "name: hooked_obstacles", 1);
    let place = Place::new(&format!("{}\n{resources}", spec.trim_end()));
    place.generate(&[]);
    let main = place.out().join("app/src/main.rs");
    let all = "server(hooks::Hooks).struct_hooks().select_hooks().box_hooks().record_hooks()\n";
    fs::write(&main, fs::read_to_string(&main).unwrap().replace("server(hooks::Hooks)\n", all)).unwrap();
    let optional =
        ["Struct", "Select", "Box", "Record"].map(|name| format!("impl hooks::{name}Hooks for Hooks {{}}\n"));
    let hooks = fs::read_to_string(place.hooks()).unwrap() + &optional.concat();
    fs::write(place.hooks(), hooks).unwrap();
    let said = program::succeeded(&place.build());
    assert!(!said.contains("warning"), "{said}");
}
