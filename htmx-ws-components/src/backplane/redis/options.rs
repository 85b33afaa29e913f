//! How a node is connected.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use redis::{Client, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion, TlsCertificates};

use super::ears::Ears;
use super::life::Seen;
use super::names::Names;
use super::way::Way;
use super::{ConnectError, Node};
use crate::backplane::handle::Backplane;

/// How long a question waits for a connection, and then for its answer, where nothing else is said: a publish of a person's is not worth waiting longer for.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often it is looked after what a topic's followers may have missed: what is told is told at most once. Also how soon a connection is given up that is silent only.
const AUDIT: Duration = Duration::from_secs(10);

/// The way to Redis 7.0 or newer, or Valkey, which carries patches between the nodes of an application: a server, or one of several.
///
/// A server acknowledges a publish when it has it in its memory: what a crash of it loses, its `appendfsync` says; see docs/scaling.md for what that means beside NATS. A node that finds that the server has
/// lost what pages know says so (`htmx_ws.backplane_lost`), and has to be started anew.
///
/// ```no_run
/// use std::time::Duration;
/// use htmx_ws_components::{Hub, Redis};
///
/// # async fn start() -> Result<Hub, htmx_ws_components::ConnectError> {
/// let backplane = Redis::new("redis://127.0.0.1:6379", "shop").replicas(1, Duration::from_secs(1)).connect().await?;
/// let secret = std::env::var("SECRET").expect("SECRET is set: the same on all nodes");
/// Ok(Hub::builder().secret(secret).backplane(backplane).build())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "it connects with `connect`"]
pub struct Redis {
    urls: Vec<String>,
    app: String,
    user: Option<(String, String)>,
    root_certificates: Option<PathBuf>,
    pub(super) replicas: Option<Replicas>,
    connection_timeout: Duration,
    pub(super) answer_timeout: Duration,
    pub(super) audit: Duration,
}

/// Who must have a record before it counts as taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replicas {
    pub(super) count: u8,
    pub(super) within: Duration,
}

impl fmt::Debug for Redis {
    /// Without what only the server shall know: a URL may have a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("app", &self.app).field("replicas", &self.replicas).finish_non_exhaustive()
    }
}

impl Redis {
    /// To a server at this URL, `redis://` or, with TLS, `rediss://`. Applications with another `app` share nothing; the nodes of one have the same: 1 to 64 ASCII letters, digits, `_` and `-`.
    pub fn new(url: impl Into<String>, app: impl Into<String>) -> Self {
        Self {
            urls: vec![url.into()],
            app: app.into(),
            user: None,
            root_certificates: None,
            replicas: None,
            connection_timeout: TIMEOUT,
            answer_timeout: TIMEOUT,
            audit: AUDIT,
        }
    }

    /// One more server that may be the primary, now or later: those that are not are passed over. In a cluster, the one that has the application's keys.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.urls.push(url.into());
        self
    }

    /// Logs in as this user, whatever stands in the URLs.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.user = Some((name.into(), password.into()));
        self
    }

    /// Trusts the certificates in this file, and not those of the system.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(path.into());
        self
    }

    /// A publish is acknowledged when so many replicas have it, too; where they have not within this time, what became of it is [unknown](crate::PublishError::Unknown). Default: none.
    pub fn replicas(mut self, count: u8, within: Duration) -> Self {
        self.replicas = (count > 0).then_some(Replicas { count, within });
        self
    }

    /// How long a publish waits while there is no connection, until it is [refused](crate::PublishError::Refused), and how long one takes to open. Default: 5 seconds.
    pub fn connection_timeout(mut self, timeout: Duration) -> Self {
        self.connection_timeout = timeout;
        self
    }

    /// How long a publish waits for its acknowledgement, until what became of it is [unknown](crate::PublishError::Unknown). Default: 5 seconds.
    pub fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.answer_timeout = timeout;
        self
    }

    /// How often it is looked whether anything was missed that the server told: it tells everything once. Default: 10 seconds.
    pub fn audit(mut self, interval: Duration) -> Self {
        self.audit = interval;
        self
    }

    /// Connects, and begins an order of records where there is none.
    ///
    /// # Errors
    /// [`ConnectError`]: where no server answers in time, it does not let us in, is too old or only a replica, or throws away what it holds.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn connect(self) -> Result<Backplane, ConnectError> {
        Ok(Backplane::of(self.node().await?))
    }

    pub(super) async fn node(self) -> Result<Node, ConnectError> {
        Node::connect(self).await
    }

    pub(super) fn way(&self) -> Result<Way, ConnectError> {
        let names = Names::of(&self.app).ok_or_else(|| ConnectError::App(self.app.clone()))?;
        let certificates = self.root_certificates.as_deref().map(read).transpose()?;
        let clients = self.urls.iter().map(|url| self.client(url, certificates.as_deref())).collect::<Result<_, _>>()?;
        let ears = Arc::new(Ears::new(Arc::new(Seen::default())));
        Ok(Way { clients, names, timeout: self.connection_timeout, appends_apart: self.replicas.is_some(), ears })
    }

    fn client(&self, url: &str, certificates: Option<&[u8]>) -> Result<Client, ConnectError> {
        let expected = "expected `redis://` or `rediss://`, a host and a port";
        let wrong = |error: redis::RedisError| ConnectError::Url(format!("{error}; {expected}"));
        let info: ConnectionInfo = url.into_connection_info().map_err(wrong)?;
        // What listens is told by messages that are no answers.
        let mut settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        if let Some((name, password)) = &self.user {
            settings = settings.set_username(name).set_password(password);
        }
        let info = info.set_redis_settings(settings);
        if matches!(info.addr(), redis::ConnectionAddr::TcpTls { .. }) {
            // Where the process has none of its own. Another one may have been first: then that is it.
            let _ = rustls::crypto::ring::default_provider().install_default();
            if let Some(certificates) = certificates {
                let trusted = TlsCertificates { client_tls: None, root_cert: Some(certificates.to_vec()) };
                return Client::build_with_tls(info, trusted).map_err(wrong);
            }
        }
        Client::open(info).map_err(wrong)
    }

    pub(super) fn connection_timeout_of(&self) -> Duration {
        self.connection_timeout
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ConnectError> {
    // Once, before anything is served.
    std::fs::read(path).map_err(|error| ConnectError::File { path: path.to_owned(), reason: error.to_string() })
}
