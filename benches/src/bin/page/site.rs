//! The page, with a hub and our script behind it, or as plain htmx has it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::ws::{Message, Utf8Bytes, WebSocketUpgrade};
use axum::extract::{FromRef, State};
use axum::response::Response;
use axum::routing::get;
use htmx_ws_components::{Counter, Htmx, Hub, HubBuilder, Live};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::serve;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::board::{self, TOPIC, Way};

/// How many publishes wait for a reader: as in axum's example of a chat.
const WAITING: usize = 100;

#[derive(Clone)]
pub(crate) struct Site {
    hub: Hub,
    htmx: Htmx,
    plain: broadcast::Sender<Utf8Bytes>,
    sent: Arc<AtomicU64>,
}

impl FromRef<Site> for Hub {
    fn from_ref(site: &Site) -> Self {
        site.hub.clone()
    }
}

impl Site {
    pub(crate) async fn start(builder: HubBuilder, htmx: Htmx) -> (Self, SocketAddr) {
        let hub = builder.htmx(htmx).assets(assets(htmx)).build();
        let site = Self { hub: hub.clone(), htmx, plain: broadcast::channel(WAITING).0, sent: Arc::default() };
        let router = Router::new()
            .route("/", get(page))
            .route("/plain", get(plain))
            .route("/plain/ws", get(upgrade))
            .route("/npm/{*file}", get(npm_file))
            .merge(hub.routes())
            .with_state(site.clone());
        (site, serve(router).await)
    }

    pub(crate) fn by_hub(&self) -> Way {
        Way::Hub(self.hub.clone())
    }

    pub(crate) fn by_frames(&self) -> Way {
        Way::Plain(self.plain.clone())
    }

    /// Frames that were sent to the page so far, in either way.
    pub(crate) fn frames(&self) -> u64 {
        self.hub.stats().get(Counter::FramesSent) + self.sent.load(Ordering::Relaxed)
    }
}

fn document(head: &Markup, connect: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Board" } link rel="icon" href="data:,"; (head) }
            body { (connect) (board::all()) }
        }
    }
}

async fn page(live: Live) -> Markup {
    let live = live.topic(TOPIC);
    document(&live.head(), &live.connect())
}

/// The same head without our script, which is the last one, and htmx's own way to connect.
async fn plain(live: Live, State(site): State<Site>) -> Markup {
    let head = live.head().into_string();
    let head = head.rsplit_once("<script").map_or(head.as_str(), |(before, _)| before);
    let connect = if site.htmx == Htmx::V4 {
        html! { div hx-ws:connect="/plain/ws" hx-swap="none" {} }
    } else {
        html! { div hx-ext="ws" ws-connect="/plain/ws" {} }
    };
    document(&PreEscaped(head.to_owned()), &connect)
}

async fn upgrade(upgrade: WebSocketUpgrade, State(site): State<Site>) -> Response {
    let mut publishes = site.plain.subscribe();
    upgrade.on_upgrade(async move |mut socket| {
        loop {
            let frame = match publishes.recv().await {
                Ok(frame) => frame,
                // Where the reader is too slow, what it missed is not sent again.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            };
            if socket.send(Message::Text(frame)).await.is_err() {
                return;
            }
            site.sent.fetch_add(1, Ordering::Relaxed);
        }
    })
}
