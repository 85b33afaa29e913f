//! What is known of one connection, at one moment.

use std::net::IpAddr;
use std::time::Duration;

use crate::hub::standing::Place;
use crate::message::cursor::Version;
use crate::message::recipient::PageId;
use crate::transport::registry::Handle;

/// What is known of one connection, at one moment; see [`Hub::connection_stats`](crate::Hub::connection_stats).
///
/// ```
/// use htmx_ws_components::{ConnectionStats, Hub};
///
/// fn is_slow(connection: &ConnectionStats) -> bool {
///     connection.lag() > 1_000
/// }
///
/// assert!(!Hub::new().connection_stats(100).iter().any(is_slow));
/// ```
#[derive(Debug, Clone)]
pub struct ConnectionStats {
    pub(crate) number: u64,
    page: PageId,
    user: Option<String>,
    address: Option<IpAddr>,
    age: Duration,
    pub(crate) places: Vec<Place>,
    frames: u64,
    bytes: u64,
}

impl ConnectionStats {
    pub(crate) fn new(handle: &Handle) -> Self {
        let (frames, bytes) = handle.traffic();
        let identity = &handle.identity;
        Self {
            number: handle.number(),
            page: identity.page,
            user: identity.user.clone(),
            address: identity.address,
            age: handle.age(),
            places: handle.places(),
            frames,
            bytes,
        }
    }

    /// The page that it is of.
    pub fn page(&self) -> PageId {
        self.page
    }

    /// Whose page it is, as its handler said with [`Live::user`](crate::Live::user).
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Where it comes from, as far as the hub knows; see [`HubBuilder::max_connections_per_address`](crate::HubBuilder::max_connections_per_address).
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// How long it is open.
    pub fn age(&self) -> Duration {
        self.age
    }

    /// How many topics it reads.
    pub fn topics(&self) -> usize {
        self.places.len()
    }

    /// The version of its cursor: of its place in the topic that it is furthest behind; none as long as it reads none.
    pub fn cursor(&self) -> Option<Version> {
        self.places.iter().max_by_key(|place| (place.lag, place.version)).map(|place| place.version)
    }

    /// How far it is behind the topic that it is furthest behind: the distance between its cursor and that topic's newest change, in versions of the hub. 0 when it has
    /// everything.
    pub fn lag(&self) -> u64 {
        self.places.iter().map(|place| place.lag).max().unwrap_or_default()
    }

    /// The frames that were handed to its socket.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The bytes of those frames.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}
