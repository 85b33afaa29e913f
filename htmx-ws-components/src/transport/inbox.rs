//! What becomes of the messages of browsers.

use std::fmt::Debug;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tracing::Instrument;

use crate::transport::connections::Token;
use crate::transport::registry::Handle;

/// Handles the messages of browsers.
pub(crate) trait Inbox: Debug + Send + Sync {
    /// Handles one message, to its end.
    fn receive(&self, text: Bytes, from: Arc<Handle>) -> BoxFuture<'static, ()>;

    /// The handler of a message has panicked.
    fn panicked(&self, from: &Handle);
}

/// The messages of one connection: handled one after the other, each to its end, also when the connection has ended meanwhile.
#[derive(Debug)]
pub(crate) struct Worker(mpsc::Sender<Bytes>);

impl Worker {
    /// A worker with room for so many messages that wait. A drain waits for it.
    pub(crate) fn spawn(inbox: Arc<dyn Inbox>, from: Arc<Handle>, room: usize, token: Token) -> Self {
        let (sender, mut messages) = mpsc::channel::<Bytes>(room.max(1));
        let handling = async move {
            while let Some(text) = messages.recv().await {
                // A panic ends the message, not the page that it came from.
                if AssertUnwindSafe(inbox.receive(text, Arc::clone(&from))).catch_unwind().await.is_err() {
                    inbox.panicked(&from);
                }
            }
            drop(token);
        };
        tokio::spawn(handling.in_current_span());
        Self(sender)
    }

    /// Takes a message; false when too many wait.
    pub(crate) fn take(&self, text: Bytes) -> bool {
        self.0.try_send(text).is_ok()
    }
}
