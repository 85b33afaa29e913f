//! The table of the connections.

use maud::{Markup, html};
use serde::Deserialize;

use crate::inspector::table::{Row, Table, Text, id};
use crate::inspector::topics::of;
use crate::inspector::words::{self, Grouped};
use crate::transport::stats::ConnectionStats;
use crate::web::hub::Hub;
use crate::web::inbound::Inbound;

/// Rows of five figures each, which a browser brings up to date twice a second without a sweat.
pub(super) const MAX_ROWS: usize = 100;

/// Topics whose names a row has room for.
const NAMED_TOPICS: usize = 3;

fn row(connection: &ConnectionStats) -> Row {
    let (number, page) = (connection.number, connection.page().to_string());
    let mut topics: Vec<String> =
        connection.places.iter().filter(|place| !place.topic.is_private()).map(|place| place.topic.to_string()).collect();
    let more = topics.len().saturating_sub(NAMED_TOPICS);
    topics.truncate(NAMED_TOPICS);
    if more > 0 {
        topics.push(format!("{more} more"));
    }
    let nobody = |text: &str| html! { span class="nobody" { (text) } };
    let user = connection.user().map_or_else(|| nobody("nobody"), |user| html! { (user) });
    let address = connection.address().map_or_else(|| nobody("unknown"), |address| html! { code { (address) } });
    Row::new(format!("connection-{number}"), "connections")
        .header(html! { code title=(page) { (page.get(..8).unwrap_or(&page)) } })
        .fixed("", user)
        .fixed("topics", html! { (topics.join(", ")) })
        .fixed("", address)
        .figure(words::span(connection.age()))
        .figure(connection.cursor().map_or_else(String::new, |version| Grouped(version.get()).to_string()))
        .figure(Grouped(connection.lag()).to_string())
        .figure(Grouped(connection.frames()).to_string())
        .figure(words::size(usize::try_from(connection.bytes()).unwrap_or(usize::MAX)))
        .fixed("act", cut(number, &page))
}

/// A button that cuts a connection.
fn cut(number: u64, page: &str) -> Markup {
    let values = format!(r#"{{"action":"cut","connection":{number}}}"#);
    html! { button class="button is-small" type="button" data-ws-send hx-ws:send hx-vals=(values) aria-label={ "Cut the connection of page " (page) } { "Cut" } }
}

/// The connections that are open longest.
pub(super) fn table(connections: &[ConnectionStats]) -> Table<Row> {
    let head = html! {
        th scope="col" { "Page" }
        th scope="col" { "User" }
        th scope="col" { "Topics" }
        th scope="col" { "Address" }
        @for title in ["Age", "Cursor", "Lag", "Frames", "Bytes"] { th scope="col" class="hw-number" { (title) } }
        td {}
    };
    Table { name: "connections", head, rows: connections.iter().map(row).collect() }
}

/// How many of the connections there are to see.
pub(super) fn note(count: usize) -> Text {
    Text { id: id("connections-note"), text: of(count, MAX_ROWS) }
}

/// Which connection is to end.
#[derive(Debug, Deserialize)]
pub(super) struct Cut {
    connection: u64,
}

impl Cut {
    /// Ends it, in the hub that is looked at.
    pub(super) fn act(message: &Inbound<Self>, watched: &Hub) -> Result<(), &'static str> {
        if watched.connections().cut(message.value().connection) { Ok(()) } else { Err("This connection has ended already") }
    }
}
