//! The way to a server: how a connection is opened, and what is looked at before it counts.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, PushInfo, PushKind, RedisError, ServerErrorKind, Value};
use tokio::sync::Notify;

use super::ConnectError;
use super::ears::Ears;
use super::life::{Known, Life, Server, Trouble};
use super::names::Names;
use super::wire::{Up, described, text};

/// How a server is reached, and who hears what it tells.
#[derive(Debug)]
pub(super) struct Way {
    /// One for each server; the first that can be used is.
    pub(super) clients: Vec<Client>,
    pub(super) names: Names,
    pub(super) timeout: Duration,
    /// Whether appends have a connection of their own.
    pub(super) appends_apart: bool,
    pub(super) ears: Arc<Ears>,
}

/// The connections of a node: it asks on one, and hears on another one. What listens is cut off by the server where it falls behind.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) up: Arc<Up>,
    pub(super) listening: MultiplexedConnection,
    pub(super) life: Life,
}

impl Way {
    /// Tries each server once.
    pub(super) async fn open(&self, number: u64, known: Option<&Known>) -> Result<Line, Trouble> {
        let mut trouble = Trouble::Not(ConnectError::Unreachable("no URL is named".to_owned()));
        for client in &self.clients {
            let opened = tokio::time::timeout(self.timeout, self.open_one(client, number, known)).await;
            match opened.unwrap_or_else(|_| Err(ConnectError::Unreachable(format!("no answer came within {:?}", self.timeout)).into())) {
                Err(Trouble::Not(error)) => trouble = Trouble::Not(error),
                outcome => return outcome,
            }
        }
        Err(trouble)
    }

    async fn open_one(&self, client: &Client, number: u64, known: Option<&Known>) -> Result<Line, Trouble> {
        let cut = Arc::new(Notify::new());
        let connect = || self.connect(client, number, &cut);
        let questions = connect().await?;
        let server = Server::of(&questions, self.timeout).await?.checked()?;
        // Behind one name there may be several servers.
        let is_same = async |other: &MultiplexedConnection| Ok::<_, Trouble>(Server::of(other, self.timeout).await?.run == server.run);
        let listening = connect().await?;
        let appends = if self.appends_apart { connect().await? } else { questions.clone() };
        if !is_same(&listening).await? || !is_same(&appends).await? {
            return Err(ConnectError::Unreachable("it is another server each time".to_owned()).into());
        }
        let life = Life::of(&questions, self.timeout, &self.names, &server, known).await?;
        let up = Arc::new(Up { number, reign: life.reign.clone(), questions, appends, cut });
        Ok(Line { up, listening, life })
    }

    async fn connect(&self, client: &Client, number: u64, cut: &Arc<Notify>) -> Result<MultiplexedConnection, ConnectError> {
        let (ears, cut) = (Arc::clone(&self.ears), Arc::clone(cut));
        let hear = move |push: PushInfo| -> Result<(), ()> {
            match push.kind {
                PushKind::Disconnection => cut.notify_one(),
                PushKind::Message => {
                    let mut parts = push.data.into_iter();
                    if let (Some(channel), Some(Value::BulkString(message))) = (parts.next(), parts.next())
                        && let Some(channel) = text(&channel)
                    {
                        ears.hear(number, channel, &message.into());
                    }
                }
                _ => {}
            }
            Ok(())
        };
        // Each question has a time limit of its own.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(self.timeout)).set_response_timeout(None).set_push_sender(hear);
        client.get_multiplexed_async_connection_with_config(&config).await.map_err(|error| not_opened(&error))
    }
}

fn not_opened(error: &RedisError) -> ConnectError {
    let is_denied = matches!(error.kind(), ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm))
        || matches!(error.code(), Some("WRONGPASS" | "NOAUTH"));
    if is_denied { ConnectError::Denied(described(error)) } else { ConnectError::Unreachable(error.to_string()) }
}
