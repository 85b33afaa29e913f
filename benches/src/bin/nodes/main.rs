//! What a publish costs that goes to many nodes: how long until it is acknowledged, how many are in a second, and how long until a page of another node has it.
//!
//! Beside each engine stands the same bytes given to it by hand, with its acknowledgement and nothing else: the floor. Both take turns. All of it, the servers as well, shares this machine.

mod engine;
mod many;
mod page;
mod times;

use std::error::Error;

use engine::{Engine, Raw};
use htmx_ws_benches::table::Table;
use htmx_ws_components::{DomId, Fragment, Hub, Nesting, Patch};
use many::{Many, READ, TOPICS, many};
use times::{Times, repeat};

type Failed = Box<dyn Error + Send + Sync>;

/// How many publish at once where more than one does.
const AT_ONCE: usize = 64;
/// How often the floor and we take turns. Odd, so that the median is a ratio that was measured.
const ROUNDS: usize = 3;
/// What a badge with some classes and attributes has.
const BYTES: usize = 512;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    measure().await.map_err(|error| error.to_string().into())
}

async fn measure() -> Result<(), Failed> {
    let clusters = [Cluster::start(Engine::nats().await?).await?, Cluster::start(Engine::redis().await?).await?];
    let mut table = Table::new(["", "p50 us", "p99 us", "in a second", "by hand", "ratio"]);
    for (what, at_once, topics) in
        [("one at a time", 1, 1), ("64 at once, to 64 topics", AT_ONCE, AT_ONCE), ("64 at once, to one topic", AT_ONCE, 1)]
    {
        for cluster in &clusters {
            let name = format!("{what}: {}", cluster.engine.name());
            table.row(cluster.publishes(&name, at_once, topics).await?);
        }
    }
    let alone = Hub::new();
    table.row(arrivals("until a page has it: one hub alone", &alone, &alone).await?);
    for (place, to) in [("the same node", 0), ("the other node", 1)] {
        for Cluster { engine, nodes, .. } in &clusters {
            let name = format!("until a page of {place} has it: {}", engine.name());
            table.row(arrivals(&name, &nodes[0], &nodes[to]).await?);
        }
    }
    println!("{table}");
    println!("{}", with_many_topics(&clusters).await?);
    println!("{BYTES} bytes, until they are acknowledged. By hand: so many in a second, to a stream of NATS, and with XADD.");
    for Cluster { engine, .. } in &clusters {
        println!("{}", engine.settings());
    }
    Ok(())
}

/// What it is where there are many topics.
async fn with_many_topics(clusters: &[Cluster]) -> Result<Table, Failed> {
    let title = format!("{TOPICS} topics, of which a late node's pages read {READ}");
    let mut table =
        Table::new([&*title, "published in a second", "s until the pages have theirs", "then, until a page has it: p50 us", "p99 us"]);
    for Cluster { engine, nodes, .. } in clusters {
        let late = Hub::builder().secret([7; 32]).backplane(engine.backplane().await?).build();
        let Many { published, read, arrivals } = many(&nodes[0], &late).await?;
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let rate = TOPICS as f64 / published.as_secs_f64();
        let [_, times @ ..] = &arrivals.row("")[..] else { unreachable!("it begins with the name") };
        let row = vec![engine.name().to_owned(), format!("{rate:.0}"), format!("{:.1}", read.as_secs_f64())];
        table.row([row, times.to_vec()].concat());
    }
    Ok(table)
}

/// Two nodes at a server of theirs.
struct Cluster {
    nodes: [Hub; 2],
    raw: Raw,
    engine: Engine,
}

impl Cluster {
    async fn start(engine: Engine) -> Result<Self, Failed> {
        let node = async || Ok::<_, Failed>(Hub::builder().secret([7; 32]).backplane(engine.backplane().await?).build());
        Ok(Self { nodes: [node().await?, node().await?], raw: engine.raw().await?, engine })
    }

    /// By hand and with a hub in turn.
    async fn publishes(&self, name: &str, at_once: usize, topics: usize) -> Result<Vec<String>, Failed> {
        let (mut by_hand, mut with_us) = (Times::default(), Times::default());
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let raw = repeat(at_once, async |task, _| self.raw.publish(task % topics).await).await?;
            let hub = repeat(at_once, async |task, turn| {
                self.nodes[0].publish(format!("t{}", task % topics), &state(task, turn)).await?;
                Ok(())
            })
            .await?;
            ratios.push(hub.rate() / raw.rate());
            by_hand.add(raw);
            with_us.add(hub);
        }
        let ratio = htmx_ws_benches::rounds::median(ratios);
        Ok([with_us.row(name), vec![format!("{:.0}", with_us.rate()), format!("{:.0}", by_hand.rate()), format!("{ratio:.2}")]].concat())
    }
}

/// How long it takes until a page at one hub has what is published to another.
async fn arrivals(name: &str, from: &Hub, to: &Hub) -> Result<Vec<String>, Failed> {
    Ok(page::arrivals(from, to).await?.row(name))
}

/// Different each time, or it would be no change.
fn state(task: usize, turn: usize) -> Patch {
    let (id, turn) = (format!("state-{task}"), turn.to_string());
    let html = format!("<p>{turn}{}</p>", "x".repeat(BYTES - turn.len()));
    // A name of letters and digits, and an element.
    let (Ok(id), Ok(fragment)) = (DomId::new(&id), DomId::new(&id).map(|id| Fragment::new(id, html, Nesting::Leaf))) else {
        unreachable!("`{id}` is an id");
    };
    fragment.map_or_else(|_| Patch::remove(id), Patch::Replace)
}
