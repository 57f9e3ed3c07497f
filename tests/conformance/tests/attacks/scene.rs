//! A server with some rows, and those who call it.

use apigen_conformance::{
    access::{
        caller::Caller,
        place::{Database, Program},
        seed,
        spec::Spec,
        value::Dialect,
        world::{Wish, World},
    },
    corpus::{Clients, Contracts, Operation, Protocol, Reply},
    generated::Generated,
    server::{Server, repository},
};
use serde_json::Value as Json;

pub static CHAT: Generated = Generated::domain("chat");
pub static SOCIAL: Generated = Generated::domain("social");

pub struct Scene {
    pub spec: Spec,
    pub world: World,
    pub database: Database,
    pub clients: Clients,
    pub server: Server,
    /// Rows up to here are in the database.
    seeded: usize,
}

impl Scene {
    /// `file`: `specs/chat.yaml`
    pub async fn open(file: &str, program: &'static Generated, dialect: Dialect) -> Scene {
        let spec = Spec::read(&repository().join(file));
        let program = Program::Of(program);
        let contracts = Contracts::read(&spec.name, &spec.version, &program.contracts(), &spec.names());
        let (server, database) = program.start(dialect);
        let clients = Clients::to(&server, &contracts).await;
        Scene { spec, world: World::default(), database, clients, server, seeded: 0 }
    }

    /// The id of a new row, which is there once [`Scene::seed`] is through.
    pub fn make(&mut self, resource: &str, wish: &Wish) -> Json {
        let row = self.world.make(&self.spec, self.spec.resource(resource), wish);
        self.world.rows[row].id.clone()
    }

    /// One of a tenant, if there are tenants, with these roles.
    pub fn caller(&mut self, tenant: Option<&Json>, roles: &[&str]) -> Caller {
        let principal = self.spec.auth.as_ref().expect("callers").principal.clone();
        let subject = self.make(&principal, &Wish { tenant: tenant.cloned(), ..Wish::default() });
        let caller = Caller { subject: Some(subject), tenant: tenant.cloned(), ..Caller::default() };
        roles.iter().fold(caller, |caller, role| caller.with_role(&self.spec, role))
    }

    pub async fn seed(&mut self) {
        seed::insert(&self.database, &self.spec, &self.world.rows[self.seeded..]).await;
        self.seeded = self.world.rows.len();
    }

    /// The answer, or the code of the error.
    pub async fn ask(&self, protocol: Protocol, caller: &Caller, operation: &Operation) -> Result<Reply, String> {
        let authorization = caller.authorization(&self.spec);
        let driver = self.clients.driver(protocol, authorization.as_deref());
        driver.run(operation).await.map_err(|failure| failure.code)
    }

    /// The code, and what is said, without the ids that it is said of.
    pub async fn refusal(&self, caller: &Caller, protocol: Protocol, operation: &Operation, ids: &[&Json]) -> String {
        let authorization = caller.authorization(&self.spec);
        let failure = self.clients.driver(protocol, authorization.as_deref()).run(operation).await.unwrap_err();
        let told = format!("{failure:?}");
        ids.iter().fold(told, |told, id| told.replace(id.as_str().expect("a text"), "ID"))
    }
}
