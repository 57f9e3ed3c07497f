//! Runs the generated server and the hand-written one side by side, and prints how they compare.
//!
//! Every case gets its turn in every round, on servers that run all the time, so that whatever else the machine does
//! meets all of them. The ratio to trust is that of processor time per request: it hardly moves when others use the
//! machine, too.

mod case;
mod database;
mod load;
mod report;
mod request;
mod server;
mod wire;

use std::{path::PathBuf, time::Duration};

use clap::Parser;

use case::{Case, Way};
use database::Database;
use load::Rounds;
use server::{Footprint, Server};

#[derive(Debug, Parser)]
#[command(about = "Compares the generated server with the same service written by hand")]
struct Options {
    /// One second for each case instead of ten
    #[arg(long)]
    quick: bool,

    /// Only cases with these words in their names, such as "sqlite get rest"
    #[arg(long, default_value = "")]
    only: String,

    /// Record with `perf` what the generated server does in the first case that --only leaves, into this file
    #[arg(long, requires = "only")]
    profile: Option<PathBuf>,

    /// A server on which databases may be made and dropped
    #[arg(long, env = "APIGEN_BENCH_POSTGRES_URL", default_value = "postgres://root@127.0.0.1:5432/test")]
    postgres_url: String,
}

/// The two servers on one kind of database.
struct Pair {
    database: Database,
    baseline: Server,
    generated: Server,
    footprints: [Footprint; 2],
}

impl Pair {
    fn server(&self, way: Way) -> &Server {
        if way == Way::ByHand { &self.baseline } else { &self.generated }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let (rounds, time) = if options.quick { (1, Duration::from_secs(1)) } else { (10, Duration::from_secs(1)) };
    let mut results = Vec::new();
    let mut footprints = Vec::new();
    for database in Database::all(&options.postgres_url) {
        let cases = Case::all(database.name()).filter(|case| case.fits(&options.only));
        let mut cases: Vec<_> = cases.map(|case| (case, Rounds::default())).collect();
        if cases.is_empty() {
            continue;
        }
        let mut pair = start(database).await?;
        if let Some(file) = &options.profile {
            let case = &cases[0].0;
            profile(case, &mut pair, file).await?;
            return pair.database.drop().await;
        }
        for round in 0..rounds {
            for (case, taken) in &mut cases {
                eprint!("\r\x1b[Kround {} of {rounds}: {case}", round + 1);
                taken.0.push(load::run(case, pair.server(case.way), time).await?);
            }
        }
        eprint!("\r\x1b[K");
        footprints.push((pair.database.name(), finish(pair).await?));
        results.extend(cases);
    }
    report::print(&results, &footprints);
    Ok(())
}

/// Both servers on databases of their own, with the same rows.
async fn start(database: Database) -> anyhow::Result<Pair> {
    database.create().await?;
    let (mut baseline, first) = Server::start("baseline", &database).await?;
    let (mut generated, second) = Server::start("shop", &database).await?;
    load::seed(&mut baseline).await?;
    load::seed(&mut generated).await?;
    database.seed_orders().await?;
    Ok(Pair { database, baseline, generated, footprints: [first, second] })
}

/// What both servers took by the end; stops them, and removes their databases.
async fn finish(pair: Pair) -> anyhow::Result<[Footprint; 2]> {
    let Pair { database, baseline, generated, footprints: [mut first, mut second] } = pair;
    first.loaded = baseline.memory()?;
    second.loaded = generated.memory()?;
    drop((baseline, generated));
    database.drop().await?;
    Ok([first, second])
}

async fn profile(case: &Case, pair: &mut Pair, file: &std::path::Path) -> anyhow::Result<()> {
    let time = Duration::from_secs(10);
    let server = pair.server(case.way);
    load::run(case, server, Duration::from_secs(1)).await?;
    let recording = server.record(file, time)?;
    load::run(case, server, time).await?;
    recording.wait_with_output()?;
    println!("{case}: read {} by `perf report`", file.display());
    Ok(())
}
