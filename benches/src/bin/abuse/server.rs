//! The server: a page, a topic that changes all the time, and its counters.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::routing::get;
use axum::{Router, serve};
use htmx_ws_components::{Counter, DomId, Hub, Live, Patch, Topic};
use maud::html;
use tokio::net::TcpListener;
use tokio::time::interval;

use crate::Result;

/// How often something is published.
const PACE: Duration = Duration::from_millis(20);

/// The topic under load.
const BUSY: &str = "gauges";

pub(crate) fn run() -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(serve_site())
}

async fn serve_site() -> Result<()> {
    let hub = Hub::builder().producer(|hub: Hub, topic: &Topic| (topic.as_str() == BUSY).then(|| load(hub))).build();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{} {} {}", listener.local_addr()?, path(&hub, "clock")?, path(&hub, BUSY)?);
    tokio::spawn(publish(hub.clone()));
    let router = Router::new().route("/stats", get(stats)).merge(hub.routes()).with_state(hub);
    Ok(serve(listener, router).await?)
}

/// Where a page of this topic connects.
fn path(hub: &Hub, topic: &str) -> Result<String> {
    let connect = Live::of(hub).topic(topic).connect().into_string();
    let path = connect.split("data-ws-connect=\"").nth(1).and_then(|rest| rest.split('"').next());
    Ok(path.ok_or("no path in the element that connects")?.replace("&amp;", "&"))
}

/// A thousand patches of half a kilobyte each second, of fifty elements, as long as someone reads them.
async fn load(hub: Hub) {
    let padding = "-".repeat(450);
    let ids: Vec<DomId> = (0..50).filter_map(|number| DomId::new(&format!("gauge-{number}")).ok()).collect();
    let mut ticks = interval(PACE);
    for round in 0_usize.. {
        ticks.tick().await;
        for id in ids.iter().cycle().skip(round * 20 % ids.len()).take(20) {
            hub.publish(BUSY, &Patch::update(id.clone(), &html! { p title=(padding) { (round) } }));
        }
    }
}

/// Publishes the time, as nanoseconds since 1970, which all processes of a machine agree on.
async fn publish(hub: Hub) {
    let Ok(id) = DomId::new("clock") else { return };
    let mut ticks = interval(PACE);
    loop {
        ticks.tick().await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        hub.publish("clock", &Patch::update(id.clone(), &html! { "at " (now.to_string()) }));
    }
}

/// What was counted of those who do wrong.
async fn stats(State(hub): State<Hub>) -> String {
    let stats = hub.stats();
    let wrong = Counter::ALL.iter().filter(|counter| counter.name().starts_with("inbound") || counter.name().contains("exceeded"));
    let counted: Vec<String> =
        wrong.filter(|counter| stats.get(**counter) > 0).map(|counter| format!("{} {}", counter.name(), stats.get(*counter))).collect();
    format!("{} open, {}", stats.connections(), counted.join(", "))
}
