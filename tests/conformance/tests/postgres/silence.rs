//! A network that breaks, and one that swallows everything.

use apigen_conformance::{
    network::{Network, State},
    postgres,
    server::Server,
};
use reqwest::Url;

use super::writers::{Answer, REQUEST_TIMEOUT, Writers, until_ready};

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_breaks_or_falls_silent_is_got_over() {
    if postgres::url().is_none() {
        return;
    }
    let mut url = Url::parse(&postgres::database()).unwrap();
    let network = Network::to(format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432))).await;
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(network.address.port())).unwrap();
    let timeout = REQUEST_TIMEOUT.as_secs().to_string();
    let server = Server::start(&[("DATABASE_URL", url.as_str()), ("REQUEST_TIMEOUT", &timeout), ("DB_POOL_SIZE", "4")]);
    let mut writers = Writers::start(&server).await;
    // Whoever meets silence has nothing but the deadline.
    for (state, answer) in [(State::Broken, Answer::Unavailable), (State::Silent, Answer::Late)] {
        network.turn(state);
        writers.until_all_hear(answer).await;
        until_ready(&server, 503).await;
        network.turn(State::Fine);
        writers.until_all_write_again().await;
        until_ready(&server, 200).await;
    }
    writers.check(&server).await;
}
