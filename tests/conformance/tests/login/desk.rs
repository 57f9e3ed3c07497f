//! A server with two firms, and a chief of the first who lets others in.

use apigen_conformance::{
    access::{
        caller::{AUDIENCE, Caller, ISSUER, SECRET},
        place::{Database, Program, dialects},
        seed,
        spec::Spec,
        value::Dialect,
        world::{Wish, World},
    },
    corpus::{Clients, Contracts, Failure, Operation, Protocol},
    generated::DESK,
    server::{Server, repository},
};
use serde_json::{Value as Json, json};

pub const PASSWORD: &str = "correct horse battery";

pub struct Desk {
    pub server: Server,
    pub database: Database,
    clients: Clients,
    /// `Bearer …`
    chief: String,
    /// `Bearer …`
    chief_elsewhere: String,
    pub firm: Json,
    pub firm_elsewhere: Json,
}

/// A pair of tokens.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Desk {
    pub async fn open(dialect: Dialect) -> Desk {
        let spec = Spec::read(&repository().join("tests/specs/desk.yaml"));
        let program = Program::Of(&DESK);
        let contracts = Contracts::read(&spec.name, &spec.version, &program.contracts(), &spec.names());
        let (server, database) = program.start(dialect);
        let clients = Clients::to(&server, &contracts).await;
        let mut world = World::default();
        let mut firm = || {
            let row = world.make(&spec, spec.resource("Firm"), &Wish::default());
            world.rows[row].id.clone()
        };
        let firms = [firm(), firm()];
        let chief = |firm: &Json| {
            let subject = Some(json!("per_01h455vb4pex5vsknk084sn02q"));
            let caller = Caller { subject, tenant: Some(firm.clone()), ..Caller::default() };
            caller.with_role(&spec, "chief").authorization(&spec).expect("a token")
        };
        let (chief, chief_elsewhere) = (chief(&firms[0]), chief(&firms[1]));
        seed::insert(&database, &spec, &world.rows).await;
        let [firm, firm_elsewhere] = firms;
        Desk { server, database, clients, chief, chief_elsewhere, firm, firm_elsewhere }
    }

    /// The answer, or the code of the error. `token`: `Bearer …`
    pub async fn ask(&self, protocol: Protocol, token: Option<&str>, operation: &Operation) -> Result<Json, Failure> {
        self.clients.driver(protocol, token).run(operation).await.map(|reply| reply.value)
    }

    /// By the chief, over REST.
    pub async fn arrange(&self, operation: &Operation) -> Json {
        self.ask(Protocol::Rest, Some(&self.chief), operation).await.expect("the chief may do it")
    }

    /// The id of a new one of the chief's firm.
    pub async fn hire(&self, email: &str, role: &str) -> Json {
        let input = json!({ "email": email, "password": PASSWORD, "role": role, "firm_id": self.firm });
        self.arrange(&create("Person", input)).await["id"].clone()
    }

    /// The same by the chief of the other firm, if it can be done.
    pub async fn hire_elsewhere(&self, email: &str) -> Result<Json, String> {
        let input = json!({ "email": email, "password": PASSWORD, "firm_id": self.firm_elsewhere });
        let hired = self.ask(Protocol::Rest, Some(&self.chief_elsewhere), &create("Person", input)).await;
        hired.map_err(|failure| failure.code)
    }

    pub async fn try_login(&self, protocol: Protocol, email: &str, password: &str) -> Result<Tokens, Failure> {
        let input = json!({ "email": email, "password": password });
        self.ask(protocol, None, &exchange("login", input)).await.map(tokens)
    }

    pub async fn login(&self, protocol: Protocol, email: &str) -> Tokens {
        self.try_login(protocol, email, PASSWORD).await.expect("tokens")
    }

    pub async fn refresh(&self, protocol: Protocol, tokens: &Tokens) -> Result<Tokens, String> {
        let asked = exchange("refresh", json!({ "refresh_token": tokens.refresh }));
        self.ask(protocol, None, &asked).await.map(self::tokens).map_err(|failure| failure.code)
    }

    pub async fn logout(&self, protocol: Protocol, tokens: &Tokens) {
        let done = self.ask(protocol, None, &exchange("logout", json!({ "refresh_token": tokens.refresh }))).await;
        assert_eq!(done.expect("it is done"), Json::Null);
    }

    /// The rows that tokens show, or the code of the error.
    pub async fn list(&self, protocol: Protocol, tokens: &Tokens, resource: &str) -> Result<Vec<Json>, String> {
        let list: Operation = Operation::List(operation(json!({ "resource": resource, "limit": 100 })));
        let page = self.ask(protocol, Some(&tokens.access), &list).await.map_err(|failure| failure.code)?;
        Ok(page["data"].as_array().expect("rows").clone())
    }

    /// Another server on the same database.
    pub fn another(&self) -> Server {
        let url = match &self.database {
            Database::Sqlite(file) => format!("sqlite:{}", file.display()),
            Database::Postgres(url) => url.clone(),
        };
        let mut command = DESK.command();
        command.env("LISTEN_ADDR", "127.0.0.1:0").env("DATABASE_URL", url).env("MODE", "development");
        command.env("JWT_SECRET", SECRET).env("JWT_ISSUER", ISSUER).env("JWT_AUDIENCE", AUDIENCE);
        Server::run(&mut command)
    }
}

pub fn create(resource: &str, input: Json) -> Operation {
    Operation::Create(operation(json!({ "resource": resource, "input": input })))
}

pub fn item<T: serde::de::DeserializeOwned>(resource: &str, id: &Json) -> T {
    operation(json!({ "resource": resource, "id": id }))
}

pub fn exchange(action: &str, input: Json) -> Operation {
    Operation::Act(operation(json!({ "resource": "Auth", "action": action, "input": input })))
}

pub fn operation<T: serde::de::DeserializeOwned>(written: Json) -> T {
    serde_json::from_value(written).expect("an operation")
}

fn tokens(reply: Json) -> Tokens {
    let text = |name: &str| reply[name].as_str().expect("a token").to_owned();
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&json!("Bearer"), &json!(900)));
    Tokens { access: format!("Bearer {}", text("access_token")), refresh: text("refresh_token") }
}

/// One for each protocol on each database.
pub async fn desks() -> Vec<(Desk, Protocol)> {
    let mut desks = Vec::new();
    for (dialect, protocol) in dialects().into_iter().flat_map(|dialect| Protocol::ALL.map(|each| (dialect, each))) {
        desks.push((Desk::open(dialect).await, protocol));
    }
    desks
}

/// An error of this code.
pub fn refused<T>(code: &str) -> Result<T, String> {
    Err(code.to_owned())
}
