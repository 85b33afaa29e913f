//! Who we are to the servers: what stands in their URLs, or in a file.

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use async_nats::{ConnectErrorKind, ConnectOptions, ServerAddr, rustls};
use data_encoding::HEXLOWER_PERMISSIVE;

use super::ConnectError;

const EXPECTED: &str = "expected `nats://` or `tls://`, a host and a port";

/// How a node logs in.
#[derive(Clone)]
pub(super) enum Login {
    Nobody,
    User { name: String, password: String },
    Token(String),
    CredentialsFile(PathBuf),
    NKeyFile(PathBuf),
}

impl fmt::Display for Login {
    /// What of it everybody may know: it stands in errors.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody: no user or token stands in the URL, and no file with credentials or an NKey is named"),
            Self::User { name, .. } => write!(f, "the user `{name}` of the URL, with the password there"),
            Self::Token(_) => f.write_str("whoever has the token of the URL"),
            Self::CredentialsFile(path) => write!(f, "the user of the credentials in {}", path.display()),
            Self::NKeyFile(path) => write!(f, "the user of the NKey in {}", path.display()),
        }
    }
}

/// The servers of these URLs, without what only they shall know: the client writes them into its log. And who we are by the first URL that says so; the client is the same to all.
pub(super) fn read(urls: &[String]) -> Result<(Vec<ServerAddr>, Login), ConnectError> {
    let mut login = Login::Nobody;
    let mut servers = Vec::new();
    for url in urls {
        let no_url = |reason: &str| ConnectError::Url(format!("{reason}; {EXPECTED}"));
        let server: ServerAddr = url.parse().map_err(|error: io::Error| no_url(&error.to_string()))?;
        let mut url = server.into_inner();
        if !matches!(url.scheme(), "nats" | "tls") {
            return Err(no_url(&format!("`{}://` is of something else", url.scheme())));
        }
        if matches!(login, Login::Nobody) && !url.username().is_empty() {
            let text = |text: &str| decoded(text).ok_or_else(|| no_url("its user or password is no UTF-8"));
            login = match url.password() {
                Some(password) => Login::User { name: text(url.username())?, password: text(password)? },
                None => Login::Token(text(url.username())?),
            };
        }
        let is_bare = url.set_username("").and_then(|()| url.set_password(None)).is_ok();
        let server = is_bare.then_some(url).ok_or_else(|| no_url("it has no host"))?;
        servers.push(ServerAddr::from_url(server).map_err(|error| no_url(&error.to_string()))?);
    }
    Ok((servers, login))
}

/// A part of a URL as it was before it stood there. A `%` that begins no code is one.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|code| HEXLOWER_PERMISSIVE.decode(code.as_bytes()).ok()) {
            Some(code) => bytes.extend(code.iter().chain(&part.as_bytes()[2..])),
            None => bytes.extend(b"%".iter().chain(part.as_bytes())),
        }
    }
    String::from_utf8(bytes).ok()
}

impl Login {
    /// What the client is told of it. Files are read once, before anything is served.
    pub(super) fn options(&self) -> Result<ConnectOptions, ConnectError> {
        let options = ConnectOptions::new();
        Ok(match self {
            Self::Nobody => options,
            Self::User { name, password } => options.user_and_password(name.clone(), password.clone()),
            Self::Token(token) => options.token(token.clone()),
            Self::CredentialsFile(path) => {
                let credentials = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
                options.credentials(&credentials).map_err(|error| unreadable(path, &error))?
            }
            Self::NKeyFile(path) => {
                let seed = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
                options.nkey(seed.trim().to_owned())
            }
        })
    }

    /// Why no server takes us as this.
    pub(super) fn refused(&self, error: &async_nats::ConnectError) -> ConnectError {
        match (error.kind(), self) {
            (ConnectErrorKind::Authentication, Self::NKeyFile(path)) => unreadable(path, &"it holds no seed of an NKey"),
            // Also where an account or a user is not valid any more.
            (kind @ (ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication), _) => {
                ConnectError::Denied(format!("{kind}; we came as {self}"))
            }
            _ => untrusted(error).map_or_else(|| ConnectError::Unreachable(error.to_string()), ConnectError::Untrusted),
        }
    }
}

/// What is wrong with the server's certificate.
fn untrusted(error: &async_nats::ConnectError) -> Option<String> {
    let error = error.source()?.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()?;
    matches!(error, rustls::Error::InvalidCertificate(_)).then(|| error.to_string())
}

fn unreadable(path: &Path, error: &impl ToString) -> ConnectError {
    ConnectError::File { path: path.to_owned(), reason: error.to_string() }
}
