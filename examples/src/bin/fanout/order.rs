//! What is to be published.

use std::time::Duration;

use htmx_ws_components::{DomId, Fragment, Hub, Nesting, Patch};
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Messages, each one element `<div id="p" hx-swap-oob="true" data-seq="I" data-t="NANOS">…</div>`.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    pub(crate) topic: String,
    /// How many.
    pub(crate) n: u64,
    /// How long the element is at least.
    #[serde(default = "usual_bytes")]
    pub(crate) bytes: usize,
    /// How many in a second; 0: as fast as it goes.
    #[serde(default)]
    rate: u32,
    /// The number of the first one.
    #[serde(default = "one")]
    pub(crate) first: u64,
    #[serde(default)]
    pub(crate) lane: Lane,
}

#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Lane {
    /// Every reader gets every message.
    #[default]
    Event,
    /// A message supersedes the one before it.
    State,
}

fn usual_bytes() -> usize {
    512
}

fn one() -> u64 {
    1
}

/// What a patch puts into the element's tag on its way.
const MARK: &str = " hx-swap-oob=\"true\"";

impl Order {
    /// Publishes it, and gives the number of the last message.
    pub(crate) async fn publish(&self, hub: &Hub) -> Result<u64, Error> {
        let began = Instant::now();
        let end = self.first.checked_add(self.n).ok_or("there are not so many numbers")?;
        for (index, seq) in (self.first..end).enumerate() {
            if self.rate > 0 {
                sleep_until(began + Duration::from_secs(1) / self.rate * u32::try_from(index)?).await;
            }
            hub.publish(&self.topic, &self.message(seq)?).await?;
            if self.rate == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(end.saturating_sub(1))
    }

    fn message(&self, seq: u64) -> Result<Patch, Error> {
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC)?;
        let nanos = i128::from(now.tv_sec()) * 1_000_000_000 + i128::from(now.tv_nsec());
        let (open, close) = (format!("<div id=\"p\" data-seq=\"{seq}\" data-t=\"{nanos}\">"), "</div>");
        let padding = self.bytes.saturating_sub(open.len() + MARK.len() + close.len());
        let html = [&open, "x".repeat(padding).as_str(), close].concat();
        // An element that holds others is ordered against everything; one that holds none is a state.
        let nesting = match self.lane {
            Lane::Event => Nesting::Branch,
            Lane::State => Nesting::Leaf,
        };
        Ok(Patch::Replace(Fragment::new(DomId::new("p")?, html, nesting)?))
    }
}
