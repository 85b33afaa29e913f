//! The plain server: axum's WebSockets and tokio's broadcast channel, as the examples of both have them, with nothing tuned.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use axum::extract::{Path, RawQuery, State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::routing::{get, post};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::time::sleep_until;

use crate::Result;
use crate::order::Order;

/// How many messages a reader may be behind.
const CAPACITY: usize = 256;

type Topics = Arc<Mutex<HashMap<String, Sender<Utf8Bytes>>>>;

/// Serves until it is killed. Says its port first.
pub(crate) fn run() -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    let router = Router::new().route("/ws/{topic}", get(upgrade)).route("/publish", post(publish)).with_state(Topics::default());
    Ok(axum::serve(listener, router).await?)
}

fn sender(topics: &Topics, topic: &str) -> Sender<Utf8Bytes> {
    let mut topics = topics.lock().unwrap_or_else(PoisonError::into_inner);
    topics.entry(topic.to_owned()).or_insert_with(|| channel(CAPACITY).0).clone()
}

async fn upgrade(ws: WebSocketUpgrade, Path(topic): Path<String>, State(topics): State<Topics>) -> axum::response::Response {
    // Before the answer: a reader that has its 101 misses nothing.
    let receiver = sender(&topics, &topic).subscribe();
    ws.on_upgrade(move |socket| read(socket, receiver))
}

async fn read(socket: WebSocket, mut receiver: Receiver<Utf8Bytes>) {
    let (mut sink, mut stream) = socket.split();
    let mut sends = tokio::spawn(async move {
        loop {
            match receiver.recv().await {
                Ok(text) => {
                    if sink.send(Message::Text(text)).await.is_err() {
                        break;
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            }
        }
    });
    let mut reads = tokio::spawn(async move { while let Some(Ok(_)) = stream.next().await {} });
    tokio::select! {
        _ = &mut sends => reads.abort(),
        _ = &mut reads => sends.abort(),
    }
}

async fn publish(State(topics): State<Topics>, RawQuery(query): RawQuery) -> StatusCode {
    let Some(order) = query.as_deref().and_then(Order::from_query) else { return StatusCode::BAD_REQUEST };
    let (sender, began) = (sender(&topics, &order.topic), Instant::now());
    for seq in order.first..order.end() {
        if order.rate > 0 {
            sleep_until(order.due(seq, began).into()).await;
        }
        // Nobody reads: then nobody misses it.
        let _ = sender.send(order.element(seq).into());
        if order.rate == 0 {
            tokio::task::yield_now().await;
        }
    }
    StatusCode::OK
}
