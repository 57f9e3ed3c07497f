//! What a user gets: the default form, generated into an empty folder, builds with nothing but the registry and answers.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use tempfile::TempDir;

/// A name that nothing else has: in the shared target directory the example's program stays where it is.
const NAME: &str = "empty-folder-shop";

/// A program that ends with the test, however that ends, and the stream that it writes its log to until then.
struct Running {
    server: Child,
    _log: BufReader<ChildStderr>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn the_default_form_builds_in_an_empty_folder_and_answers() {
    // Outside the target directory, where cargo tells packages apart by where they are.
    let place = TempDir::new().unwrap();
    let folder = generate(place.path());
    // Found in our target directory, the dependencies aren't built again.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    succeeds(Command::new(env!("CARGO")).arg("build").current_dir(&folder).env("CARGO_TARGET_DIR", target));
    let (_server, address) = start(&target.join("debug").join(NAME), &folder);
    assert_eq!(ask(&address, "GET /livez", ""), "ok");
    let product = r#"{"sku":"MUG","name":"Mug","price":"12.50","stock":40}"#;
    assert!(ask(&address, "POST /v1/products", product).contains(r#""price":"12.50""#));
    assert_eq!(
        ask(&address, "POST /graphql", r#"{"query":"{ products { nodes { sku stock } } }"}"#),
        r#"{"data":{"products":{"nodes":[{"sku":"MUG","stock":40}]}}}"#
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
    succeeds(apigen.args(["generate", "shop.yaml", "--out", "shop"]).current_dir(place));
    folder
}

#[track_caller]
fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Starts the server on a free port, and reads its address from the log.
fn start(program: &Path, folder: &Path) -> (Running, String) {
    let mut server = Command::new(program)
        .args(["--dev", "--listen-addr", "127.0.0.1:0"])
        .current_dir(folder)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap());
    let mut lines = log.by_ref().lines().map(|line| line.unwrap());
    let address = lines.find_map(|line| Some(line.split_once("listening on http://")?.1.to_owned()));
    (Running { server, _log: log }, address.expect("the log says where the server listens"))
}

/// The body of an answer.
fn ask(address: &str, request: &str, body: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        connection,
        "{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").expect("an answer has a head").1.to_owned()
}
