//! The server as a process: that it starts, restarts on its data and ends when told.

use apigen_conformance::server::Server;

#[test]
fn a_server_restarts_on_its_database_and_ends_on_sigterm() {
    let mut server = Server::start(&[]);
    assert!(server.base_url.starts_with("http://127.0.0.1:"), "{}", server.base_url);
    server.restart();
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.log());
}
