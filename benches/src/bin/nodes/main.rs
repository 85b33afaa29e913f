//! What a publish costs that goes to many nodes: how long until it is acknowledged, how many are in a second, and how long until a page of another node has it.
//!
//! Beside it stands the same bytes given to the stream by hand, with its acknowledgement and nothing else: the floor. All of it, the server as well, shares this machine.

mod server;

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use htmx_ws_benches::table::Table;
use htmx_ws_components::{DomId, Fragment, Hub, Live, Nats, Nesting, Patch};
use server::Server;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

type Failed = Box<dyn Error + Send + Sync>;

/// How many publish at once where more than one does.
const AT_ONCE: usize = 64;
/// The length of a measurement.
const TIME: Duration = Duration::from_secs(3);
/// What a badge with some classes and attributes has.
const BYTES: usize = 512;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start().await?;
    measure(&server.url()).await.map_err(|error| error.to_string().into())
}

async fn measure(url: &str) -> Result<(), Failed> {
    let raw = Raw::connect(url).await?;
    let node = async || Ok::<_, Failed>(Hub::builder().secret([7; 32]).backplane(Nats::new(url, "bench").connect().await?).build());
    let [one, other] = [node().await?, node().await?];
    let mut table = Table::new(["publish, until it is acknowledged", "p50 us", "p99 us", "in a second", "beside by hand"]);
    for (name, at_once, topics) in
        [("one at a time", 1, 1), ("64 at once, to 64 topics", AT_ONCE, AT_ONCE), ("64 at once, to one topic", AT_ONCE, 1)]
    {
        let by_hand = repeat(at_once, async |task, _| raw.publish(task).await).await?;
        let with_us = repeat(at_once, async |task, turn| {
            one.publish(format!("t{}", task % topics), &state(task, turn)).await?;
            Ok(())
        })
        .await?;
        table.row(by_hand.row(&format!("{name}, by hand"), None));
        table.row(with_us.row(name, Some(&by_hand)));
    }
    println!("{table}");

    let mut table = Table::new(["from a publish until a page has it", "p50 us", "p99 us"]);
    let alone = Hub::new();
    for (name, from, to) in [("one hub alone", &alone, &alone), ("the same node of two", &one, &one), ("the other node", &one, &other)] {
        let mut row = arrivals(from, to).await?.row(name, None);
        row.truncate(3);
        table.row(row);
    }
    println!("{table}");
    Ok(())
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

/// How long things took.
struct Times {
    sorted: Vec<Duration>,
    all: Duration,
}

impl Times {
    fn row(&self, name: &str, beside: Option<&Self>) -> Vec<String> {
        let at = |share: usize| self.sorted.get(self.sorted.len() * share / 100).copied().unwrap_or_default().as_micros().to_string();
        let ratio = beside.map_or_else(String::new, |beside| format!("{:.2}", self.rate() / beside.rate()));
        vec![name.to_owned(), at(50), at(99), format!("{:.0}", self.rate()), ratio]
    }

    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    fn rate(&self) -> f64 {
        self.sorted.len() as f64 / self.all.as_secs_f64()
    }
}

/// As many times as there is time for, by so many at once, each one thing behind the other.
async fn repeat(at_once: usize, what: impl AsyncFn(usize, usize) -> Result<(), Failed>) -> Result<Times, Failed> {
    let began = Instant::now();
    let one = async |task: usize| {
        let mut times = Vec::new();
        while began.elapsed() < TIME {
            let start = Instant::now();
            what(task, times.len()).await?;
            times.push(start.elapsed());
        }
        Ok::<_, Failed>(times)
    };
    let mut sorted = try_join_all((0..at_once).map(one)).await?.concat();
    sorted.sort_unstable();
    Ok(Times { sorted, all: began.elapsed() })
}

/// How long it takes until a page at one hub has what is published to another.
async fn arrivals(from: &Hub, to: &Hub) -> Result<Times, Failed> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let server = tokio::spawn(axum::serve(listener, to.routes().with_state(())).into_future());
    let live = Live::of(to).topic("page");
    let mut request = format!("ws://{addr}{}", socket_path(&live)?).into_client_request()?;
    request.headers_mut().insert("origin", origin(addr)?);
    let (mut page, _) = tokio_tungstenite::connect_async(request).await?;
    let (began, mut sorted) = (Instant::now(), Vec::new());
    while began.elapsed() < TIME {
        let start = Instant::now();
        let patch = state(sorted.len() % 7, sorted.len() + 1000);
        let turn = format!(">{}x", sorted.len() + 1000);
        from.publish("page", &patch).await?;
        while let Some(message) = page.next().await {
            if message?.to_text()?.contains(&turn) {
                break;
            }
        }
        sorted.push(start.elapsed());
        // Behind the pause that every page has between two frames.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.abort();
    sorted.sort_unstable();
    Ok(Times { sorted, all: began.elapsed() })
}

fn origin(addr: SocketAddr) -> Result<axum::http::HeaderValue, Failed> {
    Ok(format!("http://{addr}").parse()?)
}

/// The URL of the socket as the page's connect element has it.
fn socket_path(live: &Live) -> Result<String, Failed> {
    let html = live.connect().into_string();
    let url = html.split_once("data-ws-connect=\"").and_then(|(_, rest)| rest.split_once('"')).ok_or("no connect element")?.0;
    Ok(url.replace("&amp;", "&"))
}

/// The stream alone, without us.
struct Raw(async_nats::Client);

impl Raw {
    async fn connect(url: &str) -> Result<Self, Failed> {
        let client = async_nats::connect(url).await?;
        let stream = serde_json::json!({
            "name": "raw", "subjects": ["raw.>"], "retention": "limits", "storage": "file", "max_msgs": 100_000, "max_bytes": -1,
            "max_consumers": -1, "max_age": 0, "discard": "old", "num_replicas": 1,
        });
        let answer = client.request("$JS.API.STREAM.CREATE.raw", stream.to_string().into()).await?;
        if String::from_utf8_lossy(&answer.payload).contains("\"error\"") {
            return Err(String::from_utf8_lossy(&answer.payload).into_owned().into());
        }
        Ok(Self(client))
    }

    async fn publish(&self, subject: usize) -> Result<(), Failed> {
        self.0.request(format!("raw.{subject}"), "x".repeat(BYTES).into()).await?;
        Ok(())
    }
}
