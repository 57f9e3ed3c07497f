//! Who calls: credentials are judged alike over REST, GraphQL and gRPC, before anything else of a request.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use apigen_conformance::{
    cluster::{certify, openssl},
    command::{Ended, run_to_end, succeed},
    generated::GUARDED,
    postgres,
    server::Server,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tonic::{
    codegen::http::uri::PathAndQuery,
    metadata::{Ascii, MetadataKey},
    transport::Endpoint,
};
use tonic_prost::ProstCodec;

const SECRET: &str = "a secret of the tests that is long enough";
const OLD_SECRET: &str = "the secret before that is long enough too";
const ANN: &str = "usr_01h455vb4pex5vsknk084sn02q";

/// The settings of a server and of commands beside it.
struct Place {
    folder: TempDir,
    database: String,
    env: Vec<(&'static str, String)>,
}

impl Place {
    /// With an empty SQLite file.
    fn new(env: &[(&'static str, &str)]) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("data.db").display());
        let env = env.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Place { folder, database, env }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = GUARDED.command();
        let env = self.env.iter().map(|(name, value)| (*name, value));
        command.current_dir(&self.folder).args(arguments);
        command.env("LISTEN_ADDR", "127.0.0.1:0").env("DATABASE_URL", &self.database).envs(env);
        command
    }

    fn serve(&self, arguments: &[&str]) -> Server {
        Server::run(&mut self.command(arguments))
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run_to_end(&mut self.command(arguments))
    }
}

fn claims() -> Json {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    json!({ "sub": ANN, "exp": now + 600, "iat": now, "iss": "https://id.example", "aud": "guarded" })
}

fn claims_with(name: &str, value: Json) -> Json {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn token(secret: &str, claims: &Json) -> String {
    let header = Header::new(Algorithm::HS256);
    let token = jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap();
    format!("Bearer {token}")
}

/// What an answer comes to, whatever the protocol: its code, if it is an error, and its challenge.
#[derive(Debug, PartialEq)]
struct Outcome {
    code: Option<String>,
    challenge: Option<String>,
}

fn challenge(headers: &reqwest::header::HeaderMap) -> Option<String> {
    headers.get("www-authenticate").map(|value| value.to_str().unwrap().to_owned())
}

async fn rest(server: &Server, path: &str, headers: &[(&str, &str)]) -> Outcome {
    let mut request = reqwest::Client::new().get(format!("{}{path}", server.base_url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let (status, challenge) = (answer.status().as_u16(), challenge(answer.headers()));
    let body: Json = answer.json().await.unwrap();
    let code = body["code"].as_str().map(str::to_owned);
    let expected = match code.as_deref() {
        None => 200,
        Some("UNAUTHENTICATED") => 401,
        Some("MALFORMED_REQUEST") => 400,
        Some("PERMISSION_DENIED") => 403,
        Some("UNAVAILABLE") => 503,
        Some(other) => panic!("{other}: {body}"),
    };
    assert_eq!(status, expected, "{body}");
    Outcome { code, challenge }
}

async fn graphql(server: &Server, query: &str, headers: &[(&str, &str)]) -> Outcome {
    let mut request = reqwest::Client::new().post(format!("{}/graphql", server.base_url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.json(&json!({ "query": query })).send().await.unwrap();
    let challenge = challenge(answer.headers());
    let body: Json = answer.json().await.unwrap();
    let code = body["errors"][0]["extensions"]["code"].as_str().map(str::to_owned);
    Outcome { code, challenge }
}

async fn grpc(server: &Server, method: &'static str, headers: &[(&str, &str)]) -> Outcome {
    let channel = Endpoint::from_shared(server.base_url.clone()).unwrap().connect().await.unwrap();
    let mut request = tonic::Request::new(());
    for (name, value) in headers {
        let name: MetadataKey<Ascii> = name.parse().unwrap();
        request.metadata_mut().append(name, value.parse().unwrap());
    }
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    let answer = client.unary(request, PathAndQuery::from_static(method), ProstCodec::<(), ()>::default()).await;
    let Err(status) = answer else { return Outcome { code: None, challenge: None } };
    let code = match status.code() {
        tonic::Code::Unauthenticated => "UNAUTHENTICATED",
        tonic::Code::InvalidArgument => "MALFORMED_REQUEST",
        tonic::Code::PermissionDenied => "PERMISSION_DENIED",
        tonic::Code::Unavailable => "UNAVAILABLE",
        other => panic!("{other}: {status}"),
    };
    let challenge = status.metadata().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
    Outcome { code: Some(code.to_owned()), challenge }
}

/// The same outcome of the same operation, open to everybody, over each protocol.
async fn outcome(server: &Server, headers: &[(&str, &str)]) -> Outcome {
    let rest = rest(server, "/v1/users", headers).await;
    assert_eq!(graphql(server, "{ users { nodes { id } } }", headers).await, rest, "{headers:?}");
    assert_eq!(grpc(server, "/guarded.v1.UserService/ListUsers", headers).await, rest, "{headers:?}");
    rest
}

fn refused(code: &str, error: &str, description: &str) -> Outcome {
    let challenge = format!("Bearer realm=\"api\", error=\"{error}\", error_description=\"{description}\"");
    Outcome { code: Some(code.to_owned()), challenge: Some(challenge) }
}

fn good() -> Outcome {
    Outcome { code: None, challenge: None }
}

#[tokio::test]
async fn tokens_are_judged_alike_over_all_protocols() {
    let secrets = format!("{SECRET},{OLD_SECRET}");
    let place = Place::new(&[
        ("JWT_SECRET", &secrets),
        ("JWT_ISSUER", "https://id.example"),
        ("JWT_AUDIENCE", "guarded"),
        ("CURSOR_KEY", "a secret for cursors"),
    ]);
    let server = place.serve(&[]);
    assert_eq!(outcome(&server, &[]).await, good());
    for secret in [SECRET, OLD_SECRET] {
        assert_eq!(outcome(&server, &[("authorization", &token(secret, &claims()))]).await, good());
    }
    let unsigned = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMDFoNDU1dmI0cGV4NXZza25rMDg0c24wMnEifQ.";
    let wrong = [
        ("Bearer nonsense".to_owned(), "the token can't be read"),
        (unsigned.to_owned(), "the token can't be read"),
        (token("of somebody else altogether, who knows", &claims()), "the signature of the token isn't right"),
        (token(SECRET, &claims_with("exp", json!(1_700_000_000))), "the token has expired"),
        (token(SECRET, &claims_with("nbf", json!(4_000_000_000_u64))), "the token isn't good yet"),
        (token(SECRET, &claims_with("iss", json!("https://evil.example"))), "the token is of another issuer"),
        (token(SECRET, &claims_with("aud", json!("shop"))), "the token is for another audience"),
        (token(SECRET, &claims_with("sub", json!(null))), "the claim sub is missing"),
        (token(SECRET, &claims_with("sub", json!("ann"))), "the claim sub isn't the id of a caller"),
    ];
    for (authorization, why) in wrong {
        let expected = refused("UNAUTHENTICATED", "invalid_token", why);
        assert_eq!(outcome(&server, &[("authorization", &authorization)]).await, expected);
    }
}

#[tokio::test]
async fn malformed_credentials_are_told_what_is_wrong() {
    let place = Place::new(&[("JWT_SECRET", SECRET), ("MODE", "development")]);
    let server = place.serve(&[]);
    let good_one = token(SECRET, &claims());
    let malformed = |why: &str| refused("MALFORMED_REQUEST", "invalid_request", why);
    assert_eq!(
        outcome(&server, &[("authorization", &good_one), ("authorization", &good_one)]).await,
        malformed("there are two headers with credentials: send one")
    );
    assert_eq!(
        outcome(&server, &[("authorization", &good_one), ("x-api-key", "key")]).await,
        malformed("a token and an API key are two kinds of credentials: send one")
    );
    assert_eq!(
        outcome(&server, &[("authorization", &format!("Bearer {}", "a".repeat(8192)))]).await,
        malformed("the credentials are longer than 8192 bytes")
    );
    let basic =
        Outcome { code: Some("UNAUTHENTICATED".to_owned()), challenge: Some("Bearer realm=\"api\"".to_owned()) };
    assert_eq!(outcome(&server, &[("authorization", "Basic YW5uOnNlY3JldA==")]).await, basic);
}

#[tokio::test]
async fn who_needs_credentials_is_told_so() {
    let place = Place::new(&[("MODE", "development")]);
    let server = place.serve(&[]);
    let needed =
        Outcome { code: Some("UNAUTHENTICATED".to_owned()), challenge: Some("Bearer realm=\"api\"".to_owned()) };
    assert_eq!(rest(&server, "/v1/drafts", &[]).await, needed);
    assert_eq!(grpc(&server, "/guarded.v1.DraftService/ListDrafts", &[]).await, needed);
    let in_graphql = graphql(&server, "{ drafts { nodes { id } } }", &[]).await;
    assert_eq!(in_graphql.code, needed.code);

    let in_the_url = format!("/v1/drafts?access_token={}", &token(SECRET, &claims())[7..]);
    assert_eq!(rest(&server, &in_the_url, &[]).await, needed, "credentials in a URL are none");
}

#[tokio::test]
async fn probes_and_contracts_are_for_anyone() {
    let server = Place::new(&[("MODE", "development")]).serve(&[]);
    for path in ["/livez", "/readyz", "/health", "/openapi.yaml", "/openapi.json", "/docs"] {
        let request = reqwest::Client::new().get(format!("{}{path}", server.base_url));
        let answer = request.header("authorization", "Bearer nonsense").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
}

/// Publishes files by HTTPS.
struct Issuer {
    folder: TempDir,
    root: PathBuf,
    process: Child,
    url: String,
    key: EncodingKey,
}

impl Issuer {
    fn start() -> Issuer {
        let folder = tempfile::tempdir().unwrap();
        let root = certify(folder.path(), "server");
        let key = ["genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", "key.der"];
        succeed(openssl(folder.path()).args(key));
        let key = EncodingKey::from_ed_der(&std::fs::read(folder.path().join("key.der")).unwrap());
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap()).unwrap();
        jwk["kid"] = json!("first");
        std::fs::write(folder.path().join("keys.json"), json!({ "keys": [jwk] }).to_string()).unwrap();
        let serve = ["s_server", "-WWW", "-accept", "localhost:0", "-cert", "server.crt", "-key", "server.key"];
        let mut process =
            openssl(folder.path()).args(serve).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let accept = lines.find(|line| line.starts_with("ACCEPT")).expect("it listens");
        let url = format!("https://localhost:{}/keys.json", accept.rsplit(':').next().unwrap());
        // Its pipe must not fill up.
        std::thread::spawn(move || lines.count());
        Issuer { folder, root, process, url, key }
    }

    fn token(&self, claims: &Json) -> String {
        let header = Header { kid: Some("first".to_owned()), ..Header::new(Algorithm::EdDSA) };
        format!("Bearer {}", jsonwebtoken::encode(&header, claims, &self.key).unwrap())
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn keys_for_tokens_are_fetched_from_those_whom_the_system_trusts() {
    let issuer = Issuer::start();
    let env = [("MODE", "development"), ("JWT_JWKS", issuer.url.as_str())];
    let token = issuer.token(&claims());

    let trusting = Place::new(&[env[0], env[1], ("SSL_CERT_FILE", issuer.root.to_str().unwrap())]).serve(&[]);
    assert_eq!(outcome(&trusting, &[("authorization", &token)]).await, good());
    let forged = token.rsplit_once('.').unwrap().0.to_owned() + "." + &"A".repeat(86);
    let expected = refused("UNAUTHENTICATED", "invalid_token", "the signature of the token isn't right");
    assert_eq!(outcome(&trusting, &[("authorization", &forged)]).await, expected);

    let stranger = issuer.folder.path().join("server.crt");
    let wary = Place::new(&[env[0], env[1], ("SSL_CERT_FILE", stranger.to_str().unwrap())]).serve(&[]);
    let unavailable = Outcome { code: Some("UNAVAILABLE".to_owned()), challenge: None };
    assert_eq!(outcome(&wary, &[("authorization", &token)]).await, unavailable);
    assert!(wary.log().contains("can't fetch the keys for tokens (JWT_JWKS)"), "{}", wary.log());
    assert_eq!(outcome(&wary, &[]).await, good(), "what is public goes on");
}

/// How many rows of a list a caller sees.
#[derive(Clone, PartialEq, prost::Message)]
struct Rows {
    #[prost(bytes = "vec", repeated, tag = "1")]
    rows: Vec<Vec<u8>>,
}

/// How many drafts somebody sees, which is the same over all protocols.
async fn drafts(server: &Server, (name, value): (&'static str, &str)) -> usize {
    let client = reqwest::Client::new();
    let answer = client.get(format!("{}/v1/drafts", server.base_url)).header(name, value).send().await.unwrap();
    let page: Json = answer.json().await.unwrap();
    let in_rest = page["data"].as_array().unwrap_or_else(|| panic!("{page}")).len();

    let query = json!({ "query": "{ drafts { nodes { id } } }" });
    let request = client.post(format!("{}/graphql", server.base_url)).header(name, value).json(&query);
    let answer: Json = request.send().await.unwrap().json().await.unwrap();
    let nodes = answer["data"]["drafts"]["nodes"].as_array();
    assert_eq!(nodes.unwrap_or_else(|| panic!("{answer}")).len(), in_rest);

    let channel = Endpoint::from_shared(server.base_url.clone()).unwrap().connect().await.unwrap();
    let mut request = tonic::Request::new(());
    request.metadata_mut().insert(name, value.parse().unwrap());
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let method = PathAndQuery::from_static("/guarded.v1.DraftService/ListDrafts");
    let page = grpc.unary(request, method, ProstCodec::<(), Rows>::default()).await.unwrap().into_inner();
    assert_eq!(page.rows.len(), in_rest);
    in_rest
}

#[tokio::test]
async fn callers_see_what_their_credentials_permit() {
    for database in [None, postgres::url().map(|_| postgres::database())] {
        let mut place = Place::new(&[("MODE", "development"), ("JWT_SECRET", SECRET)]);
        place.database = database.unwrap_or(place.database);
        let server = place.serve(&[]);
        let client = reqwest::Client::new();
        let post = async |path: &str, authorization: &str, body: Json| -> Json {
            let request = client.post(format!("{}{path}", server.base_url)).header("authorization", authorization);
            let answer = request.json(&body).send().await.unwrap();
            assert_eq!(answer.status(), 201);
            answer.json().await.unwrap()
        };
        let stranger = token(SECRET, &claims());
        let ann = json!({ "email": "ann@example.com", "name": "Ann", "password": "longenough" });
        let ann = post("/v1/users", &stranger, ann).await["id"].as_str().unwrap().to_owned();
        let anns = token(SECRET, &claims_with("sub", json!(ann)));
        post("/v1/drafts", &anns, json!({ "title": "hers" })).await;

        assert_eq!(drafts(&server, ("authorization", &anns)).await, 1);
        assert_eq!(drafts(&server, ("authorization", &stranger)).await, 0);
        let reader = token(SECRET, &claims_with("scope", json!("drafts:read")));
        assert_eq!(drafts(&server, ("authorization", &reader)).await, 1);
        let admin = token(SECRET, &claims_with("roles", json!(["admin"])));
        assert_eq!(drafts(&server, ("authorization", &admin)).await, 1, "the role brings all scopes");
        let key = |grants: &[&str]| {
            let create = ["keys", "create", "--name", "robot"].iter().chain(grants).copied().collect::<Vec<_>>();
            place.run(&create).stdout.trim().to_owned()
        };
        for grants in [["--sub", &ann], ["--scope", "drafts:read"], ["--role", "admin"]] {
            assert_eq!(drafts(&server, ("x-api-key", &key(&grants))).await, 1, "{grants:?}");
        }
        let nobodys = key(&[]);
        let challenge = "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"drafts:read\"".to_owned();
        let denied = Outcome { code: Some("PERMISSION_DENIED".to_owned()), challenge: Some(challenge) };
        assert_eq!(rest(&server, "/v1/drafts", &[("x-api-key", &nobodys)]).await, denied);
        assert_eq!(grpc(&server, "/guarded.v1.DraftService/ListDrafts", &[("x-api-key", &nobodys)]).await, denied);
        let in_graphql = graphql(&server, "{ drafts { nodes { id } } }", &[("x-api-key", &nobodys)]).await;
        assert_eq!(in_graphql.code, denied.code);
    }
}

#[tokio::test]
async fn a_server_in_development_takes_the_tokens_that_its_command_makes() {
    for database in [None, postgres::url().map(|_| postgres::database())] {
        let mut place = Place::new(&[]);
        place.database = database.unwrap_or(place.database);
        let server = place.serve(&["--dev"]);
        let made = place.run(&["--dev", "token", "--sub", ANN, "--role", "admin", "--expires-in", "15m"]);
        assert_eq!((made.code, &*made.stderr), (Some(0), ""));
        let authorization = format!("Bearer {}", made.stdout.trim());
        assert_eq!(outcome(&server, &[("authorization", &authorization)]).await, good());
    }
}

#[tokio::test]
async fn keys_open_production_on_both_databases() {
    for database in [None, postgres::url().map(|_| postgres::database())] {
        let mut place = Place::new(&[("CURSOR_KEY", "a secret for cursors"), ("JWT_SECRET", OLD_SECRET)]);
        place.database = database.unwrap_or(place.database);
        let made = place.run(&["keys", "create", "--name", "robot", "--role", "admin", "--expires-in", "90d"]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let key = made.stdout.trim();
        let id = &key[..15];

        let server = place.serve(&[]);
        assert_eq!(outcome(&server, &[("x-api-key", key)]).await, good());
        let unknown = refused("UNAUTHENTICATED", "invalid_token", "the API key isn't known here");
        for wrong in ["nonsense", &format!("{key}x"), &format!("{id}_{}", "A".repeat(43))] {
            assert_eq!(outcome(&server, &[("x-api-key", wrong)]).await, unknown);
        }
        let no_token = refused("UNAUTHENTICATED", "invalid_token", "the token can't be read");
        assert_eq!(outcome(&server, &[("authorization", &format!("Bearer {key}"))]).await, no_token);

        let listed = place.run(&["keys", "list"]).stdout;
        let row = listed.lines().find(|row| row.starts_with(id)).unwrap_or_else(|| panic!("{listed}"));
        assert!(row.contains("robot") && row.contains("admin") && !listed.contains(&key[16..]), "{listed}");

        let revoked = place.run(&["keys", "revoke", id]);
        assert_eq!(revoked.code, Some(0), "{}", revoked.stderr);
        drop(server);
        // Those that were there once don't keep a server from starting.
        let server = place.serve(&[]);
        let gone = refused("UNAUTHENTICATED", "invalid_token", "the API key was revoked");
        assert_eq!(outcome(&server, &[("x-api-key", key)]).await, gone);
    }
}

#[test]
fn the_table_of_keys_is_among_the_migrations() {
    let place = Place::new(&[]);
    let printed = place.run(&["migrate", "--print"]).stdout;
    assert!(printed.contains("CREATE TABLE apigen_keys") && printed.contains("CREATE TABLE \"users\""), "{printed}");
}

#[test]
fn tokens_are_made_for_callers_that_the_spec_knows_and_never_in_production() {
    let place = Place::new(&[("JWT_SECRET", SECRET)]);
    let refusals = [
        (&["token", "--sub", ANN][..], "error: tokens are made up in development only"),
        (&["--dev", "token", "--sub", "ann"], "error: --sub ann: no User has such an id"),
        (
            &["--dev", "token", "--sub", ANN, "--role", "boss"],
            "error: --role boss: the spec has the roles admin, editor",
        ),
        (&["--dev", "token", "--sub", ANN, "--tenant", "x"], "error: --tenant: the spec has no tenants"),
    ];
    for (arguments, why) in refusals {
        let ended = place.run(arguments);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
        assert!(ended.stderr.starts_with(why), "{}", ended.stderr);
    }
}

#[test]
fn production_names_the_secret_that_is_missing() {
    let place = Place::new(&[("CURSOR_KEY", "a secret for cursors")]);
    let ended = place.run(&[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("JWT_SECRET is missing"), "{}", ended.stderr);
}
