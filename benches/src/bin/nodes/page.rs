//! A page at one hub, and what is published to another.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use futures_util::StreamExt as _;
use htmx_ws_components::{Hub, Live};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::times::{TURN, Times};
use crate::{Failed, state};

/// How long it takes until the page has it.
pub(crate) async fn arrivals(from: &Hub, to: &Hub) -> Result<Times, Failed> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let server = tokio::spawn(axum::serve(listener, to.routes().with_state(())).into_future());
    let mut page = open(addr, &Live::of(to).topic("page")).await?;
    let (began, mut each) = (Instant::now(), Vec::new());
    while began.elapsed() < TURN {
        let start = Instant::now();
        let patch = state(each.len() % 7, each.len() + 1000);
        let turn = format!(">{}x", each.len() + 1000);
        from.publish("page", &patch).await?;
        while let Some(message) = page.next().await {
            if message?.to_text()?.contains(&turn) {
                break;
            }
        }
        each.push(start.elapsed());
        // Behind the pause that every page has between two frames.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.abort();
    Ok(Times { each, all: began.elapsed() })
}

/// The socket of a page.
pub(crate) type Page = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) async fn open(addr: SocketAddr, live: &Live) -> Result<Page, Failed> {
    let mut request = format!("ws://{addr}{}", socket_path(live)?).into_client_request()?;
    request.headers_mut().insert("origin", origin(addr)?);
    Ok(tokio_tungstenite::connect_async(request).await?.0)
}

fn origin(addr: SocketAddr) -> Result<HeaderValue, Failed> {
    Ok(format!("http://{addr}").parse()?)
}

/// The URL of the socket as the page's connect element has it.
fn socket_path(live: &Live) -> Result<String, Failed> {
    let html = live.connect().into_string();
    let url = html.split_once("data-ws-connect=\"").and_then(|(_, rest)| rest.split_once('"')).ok_or("no connect element")?.0;
    Ok(url.replace("&amp;", "&"))
}
