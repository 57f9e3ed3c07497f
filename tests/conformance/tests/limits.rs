//! How often callers may call: counted alike over REST, GraphQL and gRPC, whatever they call by.

use std::{process::Command, time::Duration};

use apigen_conformance::{
    command::{Ended, run_to_end},
    generated::LIMITED,
    redis,
    server::Server,
    shop::unique,
};
use prost::Message;
use reqwest::header::HeaderMap;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tonic::{
    codegen::http::uri::PathAndQuery,
    metadata::{Ascii, MetadataKey},
    transport::{Channel, Endpoint},
};
use tonic_prost::ProstCodec;

const SECRET: &str = "a secret of the tests that is long enough";
/// Nobody has it, which is told only to those for whom there is room.
const NOTE: &str = "nte_01h455vb4pex5vsknk084sn02q";

/// The settings of servers and of commands beside them.
struct Place {
    folder: TempDir,
    env: Vec<(&'static str, String)>,
}

impl Place {
    fn new(env: &[(&'static str, &str)]) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let env = env.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Place { folder, env }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = LIMITED.command();
        let database = format!("sqlite:{}", self.folder.path().join("data.db").display());
        command.args(arguments).env("LISTEN_ADDR", "127.0.0.1:0").env("DATABASE_URL", database);
        command.env("MODE", "development").env("JWT_SECRET", SECRET);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    fn serve(&self) -> Server {
        Server::run(&mut self.command(&[]))
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run_to_end(&mut self.command(arguments))
    }

    fn token(&self, subject: &str) -> String {
        let made = self.run(&["token", "--sub", subject]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        format!("Bearer {}", made.stdout.trim())
    }
}

/// What an answer comes to, whatever the protocol.
#[derive(Debug, PartialEq)]
struct Answer {
    code: Option<String>,
    policies: Option<String>,
    standings: Option<String>,
    /// In seconds.
    retry_after: Option<u64>,
}

impl Answer {
    fn of(headers: &HeaderMap, code: Option<String>, retry_after: Option<u64>) -> Answer {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        Answer { code, policies: text("ratelimit-policy"), standings: text("ratelimit"), retry_after }
    }

    #[track_caller]
    fn is_good(&self, standings: &str) {
        assert_eq!((self.code.as_deref(), self.standings.as_deref()), (None, Some(standings)), "{self:?}");
        assert_eq!(self.retry_after, None);
    }

    /// Refused by this policy; `wait`: the longest until there is room for one more.
    #[track_caller]
    fn is_refused(&self, policy: &str, wait: u64) {
        assert_eq!(self.code.as_deref(), Some("RATE_LIMITED"), "{self:?}");
        let seconds = self.retry_after.unwrap();
        assert!((wait - 60..=wait).contains(&seconds), "{self:?}");
        let standings = self.standings.as_deref().unwrap();
        let last = standings.rsplit(", ").next().unwrap();
        assert_eq!(last, format!("\"{policy}\";r=0;t={seconds}"));
        assert!(self.policies.as_deref().unwrap().contains(&format!("\"{policy}\";q=")), "{self:?}");
    }
}

type Headers<'a> = &'a [(&'a str, &'a str)];

fn with(mut request: reqwest::RequestBuilder, headers: Headers<'_>) -> reqwest::RequestBuilder {
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
}

async fn rest(server: &Server, method: &str, path: &str, headers: Headers<'_>) -> Answer {
    let request = reqwest::Client::new().request(method.parse().unwrap(), format!("{}{path}", server.base_url));
    let answer = with(request, headers).send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body: Json = answer.json().await.unwrap();
    let code = body["code"].as_str().map(str::to_owned);
    assert_eq!(status == 429, code.as_deref() == Some("RATE_LIMITED"), "{body}");
    let retry_after = headers.get("retry-after").map(|seconds| seconds.to_str().unwrap().parse().unwrap());
    Answer::of(&headers, code, retry_after)
}

async fn graphql(server: &Server, query: &str, headers: Headers<'_>) -> Answer {
    let request = with(reqwest::Client::new().post(format!("{}/graphql", server.base_url)), headers);
    let answer = request.json(&json!({ "query": query })).send().await.unwrap();
    let headers = answer.headers().clone();
    let body: Json = answer.json().await.unwrap();
    let extensions = &body["errors"][0]["extensions"];
    let code = extensions["code"].as_str().map(str::to_owned);
    Answer::of(&headers, code, extensions["retry_after"].as_u64())
}

async fn connect(server: &Server) -> Channel {
    Endpoint::from_shared(server.base_url.clone()).unwrap().connect().await.unwrap()
}

async fn grpc(server: &Server, method: &'static str, id: &str, headers: Headers<'_>) -> Answer {
    let mut request = tonic::Request::new(ById { id: id.to_owned() });
    for (name, value) in headers {
        let name: MetadataKey<Ascii> = name.parse().unwrap();
        request.metadata_mut().append(name, value.parse().unwrap());
    }
    let mut client = tonic::client::Grpc::new(connect(server).await);
    client.ready().await.unwrap();
    match client.unary(request, PathAndQuery::from_static(method), ProstCodec::<ById, ()>::default()).await {
        Ok(answer) => Answer::of(answer.metadata().as_ref(), None, None),
        Err(status) => {
            let (reason, retry_after) = details(&status);
            assert_eq!(status.code() == tonic::Code::ResourceExhausted, reason == "RATE_LIMITED", "{status}");
            Answer::of(status.metadata().as_ref(), Some(reason), retry_after)
        }
    }
}

/// The reason, and the delay in seconds, rounded up.
fn details(status: &tonic::Status) -> (String, Option<u64>) {
    let all = Details::decode(status.details()).unwrap().details;
    let find = |name: &str| all.iter().find(|any| any.type_url.ends_with(name)).map(|any| &*any.value);
    let info = ErrorInfo::decode(find("ErrorInfo").unwrap()).unwrap();
    let delay = find("RetryInfo").map(|bytes| RetryInfo::decode(bytes).unwrap().retry_delay.unwrap());
    (info.reason, delay.map(|delay| delay.seconds as u64 + u64::from(delay.nanos > 0)))
}

#[derive(Clone, PartialEq, Message)]
struct ById {
    #[prost(string, tag = "1")]
    id: String,
}

// Of google/rpc/status.proto and google/rpc/error_details.proto.

#[derive(Clone, PartialEq, Message)]
struct Details {
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
}

#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<prost_types::Duration>,
}

/// The list of tags over REST, GraphQL and gRPC, one after another.
async fn tags(server: &Server, headers: Headers<'_>) -> [Answer; 3] {
    [
        rest(server, "GET", "/v1/tags", headers).await,
        graphql(server, "{ tags { nodes { id } } }", headers).await,
        grpc(server, "/limited.v1.TagService/ListTags", "", headers).await,
    ]
}

#[tokio::test]
async fn one_rate_holds_for_all_protocols_together() {
    let server = Place::new(&[]).serve();
    let first = tags(&server, &[]).await;
    for (answer, (left, time)) in first.iter().zip([(5, 600), (4, 1200), (3, 1800)]) {
        assert_eq!(answer.policies.as_deref(), Some(r#""anonymous";q=6;w=3600"#));
        answer.is_good(&format!("\"anonymous\";r={left};t={time}"));
    }
    tags(&server, &[]).await[2].is_good(r#""anonymous";r=0;t=600"#);
    for answer in tags(&server, &[]).await {
        answer.is_refused("anonymous", 600);
    }
    rest(&server, "GET", "/v1/nowhere", &[]).await.is_refused("anonymous", 600);

    // Nobody is kept from asking whether the server lives.
    for path in ["/livez", "/readyz", "/health", "/openapi.json"] {
        let answer = reqwest::get(format!("{}{path}", server.base_url)).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers().get("ratelimit"), None, "{path}");
    }
    let mut health = tonic_health::pb::health_client::HealthClient::new(connect(&server).await);
    health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap();
}

#[tokio::test]
async fn callers_have_rates_of_their_own() {
    let place = Place::new(&[]);
    let server = place.serve();
    let (ann, bob) = (place.token("ann"), place.token("bob"));
    let key = place.run(&["keys", "create", "--name", "robot"]).stdout;
    for left in (0..20).rev() {
        let time = if left == 0 { 180 } else { (20 - left) * 180 };
        let answer = rest(&server, "GET", "/v1/tags", &[("authorization", &ann)]).await;
        answer.is_good(&format!("\"authenticated\";r={left};t={time}"));
    }
    for answer in tags(&server, &[("authorization", &ann)]).await {
        answer.is_refused("authenticated", 180);
    }
    for other in [("authorization", &*bob), ("x-api-key", key.trim())] {
        tags(&server, &[other]).await[0].is_good(r#""authenticated";r=19;t=180"#);
    }
    tags(&server, &[]).await[0].is_good(r#""anonymous";r=5;t=600"#);
}

#[tokio::test]
async fn actions_and_resources_have_rates_in_place_of_the_general_one() {
    let place = Place::new(&[]);
    let server = place.serve();
    let (ann, bob) = (place.token("ann"), place.token("bob"));
    let ann: Headers<'_> = &[("authorization", &ann)];
    let path = format!("/v1/notes/{NOTE}/archive");
    let mutation = format!("mutation {{ archiveNote(id: \"{NOTE}\") {{ userErrors {{ code }} }} }}");

    let first = rest(&server, "POST", &path, ann).await;
    assert_eq!(first.code.as_deref(), Some("NOT_FOUND"));
    assert_eq!(first.policies.as_deref(), Some(r#""Note.archive";q=2;w=3600"#));
    assert_eq!(first.standings.as_deref(), Some(r#""Note.archive";r=1;t=1800"#));
    assert_eq!(graphql(&server, &mutation, ann).await.code.as_deref(), Some("NOT_FOUND"));

    grpc(&server, "/limited.v1.NoteService/ArchiveNote", NOTE, ann).await.is_refused("Note.archive", 1800);
    graphql(&server, &mutation, ann).await.is_refused("Note.archive", 1800);
    rest(&server, "POST", &path, ann).await.is_refused("Note.archive", 1800);
    let bob: Headers<'_> = &[("authorization", &bob)];
    let answer = grpc(&server, "/limited.v1.NoteService/ArchiveNote", NOTE, bob).await;
    assert_eq!(answer.code.as_deref(), Some("NOT_FOUND"));

    // What an action has counted isn't the resource's; in GraphQL each field at the root is an operation.
    let twice = "{ notes { nodes { id } } first: notes(first: 1) { nodes { id } } }";
    graphql(&server, twice, ann).await.is_good(r#""Note";r=7;t=800"#);
    for _ in 0..3 {
        assert_eq!(graphql(&server, twice, ann).await.code, None);
    }
    let last = grpc(&server, "/limited.v1.NoteService/ListNotes", "", ann).await;
    last.is_good(r#""Note";r=0;t=400"#);
    rest(&server, "GET", "/v1/notes", ann).await.is_refused("Note", 400);
    grpc(&server, "/limited.v1.NoteService/ListNotes", "", ann).await.is_refused("Note", 400);
    graphql(&server, twice, ann).await.is_refused("Note", 400);
    rest(&server, "GET", "/v1/tags", ann).await.is_good(r#""authenticated";r=19;t=180"#);
}

#[tokio::test]
async fn wrong_credentials_are_counted_like_none() {
    let server = Place::new(&[]).serve();
    let wrong: Headers<'_> = &[("authorization", "Bearer nonsense")];
    for answer in [tags(&server, wrong).await, tags(&server, wrong).await].as_flattened() {
        assert_eq!(answer.code.as_deref(), Some("UNAUTHENTICATED"), "{answer:?}");
    }
    for answer in tags(&server, wrong).await {
        answer.is_refused("anonymous", 600);
    }
    rest(&server, "GET", "/v1/tags", &[]).await.is_refused("anonymous", 600);
}

#[tokio::test]
async fn trusted_proxies_tell_who_calls() {
    let behind_one = Place::new(&[("TRUSTED_PROXIES", "1")]).serve();
    for address in ["203.0.113.1", "203.0.113.2"] {
        let forged = format!("198.51.100.7, {address}");
        tags(&behind_one, &[("x-forwarded-for", &forged)]).await[2].is_good(r#""anonymous";r=3;t=1800"#);
    }
    let direct = Place::new(&[]).serve();
    tags(&direct, &[("x-forwarded-for", "203.0.113.1")]).await;
    tags(&direct, &[("x-forwarded-for", "203.0.113.2")]).await[2].is_good(r#""anonymous";r=0;t=600"#);
}

#[tokio::test]
async fn instances_count_together_in_redis() {
    let Some(url) = redis::url() else { return };
    let env = [("RATE_LIMIT_URL", &*url)];
    let (place, other) = (Place::new(&env), Place::new(&env));
    let (one, two) = (place.serve(), other.serve());
    // Other tests and runs count in the same Redis.
    let ann = place.token(&format!("ann-{}-{}", std::process::id(), unique()));
    let ann: Headers<'_> = &[("authorization", &ann)];
    let path = format!("/v1/notes/{NOTE}/archive");
    let first = rest(&one, "POST", &path, ann).await;
    assert_eq!(first.standings.as_deref(), Some(r#""Note.archive";r=1;t=1800"#));
    let second = grpc(&two, "/limited.v1.NoteService/ArchiveNote", NOTE, ann).await;
    assert_eq!(second.code.as_deref(), Some("NOT_FOUND"));
    for server in [&one, &two] {
        rest(server, "POST", &path, ann).await.is_refused("Note.archive", 1800);
    }
    graphql(&two, "{ notes { nodes { id } } }", ann).await.is_good(r#""Note";r=8;t=400"#);
}

#[tokio::test]
async fn waits_get_shorter_in_redis() {
    let Some(url) = redis::url() else { return };
    let server = Place::new(&[("RATE_LIMIT_URL", &*url), ("TRUSTED_PROXIES", "1")]).serve();
    let address = format!("2001:db8:{:x}:{:x}::1", std::process::id() & 0xffff, unique() & 0xffff);
    let from: Headers<'_> = &[("x-forwarded-for", &address)];
    for _ in 0..2 {
        tags(&server, from).await;
    }
    let refused = rest(&server, "GET", "/v1/tags", from).await;
    refused.is_refused("anonymous", 600);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let later = rest(&server, "GET", "/v1/tags", from).await;
    later.is_refused("anonymous", 599);
    assert!(later.retry_after < refused.retry_after);
}

#[tokio::test]
async fn without_redis_requests_pass_or_not_as_configured() {
    // Nobody listens there.
    let url = "redis://:secret@127.0.0.1:1";
    let open = Place::new(&[("RATE_LIMIT_URL", url)]).serve();
    for _ in 0..3 {
        for answer in tags(&open, &[]).await {
            assert_eq!((answer.code, answer.standings), (None, None));
        }
    }
    let log = open.log();
    assert_eq!(log.matches("rates can't be counted in Redis: requests are let through").count(), 1, "{log}");
    assert!(!log.contains("secret"), "{log}");

    let closed = Place::new(&[("RATE_LIMIT_URL", url), ("RATE_LIMIT_ON_ERROR", "closed")]).serve();
    for answer in tags(&closed, &[]).await {
        assert_eq!((answer.code.as_deref(), answer.retry_after), (Some("UNAVAILABLE"), Some(1)));
    }
    assert_eq!(reqwest::get(format!("{}/livez", closed.base_url)).await.unwrap().status(), 200);
    assert_eq!(closed.log().matches("requests are refused until it answers").count(), 1, "{}", closed.log());
}

#[test]
fn what_is_no_redis_is_refused_at_the_start() {
    let ended = Place::new(&[("RATE_LIMIT_URL", "http://127.0.0.1")]).run(&[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("RATE_LIMIT_URL must be like redis://"), "{}", ended.stderr);
}
