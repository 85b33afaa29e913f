//! Random schedules.

use std::time::Duration;

use proptest::prelude::*;

use crate::hub::log::Retention;
use crate::hub::topics::TopicLimits;
use crate::model::step::{CLIENTS, Mix, Step};
use crate::model::world::{Habit, World};

/// Nothing is ever evicted.
const AMPLE: Retention = Retention {
    states: 1000,
    state_bytes: 1 << 20,
    fences: 1000,
    fence_bytes: 1 << 20,
    fences_for: Duration::MAX,
    part_patches: 40,
    part_bytes: 1 << 20,
};

fn limits(retention: Retention) -> TopicLimits {
    TopicLimits {
        retention,
        topics: 10,
        patch_bytes: 1 << 20,
        bytes: 1 << 30,
        forget_idle_after: Duration::MAX,
        pass_interval: Duration::ZERO,
    }
}

/// Replays are cut into parts of so many patches, and nothing is ever evicted.
pub(super) fn ample(part_patches: usize) -> TopicLimits {
    limits(Retention { part_patches, ..AMPLE })
}

/// The limits of a log, of its age, of a topic that nobody uses, and of all topics; one is reached sooner in one case, another in another.
pub(super) fn tight() -> impl Strategy<Value = TopicLimits> {
    let age = || prop_oneof![Just(Duration::MAX), (0..60u64).prop_map(|minutes| Duration::from_secs(60 * minutes))];
    let bytes = prop_oneof![2 => Just(1 << 30), 1 => 0..12_000usize];
    (1..8usize, 0..4usize, 1..6usize, age(), age(), bytes).prop_map(
        |(states, fences, part_patches, fences_for, forget_idle_after, bytes)| {
            let retention = Retention { states, fences, fences_for, part_patches, ..AMPLE };
            TopicLimits { bytes, forget_idle_after, ..limits(retention) }
        },
    )
}

pub(super) fn check(limits: TopicLimits, habit: Habit, steps: &[Step]) -> Result<(), TestCaseError> {
    check_world(World::new(limits, habit, None), limits, steps)
}

/// As [`check`], where several nodes share the topics, and clients come back to another one each time.
pub(super) fn check_nodes(nodes: usize, limits: TopicLimits, steps: &[Step]) -> Result<(), TestCaseError> {
    check_world(World::new(limits, Habit::Anything, Some(nodes)), limits, steps)
}

fn check_world(mut world: World, limits: TopicLimits, steps: &[Step]) -> Result<(), TestCaseError> {
    run(&mut world, steps)?;
    let is_ample = limits.retention.states >= 1000;
    if is_ample && world.epoch == 0 {
        prop_assert_eq!(world.gaps, 0, "nothing was evicted, so no page had to refresh");
    }
    Ok(())
}

/// Takes all steps, and then lets every page come to the end.
pub(super) fn run(world: &mut World, steps: &[Step]) -> Result<(), TestCaseError> {
    for step in steps {
        world.take(step);
    }
    for index in 0..CLIENTS {
        if let Some(difference) = world.settle(index) {
            return Err(TestCaseError::fail(difference));
        }
    }
    Ok(())
}

/// `PROPTEST_CASES` sets another number for each test. What fails is shrunk to the fewest steps, and tried first in the next run.
pub(super) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 20_000, ..ProptestConfig::default() }
}

pub(super) fn schedule(mix: Mix) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(mix.step(), 1..60)
}

// 50,000 cases, which two threads share evenly.
proptest! {
    #![proptest_config(config(15_000))]

    /// Values with parts, their parts and items, and what comes between them; the log keeps everything.
    #[test]
    fn pages_of_composed_components_converge(
        part_patches in 1..6usize,
        steps in schedule(Mix { publish: 6, inside: 6, compose: 10, once: 3, connection: 13, late: 0, answer: 0 }),
    ) {
        check(ample(part_patches), Habit::Anything, &steps)?;
    }
}

proptest! {
    #![proptest_config(config(10_000))]

    /// A handler that reads its data after the cursor was taken renders more than the cursor says: what comes twice then is harmless but for the order of siblings, as long
    /// as the application publishes nothing about elements that are not there.
    #[test]
    fn a_page_that_is_newer_than_its_cursors_comes_right_but_for_the_order_of_siblings(
        part_patches in 1..6usize,
        steps in schedule(Mix { publish: 12, inside: 5, compose: 5, once: 3, connection: 12, late: 2, answer: 0 }),
    ) {
        check(ample(part_patches), Habit::OnlyWhatIsThere, &steps)?;
    }
}

proptest! {
    #![proptest_config(config(25_000))]

    /// Patches of every verb, where the log holds a few of them only.
    #[test]
    fn pages_converge_when_the_log_evicts(
        limits in tight(),
        steps in schedule(Mix { publish: 14, inside: 2, compose: 3, once: 3, connection: 13, late: 0, answer: 0 }),
    ) {
        check(limits, Habit::Anything, &steps)?;
    }
}
