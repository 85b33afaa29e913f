//! Random schedules.

use proptest::prelude::*;

use crate::hub::log::Retention;
use crate::model::step::{CLIENTS, Mix, Step};
use crate::model::world::{Habit, World};

/// Nothing is ever evicted.
pub(super) const AMPLE: Retention =
    Retention { states: 1000, state_bytes: 1 << 20, fences: 1000, fence_bytes: 1 << 20, part_patches: 40, part_bytes: 1 << 20 };

pub(super) fn check(retention: Retention, habit: Habit, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut world = World::new(retention, habit);
    for step in steps {
        world.take(step);
    }
    for index in 0..CLIENTS {
        if let Some(difference) = world.settle(index) {
            return Err(TestCaseError::fail(difference));
        }
    }
    let is_ample = retention.states >= 1000;
    if is_ample && world.epoch == 0 {
        prop_assert_eq!(world.gaps, 0, "nothing was evicted, so no page had to refresh");
    }
    Ok(())
}

/// `PROPTEST_CASES` says how many cases there are in all. What fails is shrunk to the fewest steps, and tried first in the next run.
fn config(share_in_percent: u32) -> ProptestConfig {
    let all = std::env::var("PROPTEST_CASES").map_or(50_000, |cases| cases.parse().expect("a number of cases"));
    ProptestConfig { cases: all / 100 * share_in_percent, max_shrink_iters: 20_000, ..ProptestConfig::default() }
}

fn schedule(mix: Mix) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(mix.step(), 1..60)
}

// Two threads run them, half of all cases each.
proptest! {
    #![proptest_config(config(30))]

    /// Values with parts, their parts and items, and what comes between them; the log keeps everything.
    #[test]
    fn pages_of_composed_components_converge(
        part_patches in 1..6usize,
        steps in schedule(Mix { publish: 6, inside: 6, compose: 10, once: 3, connection: 13, late: 0 }),
    ) {
        check(Retention { part_patches, ..AMPLE }, Habit::Anything, &steps)?;
    }
}

proptest! {
    #![proptest_config(config(20))]

    /// A handler that reads its data after the cursor was taken renders more than the cursor says: what comes twice then is harmless but for the order of siblings, as long
    /// as the application publishes nothing about elements that are not there.
    #[test]
    fn a_page_that_is_newer_than_its_cursors_comes_right_but_for_the_order_of_siblings(
        part_patches in 1..6usize,
        steps in schedule(Mix { publish: 12, inside: 5, compose: 5, once: 3, connection: 12, late: 2 }),
    ) {
        check(Retention { part_patches, ..AMPLE }, Habit::OnlyWhatIsThere, &steps)?;
    }
}

proptest! {
    #![proptest_config(config(50))]

    /// Patches of every verb, where the log holds a few of them only.
    #[test]
    fn pages_converge_when_the_log_evicts(
        (states, fences, part_patches) in (1..8usize, 0..4usize, 1..6usize),
        steps in schedule(Mix { publish: 14, inside: 2, compose: 3, once: 3, connection: 13, late: 0 }),
    ) {
        check(Retention { states, fences, part_patches, ..AMPLE }, Habit::Anything, &steps)?;
    }
}
