//! The tables that are printed.

use crate::{
    case::{Case, Operation, Way},
    load::Rounds,
    server::Footprint,
};

pub fn print(results: &[(Case, Rounds)], footprints: &[(&str, [Footprint; 2])]) {
    println!(
        "The generated server beside REST by hand: processor time per request (and requests per second), 1.00 is equal,"
    );
    println!("more is better. Behind them what by hand takes.\n");
    println!("{:11} {:8} {:>12} {:>12} {:>12}   {:>24}", "", "", "REST", "GraphQL", "gRPC", "by hand");
    for (database, _) in footprints {
        for operation in Operation::ALL {
            row(results, database, operation);
        }
    }
    println!("\n{:11} {:>22} {:>22} {:>22}", "", "start", "memory idle", "memory loaded");
    for (database, [by_hand, generated]) in footprints {
        let start = |footprint: &Footprint| format!("{:.0} ms", footprint.start.as_secs_f64() * 1e3);
        let mib = |kilobytes: u64| format!("{:.1} MiB", kilobytes as f64 / 1024.0);
        for (name, footprint) in [("", generated), ("by hand", by_hand)] {
            let name = if name.is_empty() { (*database).to_owned() } else { format!("  {name}") };
            let (idle, loaded) = (mib(footprint.idle), mib(footprint.loaded));
            println!("{name:11} {:>22} {idle:>22} {loaded:>22}", start(footprint));
        }
    }
}

fn row(results: &[(Case, Rounds)], database: &str, operation: Operation) {
    let rounds = |way: Way| {
        let case =
            results.iter().find(|(case, _)| (case.database, case.operation, case.way) == (database, operation, way));
        case.map(|(_, rounds)| rounds)
    };
    let by_hand = rounds(Way::ByHand);
    let ratios = Way::GENERATED.map(|way| match (by_hand, rounds(way)) {
        (Some(by_hand), Some(rounds)) => {
            let cpu = by_hand.per_request() / rounds.per_request();
            format!("{cpu:.2} ({:.2})", rounds.per_second() / by_hand.per_second())
        }
        (None, Some(rounds)) => amount(rounds),
        (_, None) => "-".to_owned(),
    });
    let [rest, graphql, grpc] = ratios;
    let by_hand = by_hand.map_or_else(|| "-".to_owned(), amount);
    println!("{database:11} {:8} {rest:>12} {graphql:>12} {grpc:>12}   {by_hand:>24}", operation.name());
}

fn amount(rounds: &Rounds) -> String {
    format!("{:.0} µs, {:.0}/s", rounds.per_request() * 1e6, rounds.per_second())
}
