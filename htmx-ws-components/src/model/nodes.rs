//! Promise 1 and promise 8: pages converge whichever nodes they are connected to, whichever nodes publish, and whatever node begins anew.

use proptest::prelude::*;

use crate::model::schedule::{ample, check_nodes, config, schedule, tight};
use crate::model::step::Mix;

proptest! {
    #![proptest_config(config(2500))]

    /// Nothing is ever evicted, so no page has to refresh: not even behind a node that begins anew.
    #[test]
    fn pages_of_several_nodes_converge(
        nodes in 1..4usize,
        part_patches in 1..6usize,
        steps in schedule(Mix { publish: 12, inside: 3, compose: 6, once: 3, connection: 14, late: 0, answer: 0 }),
    ) {
        check_nodes(nodes, ample(part_patches), &steps)?;
    }

    #[test]
    fn pages_of_several_nodes_converge_when_their_logs_evict(
        nodes in 1..4usize,
        limits in tight(),
        steps in schedule(Mix { publish: 14, inside: 2, compose: 4, once: 3, connection: 14, late: 0, answer: 0 }),
    ) {
        check_nodes(nodes, limits, &steps)?;
    }
}
