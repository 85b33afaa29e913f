//! How a connection says why it ends.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;

use crate::dialect::refresh;
use crate::transport::close::Close;
use crate::transport::message::{Message, Socket};

/// How long a browser has to answer a close: its TCP connection is then dropped.
const CLOSE_ANSWER: Duration = Duration::from_secs(2);

/// How many messages are read until then, which were on their way.
const CLOSE_UNREAD: usize = 1_000;

/// Says why, and waits for the browser to have heard it. A page that can be helped by a refresh is told to.
pub(crate) async fn close_socket(socket: &mut impl Socket, close: Close, patience: Duration) {
    let farewell = async {
        if close.wants_refresh() {
            socket.send(Message::Text(Bytes::from(refresh(close.reason())))).await?;
        }
        socket.send(Message::Close(Some(close))).await
    };
    // Dropping a socket that has unread input resets the connection, and the browser would see 1006 instead of the code: so read on until the browser has
    // closed its side. One that goes on sending does not want to hear.
    if let Ok(Ok(())) = timeout(patience, farewell).await {
        let mut unread = socket.take(CLOSE_UNREAD);
        let _ = timeout(CLOSE_ANSWER, async { while let Some(Ok(_)) = unread.next().await {} }).await;
    }
}
