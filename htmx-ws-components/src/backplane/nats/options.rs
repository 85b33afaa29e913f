//! How a node is connected.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::{ConnectOptions, Event};
use tokio::sync::watch;

use super::wire::{Link, Wire};
use super::{ConnectError, Nats};

/// How long a question waits for a connection, and then for its answer, where nothing else is said: a publish of a person's is not worth waiting longer for.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often it is looked after what a topic's followers may have missed: core messages are delivered at most once.
const AUDIT: Duration = Duration::from_secs(10);
/// The pauses between two attempts to connect again are twice as long each time, up to the last one.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// A way to a server, or several of one cluster, and what to make there.
#[derive(Debug)]
pub(crate) struct NatsOptions {
    urls: Vec<String>,
    pub(super) app: String,
    access: Access,
    root_certificates: Vec<PathBuf>,
    pub(super) limits: Limits,
    pub(super) connection_timeout: Duration,
    pub(super) answer_timeout: Duration,
    pub(super) audit: Duration,
}

/// Who we are to the server.
#[derive(Debug)]
enum Access {
    Anyone,
    CredentialsFile(PathBuf),
    NKeyFile(PathBuf),
}

/// The limits of both streams, each of its own.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) replicas: u8,
    pub(super) max_age: Option<Duration>,
    pub(super) max_bytes: Option<u64>,
}

impl NatsOptions {
    /// To a server at this URL. Applications with another `app` share nothing; its nodes have the same one.
    pub(crate) fn new(url: impl Into<String>, app: impl Into<String>) -> Self {
        Self {
            urls: vec![url.into()],
            app: app.into(),
            access: Access::Anyone,
            root_certificates: Vec::new(),
            limits: Limits { replicas: 1, max_age: None, max_bytes: None },
            connection_timeout: TIMEOUT,
            answer_timeout: TIMEOUT,
            audit: AUDIT,
        }
    }

    /// One more server of the same cluster.
    pub(crate) fn url(mut self, url: impl Into<String>) -> Self {
        self.urls.push(url.into());
        self
    }

    /// Logs in with the credentials in this file.
    pub(crate) fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.access = Access::CredentialsFile(path.into());
        self
    }

    /// Logs in with the seed of an `NKey` in this file.
    pub(crate) fn nkey_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.access = Access::NKeyFile(path.into());
        self
    }

    /// Trusts the certificates in this file beside those of the system.
    pub(crate) fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates.push(path.into());
        self
    }

    /// How many servers have each record.
    pub(crate) fn replicas(mut self, replicas: u8) -> Self {
        self.limits.replicas = replicas;
        self
    }

    /// How old a record or a kept state gets; for ever where nothing is said. What is older is gone, so it must be much longer than the time between two states of a topic.
    pub(crate) fn max_age(mut self, age: Duration) -> Self {
        self.limits.max_age = Some(age);
        self
    }

    /// How many bytes the records have, and the kept states; as many as the server takes where nothing is said. Beyond them records are refused.
    pub(crate) fn max_bytes(mut self, bytes: u64) -> Self {
        self.limits.max_bytes = Some(bytes);
        self
    }

    /// How long a question waits while there is no connection.
    pub(crate) fn connection_timeout(mut self, timeout: Duration) -> Self {
        self.connection_timeout = timeout;
        self
    }

    /// How long a question waits for its answer.
    pub(crate) fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.answer_timeout = timeout;
        self
    }

    /// How often it is looked whether a follower has missed a record without knowing.
    pub(crate) fn audit(mut self, interval: Duration) -> Self {
        self.audit = interval;
        self
    }

    /// Connects, and makes the streams where they are not there.
    pub(crate) async fn connect(self) -> Result<Nats, ConnectError> {
        Nats::connect(self).await
    }

    /// The connection alone.
    pub(super) async fn wire(&self) -> Result<Wire, ConnectError> {
        let (told, link) = watch::channel(Link::default());
        let mut options = self.log_in(ConnectOptions::new()).await?;
        for path in &self.root_certificates {
            // The client looks at them only where the server has a certificate itself.
            std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
            options = options.add_root_certificates(path.clone());
        }
        let options = options
            .name(format!("htmx-ws {}", self.app))
            .connection_timeout(self.connection_timeout)
            .reconnect_delay_callback(pause)
            .event_callback(move |event| {
                told.send_if_modified(|link| heard(link, &event));
                std::future::ready(())
            });
        let unreachable = |error: async_nats::ConnectError| ConnectError::Unreachable(error.to_string());
        let client = options.connect(&self.urls[..]).await.map_err(unreachable)?;
        let wire = Wire::new(client, link, self.connection_timeout, self.answer_timeout);
        wire.connected().await.map_err(|failure| ConnectError::Unreachable(failure.to_string()))?;
        Ok(wire)
    }

    async fn log_in(&self, options: ConnectOptions) -> Result<ConnectOptions, ConnectError> {
        match &self.access {
            Access::Anyone => Ok(options),
            Access::CredentialsFile(path) => options.credentials_file(path).await.map_err(|error| unreadable(path, &error)),
            Access::NKeyFile(path) => {
                // Read once, before anything is served.
                let seed = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
                Ok(options.nkey(seed.trim().to_owned()))
            }
        }
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> ConnectError {
    ConnectError::File { path: path.to_owned(), reason: error.to_string() }
}

fn pause(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    (FIRST_PAUSE * 2_u32.pow(doublings)).min(LAST_PAUSE)
}

fn heard(link: &mut Link, event: &Event) -> bool {
    match event {
        Event::Connected => *link = Link { is_up: true, life: link.life + 1 },
        Event::Disconnected | Event::Closed => link.is_up = false,
        _ => return false,
    }
    true
}
