//! Why a node is not connected.

use std::path::PathBuf;

/// Why a node is not connected to its backplane.
///
/// ```
/// # #[cfg(feature = "nats")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use htmx_ws_components::{ConnectError, Nats};
///
/// let error = Nats::new("nats://127.0.0.1:1", "my shop").connect().await.unwrap_err();
/// assert!(matches!(error, ConnectError::App(name) if name == "my shop"));
/// # }
/// # #[cfg(not(feature = "nats"))]
/// # fn main() {}
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The text is no name of an application.
    #[error("`{0}` is not the name of an application: 1 to 64 ASCII letters, digits, `_` and `-`")]
    App(String),
    /// The text is no URL of a server.
    #[error("that is no URL of a server: {0}")]
    Url(String),
    /// A file with credentials or certificates cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why, in words.
        reason: String,
    },
    /// No server answers.
    #[error("there is no server: {0}")]
    Unreachable(String),
    /// The server does not let us in, or its user may not do all that is needed.
    #[error("the server does not let us in, or not do what we need: {0}")]
    Denied(String),
    /// The server's certificate is of nobody whom we trust, or of another server.
    #[error("the server is not the one that it should be: {0}; is its name in the URL, and the file with its root in `root_certificates`?")]
    Untrusted(String),
    /// The server is of a version that lacks something.
    #[error("the server is {found}; it must be {needed}")]
    TooOld {
        /// Its version.
        found: String,
        /// What it must be.
        needed: &'static str,
    },
    /// A stream of that name is there with other settings: it is not changed, since other nodes may rely on them.
    #[error("the stream `{stream}` is there with `{setting}` {found}, and not {wanted}; change it there or here")]
    Contradiction {
        /// The stream.
        stream: String,
        /// The setting.
        setting: String,
        /// What it should be.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// A stream is not there and cannot be made.
    #[error("there is no stream `{stream}`: {reason}")]
    Stream {
        /// The stream.
        stream: String,
        /// Why, in words.
        reason: String,
    },
    /// All servers that are named are replicas.
    #[error("the server is a replica; name the URL of the primary, too")]
    Replica,
    /// The server throws keys away when its memory is full, which would be publishes that were acknowledged.
    #[error("the server throws keys away when its memory is full; set its `maxmemory-policy` from `{0}` to `noeviction`")]
    Evicts(String),
}
