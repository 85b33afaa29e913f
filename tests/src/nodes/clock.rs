//! What a topic says whose producer tells the time.

use serde::{Deserialize, Serialize};

use super::watcher::Heard;

/// The topic that has a producer.
pub const CLOCK: &str = "clock";

/// What is produced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// The port of the node where the producer runs.
    pub node: u16,
    /// In microseconds.
    pub time: u64,
}

/// Those that a page was told, in that order.
pub fn ticks(heard: &Heard) -> impl Iterator<Item = Tick> {
    #[derive(Deserialize)]
    struct Frame {
        detail: Tick,
    }
    let is_event = |frame: &&String| frame.starts_with('{');
    heard.frames.iter().filter(is_event).map(|frame| serde_json::from_str::<Frame>(frame).expect("a frame that is JSON is a tick").detail)
}
