//! A topic with a producer: one of the nodes says what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use htmx_ws_components::{Hub, HubBuilder, Live, Patch, Topic};
use htmx_ws_tests::nodes::clock::{CLOCK, Tick};
use htmx_ws_tests::socket::socket_path;

/// Many of them while a node is not known to be gone.
const INTERVAL: Duration = Duration::from_millis(50);

/// The node's port is its name in what it says.
pub(crate) fn produced_in(builder: HubBuilder, port: u16) -> HubBuilder {
    builder.producer(move |hub: Hub, topic: &Topic| {
        let topic = topic.clone();
        (topic.as_str() == CLOCK).then_some(async move {
            loop {
                // Nothing supersedes an event: a page is told every one of them.
                match Patch::event("tick", &Tick { node: port, time: now() }) {
                    Ok(tick) => drop(hub.publish(&topic, &tick)),
                    Err(error) => eprintln!("a tick is no event: {error}"),
                }
                tokio::time::sleep(INTERVAL).await;
            }
        })
    })
}

/// In microseconds. All nodes of a test have the same clock.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

pub(crate) fn routes() -> Router<Hub> {
    Router::new().route("/clock", get(page)).route("/producers", get(producers))
}

async fn page(live: Live) -> String {
    socket_path(&live.topic(CLOCK))
}

async fn producers(State(hub): State<Hub>) -> String {
    hub.stats().producers().to_string()
}
