//! How a node is connected.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::rustls::crypto::ring;
use async_nats::rustls::pki_types::CertificateDer;
use async_nats::rustls::pki_types::pem::PemObject as _;
use async_nats::{Event, ServerError};
use tokio::sync::watch;

use super::login::{self, Login};
use super::wire::{Ears, Link, Wire};
use super::{ConnectError, Node};
use crate::backplane::handle::Backplane;

/// How long a question waits for a connection, and then for its answer, where nothing else is said: a publish of a person's is not worth waiting longer for.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often it is looked after what a topic's followers may have missed: core messages are delivered at most once.
const AUDIT: Duration = Duration::from_secs(10);
/// The pauses between two attempts to connect again are twice as long each time, up to the last one.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// The way to NATS `JetStream`, which carries patches between the nodes of an application: a server, or several of one cluster, and what to make there.
///
/// The server is nats-server 2.11 or newer, with `JetStream` on and a folder for its store. Two streams are made where they are not there, on files: one for what is published, one for what a late node begins
/// with. What a publish is acknowledged for is then in the stream, on [`replicas`](Nats::replicas) servers. docs/scaling.md has the mapping, its limits and what it costs.
///
/// ```no_run
/// use htmx_ws_components::{Hub, Nats};
///
/// # async fn start() -> Result<Hub, htmx_ws_components::ConnectError> {
/// let backplane = Nats::new("nats://127.0.0.1:4222", "shop").connect().await?;
/// let secret = std::env::var("SECRET").expect("SECRET is set: the same on all nodes");
/// Ok(Hub::builder().secret(secret).backplane(backplane).build())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "it connects with `connect`"]
pub struct Nats {
    urls: Vec<String>,
    pub(super) app: String,
    /// In place of what stands in the URLs.
    login: Option<Login>,
    root_certificates: Option<PathBuf>,
    pub(super) limits: Limits,
    pub(super) connection_timeout: Duration,
    pub(super) answer_timeout: Duration,
    pub(super) audit: Duration,
}

/// The limits of both streams, each of its own.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) replicas: u8,
    pub(super) max_age: Option<Duration>,
    pub(super) max_bytes: Option<u64>,
}

impl fmt::Debug for Nats {
    /// Without what only the server shall know: a URL may have a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nats").field("app", &self.app).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Nats {
    /// To a server at this URL: `nats://host:4222`, or `tls://host:4222`, which takes no server without TLS. A user and a password, or a token, may stand in it, as in `nats://user:password@host:4222` and
    /// `nats://token@host:4222`; what else would end them is written as in any URL (`%40` for `@`). Applications with another `app` share nothing; the nodes of one have the same: 1 to 64 ASCII letters,
    /// digits, `_` and `-`.
    pub fn new(url: impl Into<String>, app: impl Into<String>) -> Self {
        Self {
            urls: vec![url.into()],
            app: app.into(),
            login: None,
            root_certificates: None,
            limits: Limits { replicas: 1, max_age: None, max_bytes: None },
            connection_timeout: TIMEOUT,
            answer_timeout: TIMEOUT,
            audit: AUDIT,
        }
    }

    /// One more server of the same cluster, for where the others do not answer. All are logged in to with what stands in the first URL that has a user or a token.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.urls.push(url.into());
        self
    }

    /// Logs in with the credentials in this file, as `nsc` writes it, whatever stands in the URLs.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.login = Some(Login::CredentialsFile(path.into()));
        self
    }

    /// Logs in with the seed of an `NKey` in this file, whatever stands in the URLs.
    pub fn nkey_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.login = Some(Login::NKeyFile(path.into()));
        self
    }

    /// Trusts the certificates in this PEM file, and not those of the system.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(path.into());
        self
    }

    /// How many servers have what a publish was acknowledged for: 1 to 5. Default: 1.
    pub fn replicas(mut self, replicas: u8) -> Self {
        self.limits.replicas = replicas;
        self
    }

    /// How old a topic gets that nobody publishes to; then it is forgotten. It must be much longer than the time between two publishes to a topic that matters. Default: for ever.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.limits.max_age = Some(age);
        self
    }

    /// How many bytes each of the two streams takes. Beyond that a publish is [refused](crate::PublishError::Refused): nothing that was acknowledged goes for it. Default: as many as the server takes.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.limits.max_bytes = Some(bytes);
        self
    }

    /// How long a publish waits while there is no connection, until it is [refused](crate::PublishError::Refused). Default: 5 seconds.
    pub fn connection_timeout(mut self, timeout: Duration) -> Self {
        self.connection_timeout = timeout;
        self
    }

    /// How long a publish waits for its acknowledgement, until what became of it is [unknown](crate::PublishError::Unknown). Default: 5 seconds.
    pub fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.answer_timeout = timeout;
        self
    }

    /// How often it is looked whether anything was missed that the server told: it tells everything once, and a slow node's share may be dropped. Default: 10 seconds.
    pub fn audit(mut self, interval: Duration) -> Self {
        self.audit = interval;
        self
    }

    /// Connects, and makes the streams where they are not there.
    ///
    /// # Errors
    /// [`ConnectError`]: where no server answers in time, it does not let us in, or a stream of that name has settings that contradict these.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn connect(self) -> Result<Backplane, ConnectError> {
        Ok(Backplane::of(self.node().await?))
    }

    pub(super) async fn node(self) -> Result<Node, ConnectError> {
        Node::connect(self).await
    }

    /// The connection alone.
    pub(super) async fn wire(&self) -> Result<Wire, ConnectError> {
        let (servers, in_urls) = login::read(&self.urls)?;
        let login = self.login.as_ref().unwrap_or(&in_urls);
        let mut options = login.options()?;
        if let Some(path) = &self.root_certificates {
            // The client looks at them only where the server has a certificate itself.
            holds_certificates(path)?;
            options = options.add_root_certificates(path.clone());
        }
        if self.root_certificates.is_some() || servers.iter().any(async_nats::ServerAddr::tls_required) {
            // Where the process has none of its own. Another one may have been first: then that is it.
            let _ = ring::default_provider().install_default();
        }
        let ((told_link, link), (told_denied, denied)) = (watch::channel(Link::default()), watch::channel(String::new()));
        let options = options
            .name(format!("htmx-ws {}", self.app))
            .connection_timeout(self.connection_timeout)
            .reconnect_delay_callback(pause)
            .event_callback(move |event| {
                told_link.send_if_modified(|link| heard(link, &event));
                if let Event::ServerError(ServerError::Other(said)) = event
                    && said.starts_with("Permissions Violation")
                {
                    told_denied.send_replace(said);
                }
                std::future::ready(())
            });
        let client = options.connect(&servers[..]).await.map_err(|error| login.refused(&error))?;
        let wire = Wire::new(client, Ears { link, denied }, self.connection_timeout, self.answer_timeout);
        wire.connected().await.map_err(|failure| ConnectError::Unreachable(failure.to_string()))?;
        Ok(wire)
    }
}

/// Found out before anything is served.
fn holds_certificates(path: &Path) -> Result<(), ConnectError> {
    let unreadable = |reason| ConnectError::File { path: path.to_owned(), reason };
    std::fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut certificates = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.to_string()))?.peekable();
    if certificates.peek().is_none() {
        return Err(unreadable("it holds no certificate in PEM".to_owned()));
    }
    certificates.try_for_each(|certificate| certificate.map(drop)).map_err(|error| unreadable(error.to_string()))
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
