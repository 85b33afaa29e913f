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
use super::{ConnectError, Redis};

/// How long a question waits for a connection, and then for its answer, where nothing else is said: a publish of a person's is not worth waiting longer for.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often it is looked after what a topic's followers may have missed: what is told is told at most once. Also how soon a connection is given up that is silent only.
const AUDIT: Duration = Duration::from_secs(10);

/// A way to a server, or to one of several.
#[must_use = "it connects with `connect`"]
pub(crate) struct RedisOptions {
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

impl fmt::Debug for RedisOptions {
    /// Without what only the server shall know: a URL may have a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions").field("app", &self.app).field("replicas", &self.replicas).finish_non_exhaustive()
    }
}

impl RedisOptions {
    /// To a server at this URL, `redis://` or, with TLS, `rediss://`. Applications with another `app` share nothing; its nodes have the same one.
    pub(crate) fn new(url: impl Into<String>, app: impl Into<String>) -> Self {
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
    pub(crate) fn url(mut self, url: impl Into<String>) -> Self {
        self.urls.push(url.into());
        self
    }

    /// Logs in as this user, whatever stands in the URLs.
    pub(crate) fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.user = Some((name.into(), password.into()));
        self
    }

    /// Trusts the certificates in this file, and not those of the system.
    pub(crate) fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(path.into());
        self
    }

    /// A record counts as taken when so many replicas have it, too. Where they have not within this time, it is not known whether it will last.
    pub(crate) fn replicas(mut self, count: u8, within: Duration) -> Self {
        self.replicas = (count > 0).then_some(Replicas { count, within });
        self
    }

    /// How long a question waits while there is no connection, and how long one takes to open.
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

    /// Connects, and begins a life of the order where there is none.
    pub(crate) async fn connect(self) -> Result<Redis, ConnectError> {
        Redis::connect(self).await
    }

    pub(super) fn way(&self) -> Result<Way, ConnectError> {
        let names = Names::of(&self.app).ok_or_else(|| ConnectError::App(self.app.clone()))?;
        let certificates = self.root_certificates.as_deref().map(read).transpose()?;
        let clients = self.urls.iter().map(|url| self.client(url, certificates.as_deref())).collect::<Result<_, _>>()?;
        let ears = Arc::new(Ears::new(Arc::new(Seen::default())));
        Ok(Way { clients, names, timeout: self.connection_timeout, appends_apart: self.replicas.is_some(), ears })
    }

    fn client(&self, url: &str, certificates: Option<&[u8]>) -> Result<Client, ConnectError> {
        let wrong = |error: redis::RedisError| ConnectError::Url(error.to_string());
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
