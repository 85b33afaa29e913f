//! An application that is asked what its topics show, and answers when a step says so.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;
use tokio::sync::oneshot;
use tokio::task::yield_now;

use crate::html::patch::Patch;
use crate::hub::log::Publication;
use crate::hub::snapshot::{SnapshotLimits, Snapshots, Source};
use crate::hub::topics::TopicLimits;
use crate::model::schedule::{config, run, schedule, tight};
use crate::model::step::{Mix, Step, TOPICS, id};
use crate::model::world::{Habit, World};

/// A snapshot serves those who come later for so long, or not at all.
const REUSE: [Duration; 2] = [Duration::ZERO, Duration::from_secs(30 * 60)];

/// What the application is asked for.
#[derive(Clone)]
pub(super) struct Sources {
    calls: Arc<Mutex<Vec<Call>>>,
    reuse_for: Duration,
}

/// A call of a source that was not answered yet.
struct Call {
    topic: usize,
    /// What the page showed when the source looked.
    seen: Option<String>,
    answer: oneshot::Sender<Vec<Publication>>,
}

impl World {
    fn with_sources(limits: TopicLimits, reuse_for: Duration) -> Self {
        let mut world = Self::new(limits, Habit::OnlyWhatIsThere, None);
        world.sources = Some(Sources { calls: Arc::default(), reuse_for });
        world.set_sources();
        world
    }

    pub(super) fn set_sources(&self) {
        let Some(Sources { calls, reuse_for }) = self.sources.clone() else { return };
        let source: Source = Arc::new(move |topic| {
            let (answer, answered) = oneshot::channel();
            let index = topic.as_str().strip_prefix("topic ").unwrap().parse().unwrap();
            calls.lock().unwrap().push(Call { topic: index, seen: None, answer });
            Some(answered.map(|answer| answer.map_err(|error| error.to_string())).boxed())
        });
        let limits = SnapshotLimits { timeout: Duration::from_secs(1 << 30), reuse_for, at_once: 100 };
        self.topics.set_snapshots(Snapshots::new(vec![source], limits, Arc::default()));
    }

    /// The sources go on, those of the topics that are `meant`: one that has not looked yet does, and one that has gives what it saw. False when none was asked.
    pub(super) fn answer(&mut self, meant: impl Fn(usize) -> bool) -> bool {
        let Some(sources) = &self.sources else { return false };
        let mut calls = sources.calls.lock().unwrap();
        let (answered, waiting): (Vec<Call>, Vec<Call>) = std::mem::take(&mut *calls).into_iter().partition(|call| meant(call.topic));
        *calls = waiting;
        let has_gone_on = !answered.is_empty();
        for mut call in answered {
            let shown = format!("a{}", call.topic);
            let Some(seen) = call.seen.take() else {
                calls.push(Call { seen: Some(self.model.inner_html(&shown)), ..call });
                continue;
            };
            let update = |html: String| Publication::Patch(Patch::Update { target: id(&shown), html: html.into() });
            // In two parts, so that a page may be cut off between them. Nobody waits for it any more where the hub was started again.
            let _ = call.answer.send(vec![update(String::new()), update(seen)]);
        }
        drop(calls);
        self.time.block_on(async {
            for _ in 0..4 {
                yield_now().await;
            }
        });
        has_gone_on
    }
}

fn check(limits: TopicLimits, reuse_for: Duration, steps: &[Step]) -> Result<(), TestCaseError> {
    run(&mut World::with_sources(limits, reuse_for), steps)
}

proptest! {
    #![proptest_config(config(10_000))]

    /// Where the log does not reach back, the source is asked: before, while and after it looks, there are publishes, cuts and restarts.
    #[test]
    fn pages_with_a_gap_converge_by_a_snapshot(
        limits in tight(),
        reuse in 0..REUSE.len(),
        steps in schedule(Mix { publish: 14, inside: 2, compose: 3, once: 0, connection: 13, late: 1, answer: 4 }),
    ) {
        check(limits, REUSE[reuse], &steps)?;
    }
}

#[test]
fn a_page_of_before_a_restart_needs_no_refresh() {
    let limits = crate::model::schedule::ample(40);
    for topic in 0..TOPICS {
        let list = id(&format!("l{topic}"));
        let upsert = |n: usize, state| {
            let fragment = crate::model::step::leaf(&format!("x{topic}{n}"), state);
            Step::Publish(topic, Patch::Upsert { list: list.clone(), fragment })
        };
        let before = [upsert(0, 0), upsert(1, 0), Step::Read(0, 9), Step::Restart, upsert(2, 0), Step::Send(0, 1)];
        let after = [upsert(0, 1), Step::Answer(topic), upsert(2, 2), Step::Answer(topic), Step::Read(0, 1), Step::Drop(0), upsert(1, 2)];
        let mut world = World::with_sources(limits, Duration::ZERO);
        run(&mut world, &before.into_iter().chain(after).collect::<Vec<_>>()).unwrap();
        assert_eq!(world.gaps, 0);
    }
}
