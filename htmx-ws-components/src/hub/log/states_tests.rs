//! A reader who may lack states, but nothing that is ordered.

use std::collections::HashMap;

use proptest::prelude::*;

use super::tests::{AMPLE, append, fence, remove, state};
use super::*;
use crate::message::cursor::{Cursor, Epoch};

#[derive(Debug, Clone, Copy)]
enum Op {
    State(usize, u8),
    Remove(usize),
    Append,
    Fence,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => (0_usize..3, 0_u8..9).prop_map(|(id, value)| Op::State(id, value)),
        1 => (0_usize..3).prop_map(Op::Remove),
        1 => Just(Op::Append),
        1 => Just(Op::Fence),
    ]
}

const IDS: [&str; 3] = ["a", "b", "c"];

fn publish(log: &mut Log, op: Op, version: &mut u64) {
    let patch = match op {
        Op::State(id, value) => state(IDS[id], value),
        Op::Remove(id) => remove(IDS[id]),
        Op::Append => append(&format!("item-{version}")),
        Op::Fence => fence(),
    };
    log.publish(Publication::Patch(patch), None, Moment::default(), &mut || {
        *version += 1;
        Version(*version)
    });
}

/// What is newest of each id, as a text.
fn newest(log: &Log) -> HashMap<&'static str, (Version, String)> {
    let of = |id: &'static str| {
        let entry = log.entries.get(log.newest(&DomId::new(id).unwrap())?)?;
        Some((id, (entry.version, format!("{:?}", entry.patch))))
    };
    IDS.into_iter().filter_map(of).collect()
}

proptest! {
    /// In parts, and while it is published to: it gets the newest state of each id that changed behind what it has, and everything ordered behind its cursor once, and nothing of that before.
    #[test]
    fn it_gets_the_states_and_what_is_ordered_behind_its_cursor(
        before in prop::collection::vec(op(), 0..30),
        meanwhile in prop::collection::vec(op(), 0..8),
        behind in 0_u64..30,
        part_patches in 1_usize..4,
    ) {
        let (mut log, mut version) = (Log::new(Retention { part_patches, ..AMPLE }, Version(0)), 0);
        for op in before {
            publish(&mut log, op, &mut version);
        }
        let (has, at) = (Version(behind.min(version)), Version(version));
        let mut cursor = Cursor::new(Epoch(1), at).with_states_up_to(has);
        let (mut shown, mut ordered, mut meanwhile) = (HashMap::new(), Vec::new(), meanwhile.into_iter());
        loop {
            // As a page that was cut off and comes back.
            cursor = cursor.to_string().parse().unwrap();
            match log.replay(&cursor).unwrap() {
                Some(replay) => {
                    for delivery in replay.deliveries {
                        if delivery.is_fence {
                            prop_assert!(delivery.place > at);
                            ordered.push(delivery.place);
                        } else {
                            let id = IDS.into_iter().find(|id| delivery.patch.id().is_some_and(|of| of.as_str() == *id)).unwrap();
                            shown.insert(id, format!("{:?}", delivery.patch));
                        }
                    }
                    cursor = replay.to;
                }
                None if meanwhile.len() == 0 => break,
                None => {}
            }
            if let Some(op) = meanwhile.next() {
                publish(&mut log, op, &mut version);
            }
        }
        let expected: Vec<Version> = log.fence_places.iter().copied().filter(|place| *place > at).collect();
        prop_assert_eq!(ordered, expected);
        for (id, (version, patch)) in newest(&log) {
            prop_assert!(version <= has || shown.get(id) == Some(&patch), "{id}: {patch}, and not {:?}", shown.get(id));
        }
    }
}
