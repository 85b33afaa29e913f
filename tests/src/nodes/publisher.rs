//! Those who publish to a board: each has a number of its own to count up, and remembers what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::CELLS;
use super::post::post;

/// How long a publisher waits behind an answer.
const PAUSE: Duration = Duration::from_millis(20);

/// Each so many publishes there is a line.
const LINE_EVERY: u64 = 4;

/// What a publish came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is acknowledged.
    Acknowledged,
    /// It was not published, nor will it be.
    Refused,
    /// Nobody knows.
    Unknown,
    /// Nobody listens there, so it was not published.
    NobodyThere,
}

/// Asks a node to publish, by a path such as `/publish/3/17`.
///
/// # Panics
/// With an answer that no publish may have.
pub async fn publish(addr: SocketAddr, path: &str) -> Answer {
    match post(addr, path).await {
        Ok((200, _)) => Answer::Acknowledged,
        Ok((503, why)) if why.starts_with("refused") => Answer::Refused,
        Ok((503, why)) if why.starts_with("unknown") => Answer::Unknown,
        Ok((status, why)) => panic!("a publish is answered with {status}: {why}"),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Answer::NobodyThere,
        // It was killed before it could say.
        Err(_) => Answer::Unknown,
    }
}

/// What all publishers and visitors of a test write down.
#[derive(Debug, Default)]
pub struct Notes {
    /// When each number was sent to a node, by cell and number.
    sent: Mutex<BTreeMap<(usize, u64), Instant>>,
    /// How long each acknowledgement took, and each way to a page.
    acknowledged: Mutex<Vec<Duration>>,
    pub(super) shown: Mutex<Vec<Duration>>,
    pub(super) reconnected: Mutex<Vec<Duration>>,
    refused: AtomicU64,
    unknown: AtomicU64,
}

/// What came of all that was published.
#[derive(Debug, Default, Clone)]
pub struct Outcome {
    /// The number of each cell that was acknowledged last, which is also the last one that was sent.
    pub counts: Vec<u64>,
    /// The lines that were acknowledged, by cell and number.
    pub lines: BTreeSet<(usize, u64)>,
    /// Those of which nobody knows.
    pub perhaps: BTreeSet<(usize, u64)>,
}

impl Notes {
    /// How many publishes were refused, and of how many it is not known.
    pub fn failures(&self) -> (u64, u64) {
        (self.refused.load(Ordering::Relaxed), self.unknown.load(Ordering::Relaxed))
    }

    /// How long it is since the number was sent.
    pub(super) fn since(&self, key: usize, count: u64) -> Option<Duration> {
        self.sent.lock().unwrap().get(&(key, count)).map(Instant::elapsed)
    }

    /// All figures in one line.
    pub fn figures(&self) -> String {
        let acknowledged = quantiles(&self.acknowledged.lock().unwrap());
        let (shown, reconnected) = (quantiles(&self.shown.lock().unwrap()), quantiles(&self.reconnected.lock().unwrap()));
        let (refused, unknown) = self.failures();
        format!("acknowledged {acknowledged}; refused {refused}, unknown {unknown}; shown {shown}; reconnected {reconnected}")
    }
}

fn quantiles(durations: &[Duration]) -> String {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let at = |percent: usize| sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default();
    format!("{} times, median {:.1?}, 99 % {:.1?}, last {:.1?}", sorted.len(), at(50), at(99), at(100))
}

/// One publisher for each number of the board.
#[derive(Debug)]
pub struct Publishers {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Outcome>>,
}

impl Publishers {
    /// Starts them at these nodes, each at the next one.
    pub fn start(nodes: &[SocketAddr], notes: &Arc<Notes>) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let publisher = |key: usize| {
            let nodes: Vec<SocketAddr> = (0..nodes.len()).map(|node| nodes[(key + node) % nodes.len()]).collect();
            tokio::spawn(count_up(key, nodes, Arc::clone(&stop), Arc::clone(notes)))
        };
        let tasks = (0..CELLS).map(publisher).collect();
        Self { stop, tasks }
    }

    /// Has each end with a publish of its number that is acknowledged.
    pub async fn finish(self) -> Outcome {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Outcome::default();
        for task in self.tasks {
            let Outcome { counts, lines, perhaps } = task.await.expect("a publisher does not fail");
            all.counts.extend(counts);
            all.lines.extend(lines);
            all.perhaps.extend(perhaps);
        }
        all
    }
}

/// Counts up, and adds a line now and then. Where it is not told that it was acknowledged, it goes on at the next node.
async fn count_up(key: usize, nodes: Vec<SocketAddr>, stop: Arc<AtomicBool>, notes: Arc<Notes>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut node = 0;
    for count in 1.. {
        let is_line = count % LINE_EVERY == 0;
        let path = if is_line { format!("/line/{key}/{count}") } else { format!("/publish/{key}/{count}") };
        let sent = Instant::now();
        notes.sent.lock().unwrap().insert((key, count), sent);
        match publish(nodes[node % nodes.len()], &path).await {
            Answer::Acknowledged => {
                notes.acknowledged.lock().unwrap().push(sent.elapsed());
                if is_line {
                    outcome.lines.insert((key, count));
                } else if stop.load(Ordering::Relaxed) {
                    outcome.counts.push(count);
                    return outcome;
                }
            }
            Answer::Refused => {
                notes.refused.fetch_add(1, Ordering::Relaxed);
                node += 1;
            }
            Answer::Unknown => {
                notes.unknown.fetch_add(1, Ordering::Relaxed);
                outcome.perhaps.extend(is_line.then_some((key, count)));
                node += 1;
            }
            Answer::NobodyThere => node += 1,
        }
        tokio::time::sleep(PAUSE).await;
    }
    outcome
}
