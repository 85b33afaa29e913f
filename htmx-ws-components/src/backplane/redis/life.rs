//! What a connection leads to: which server, and which life of the order.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use redis::Value;
use redis::aio::MultiplexedConnection;

use super::ConnectError;
use super::names::Names;
use super::wire::{Failure, LIFE, asked, number, parts, text, unreadable};
use crate::backplane::Lost;
use crate::message::cursor::Epoch;

/// The oldest server whose scripts can say what they need.
const OLDEST_SERVER: (u32, u32) = (7, 0);

/// What a server says of itself. A service may keep some of it to itself; that is then not looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Server {
    /// Of this process of it.
    pub(super) run: String,
    version: Option<String>,
    is_replica: bool,
    /// What it does when its memory is full.
    policy: Option<String>,
}

impl Server {
    pub(super) async fn of(connection: &MultiplexedConnection, timeout: Duration) -> Result<Self, Failure> {
        let answer = asked(connection, redis::cmd("INFO"), timeout).await?;
        text(&answer).map(Self::parse).ok_or_else(unreadable)
    }

    fn parse(info: &str) -> Self {
        let mut server = Self::default();
        for (name, value) in info.lines().filter_map(|line| line.trim_end().split_once(':')) {
            match name {
                "run_id" => value.clone_into(&mut server.run),
                "redis_version" => server.version = Some(value.to_owned()),
                "role" => server.is_replica = value == "slave",
                "maxmemory_policy" => server.policy = Some(value.to_owned()),
                _ => {}
            }
        }
        server
    }

    pub(super) fn checked(self) -> Result<Self, ConnectError> {
        if let Some(version) = self.version.as_ref().filter(|version| is_too_old(version)) {
            return Err(ConnectError::TooOld { found: version.clone(), needed: "Redis 7.0 or newer, or Valkey" });
        }
        if self.is_replica {
            return Err(ConnectError::Replica);
        }
        // What goes by age alone has one; nothing of ours has.
        match self.policy.as_ref().filter(|policy| policy.starts_with("allkeys")) {
            Some(policy) => Err(ConnectError::Evicts(policy.clone())),
            None => Ok(self),
        }
    }
}

fn is_too_old(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) < OLDEST_SERVER,
        _ => false,
    }
}

/// The life as it is there now.
#[derive(Debug, Clone)]
pub(super) struct Life {
    /// What its keys are called by.
    pub(super) name: String,
    pub(super) epoch: Epoch,
    pub(super) reign: String,
    pub(super) newest: u64,
}

/// What a node knows when it comes back.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) epoch: Epoch,
    pub(super) reign: String,
    pub(super) seen: u64,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There will be none any more.
    Lost(Lost),
    Not(ConnectError),
}

impl From<ConnectError> for Trouble {
    fn from(error: ConnectError) -> Self {
        Self::Not(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Not(failure.into())
    }
}

impl Life {
    /// Asks which life it is, and begins one where there is none.
    pub(super) async fn of(
        connection: &MultiplexedConnection,
        timeout: Duration,
        names: &Names,
        server: &Server,
        known: Option<&Known>,
    ) -> Result<Self, Trouble> {
        let mut random = [0; 20];
        getrandom::fill(&mut random).map_err(|error| Failure::Unanswered(error.to_string()))?;
        let (name, epoch) = random.split_at(12);
        let (name, epoch) = (HEXLOWER.encode(name), epoch.iter().fold(0, |epoch, byte| epoch << 8 | u64::from(*byte)).to_string());
        let (known_epoch, reign, seen) = match known {
            Some(known) => (known.epoch.0.to_string(), known.reign.clone(), known.seen.to_string()),
            None => Default::default(),
        };
        let arguments = [&server.run, &name, &epoch, &known_epoch, &reign, &seen].map(String::as_bytes);
        let answer = asked(connection, LIFE.with(&[&names.life, &names.reigns], &arguments), timeout).await?;
        Self::read(answer)
    }

    fn read(answer: Value) -> Result<Self, Trouble> {
        let mut parts = parts(answer)?;
        let mut part = || parts.next().ok_or_else(unreadable);
        let (kind, first) = (part()?, part()?);
        let first = text(&first).ok_or_else(unreadable)?.to_owned();
        if text(&kind) == Some("lost") {
            return Err(Trouble::Lost(Lost(first)));
        }
        let epoch = Epoch(number(&part()?).ok_or_else(unreadable)?);
        let reign = text(&part()?).ok_or_else(unreadable)?.to_owned();
        let newest = number(&part()?).ok_or_else(unreadable)?;
        Ok(Self { name: first, epoch, reign, newest })
    }
}

/// The newest position that this node has told or been told of, by whatever way: where the server is behind it, it has lost records. What comes by a connection that was given up is not told any more, so
/// that nothing is seen unnoticed while it is looked at.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Place>);

#[derive(Debug, Default)]
struct Place {
    /// The number of the connection that counts; 0 for none.
    connection: u64,
    position: u64,
}

impl Seen {
    fn with<T>(&self, change: impl FnOnce(&mut Place) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether that may be told.
    pub(super) fn saw(&self, connection: u64, position: u64) -> bool {
        self.with(|place| {
            let counts = place.connection == connection;
            if counts {
                place.position = place.position.max(position);
            }
            counts
        })
    }

    pub(super) fn begin(&self, connection: u64) {
        self.with(|place| place.connection = connection);
    }

    pub(super) fn end(&self) {
        self.begin(0);
    }

    pub(super) fn position(&self) -> u64 {
        self.with(|place| place.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_what_it_is() {
        let info = "# Server\r\nredis_version:7.2.4\r\nrun_id:ab\r\n\r\n# Replication\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n";
        let server = Server::parse(info).checked().unwrap();
        assert_eq!((server.run.as_str(), server.policy.as_deref()), ("ab", Some("noeviction")));
        assert!(Server::parse("").checked().is_ok(), "what is not said is not looked at");
    }

    #[test]
    fn what_cannot_be_used_is_an_error_with_its_remedy() {
        let error = |info| Server::parse(info).checked().unwrap_err().to_string();
        assert_eq!(error("redis_version:6.2.14"), "the server is 6.2.14; it must be Redis 7.0 or newer, or Valkey");
        assert_eq!(error("role:slave"), "the server is a replica; name the URL of the primary, too");
        let evicts = "the server throws keys away when its memory is full; set its `maxmemory-policy` from `allkeys-lru` to `noeviction`";
        assert_eq!(error("maxmemory_policy:allkeys-lru"), evicts);
        assert!(Server::parse("maxmemory_policy:volatile-lru").checked().is_ok(), "nothing of ours goes by age");
    }

    #[test]
    fn what_comes_by_a_connection_that_was_given_up_does_not_count() {
        let seen = Seen::default();
        seen.begin(1);
        assert!(seen.saw(1, 7));
        seen.end();
        assert!(!seen.saw(1, 9));
        seen.begin(2);
        assert!(!seen.saw(1, 9) && seen.saw(2, 3));
        assert_eq!(seen.position(), 7);
    }
}
