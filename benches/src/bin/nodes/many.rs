//! Many topics: so many in the engine, and a tenth of them read at a node that has seen none of them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use htmx_ws_components::{Hub, Live};
use tokio::net::TcpListener;

use crate::page::{Page, open};
use crate::times::Times;
use crate::{AT_ONCE, Failed, state};

pub(crate) const TOPICS: usize = 100_000;
const PAGES: usize = 100;
/// That each page reads.
const OF_A_PAGE: usize = 100;
pub(crate) const READ: usize = PAGES * OF_A_PAGE;

/// What many topics take.
pub(crate) struct Many {
    /// Until all of them were published to once.
    pub(crate) published: Duration,
    /// Until the pages have what is in theirs.
    pub(crate) read: Duration,
    /// From a publish to one of those until its page has it.
    pub(crate) arrivals: Times,
}

pub(crate) async fn many(from: &Hub, to: &Hub) -> Result<Many, Failed> {
    let began = Instant::now();
    let share = async |task: usize| {
        for topic in (task..TOPICS).step_by(AT_ONCE) {
            from.publish(name(topic), &state(topic, 0)).await?;
        }
        Ok::<_, Failed>(())
    };
    try_join_all((0..AT_ONCE).map(share)).await?;
    let published = began.elapsed();

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let server = tokio::spawn(axum::serve(listener, to.routes().with_state(())).into_future());
    let began = Instant::now();
    let mut pages = try_join_all((0..PAGES).map(|number| read(addr, to, number))).await?;
    let read = began.elapsed();
    let arrivals = arrivals(from, &mut pages).await?;
    server.abort();
    Ok(Many { published, read, arrivals })
}

/// A page that has what is in its topics.
async fn read(addr: SocketAddr, hub: &Hub, number: usize) -> Result<Page, Failed> {
    let live = (0..OF_A_PAGE).fold(Live::of(hub), |live, topic| live.topic(name(number * OF_A_PAGE + topic)));
    let mut page = open(addr, &live).await?;
    let mut states = 0;
    while states < OF_A_PAGE {
        let message = page.next().await.ok_or("a page was closed")??;
        states += message.to_text()?.matches("id=\"state-").count();
    }
    Ok(page)
}

async fn arrivals(from: &Hub, pages: &mut [Page]) -> Result<Times, Failed> {
    let (began, mut each) = (Instant::now(), Vec::new());
    for (number, page) in pages.iter_mut().enumerate() {
        let topic = number * OF_A_PAGE;
        let start = Instant::now();
        from.publish(name(topic), &state(topic, 7777)).await?;
        while !page.next().await.ok_or("a page was closed")??.to_text()?.contains(">7777x") {}
        each.push(start.elapsed());
    }
    Ok(Times { each, all: began.elapsed() })
}

fn name(topic: usize) -> String {
    format!("many-{topic}")
}
