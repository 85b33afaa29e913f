//! Each sentence of the log's rule, by example. That they suffice is for the model to show.

use super::*;
use crate::message::cursor::{Cursor, Epoch};
use crate::message::envelope::Delivery;

const AMPLE: Retention =
    Retention { states: 100, state_bytes: 10_000, fences: 100, fence_bytes: 10_000, part_patches: 100, part_bytes: 10_000 };

fn id(name: &str) -> DomId {
    DomId::new(name).unwrap()
}

fn leaf(name: &str, state: u8) -> Fragment {
    Fragment::new(id(name), format!("<p>{state}</p>"), Nesting::Leaf).unwrap()
}

fn state(name: &str, state: u8) -> Patch {
    Patch::Replace(leaf(name, state))
}

fn upsert(name: &str, state: u8) -> Patch {
    Patch::Upsert { list: id("list"), fragment: leaf(name, state) }
}

fn remove(name: &str) -> Patch {
    Patch::remove(id(name))
}

fn fence() -> Patch {
    Patch::append(id("list"), leaf("appended", 0))
}

fn put(log: &mut Log, patch: Patch, version: u64) -> Put {
    log.publish(Publication::Patch(patch), &mut || Version(version))
}

fn log(retention: Retention, patches: impl IntoIterator<Item = Patch>) -> Log {
    let mut log = Log::new(retention, Version(0));
    for (version, patch) in (1..).zip(patches) {
        put(&mut log, patch, version);
    }
    log
}

/// A replay in short: `+x1` an upsert, `x1` a state, `-x` a removal, `|` a fence.
fn replay(log: &Log, version: u64) -> Result<String, Gap> {
    let word = |delivery: &Delivery| match &*delivery.patch {
        _ if delivery.is_fence => "|".to_owned(),
        Patch::Remove(id) => format!("-{id}"),
        patch => {
            let sign = if matches!(patch, Patch::Upsert { .. }) { "+" } else { "" };
            let fragment = patch.fragment().unwrap();
            format!("{sign}{}{}", fragment.id(), fragment.html().chars().rfind(char::is_ascii_digit).unwrap())
        }
    };
    let deliveries = log.replay(&Cursor::new(Epoch(0), Version(version)))?.map(|replay| replay.deliveries);
    Ok(deliveries.iter().flatten().map(word).collect::<Vec<_>>().join(" "))
}

#[track_caller]
fn check(patches: impl IntoIterator<Item = Patch>, from: u64, expected: &str) {
    assert_eq!(replay(&log(AMPLE, patches), from).as_deref(), Ok(expected));
}

#[test]
fn a_state_supersedes_the_last_one_in_its_place() {
    check([state("a", 1), state("b", 1), state("a", 2)], 0, "a2 b1");
    check([state("a", 1), state("b", 1), state("a", 2)], 2, "a2");
}

#[test]
fn an_upsert_stays_one() {
    check([upsert("a", 1), upsert("b", 1), state("a", 2)], 0, "+a2 +b1");
    check([upsert("a", 1), upsert("b", 1), upsert("a", 2)], 0, "+a2 +b1");
}

#[test]
fn an_upsert_behind_a_plain_state_is_a_birth() {
    check([state("a", 1), upsert("b", 1), upsert("a", 2)], 0, "+b1 +a2");
}

#[test]
fn a_removal_drops_what_was_and_stands_at_the_end() {
    check([upsert("a", 1), upsert("b", 1), remove("a")], 0, "+b1 -a");
    check([upsert("a", 1), upsert("b", 1), remove("a"), upsert("a", 2)], 0, "+b1 -a +a2");
}

#[test]
fn nothing_supersedes_across_a_fence() {
    check([state("a", 1), fence(), state("a", 2)], 0, "a1 | a2");
    check([upsert("a", 1), fence(), remove("a")], 0, "+a1 | -a");
}

#[test]
fn the_removal_of_what_is_not_known_as_a_leaf_is_a_fence() {
    check([state("a", 1), remove("card"), state("a", 2)], 0, "a1 | a2");
}

#[test]
fn what_the_pages_show_already_is_no_change() {
    let mut log = log(AMPLE, [upsert("a", 1), fence(), state("b", 1), remove("b")]);
    let mut put = |patch| put(&mut log, patch, log_version());
    assert_eq!(put(remove("b")), Put::Unchanged);
    // Behind a fence nobody knows what the page shows.
    assert_eq!(put(upsert("a", 1)), Put::Changed);
    assert_eq!(put(upsert("a", 1)), Put::Unchanged);
    assert_eq!(put(state("a", 1)), Put::Unchanged);
}

/// One more than any version of the logs here, each time it is asked.
fn log_version() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[test]
fn a_cursor_below_what_was_evicted_has_a_gap() {
    let log = log(Retention { fences: 1, ..AMPLE }, [state("a", 1), fence(), state("b", 1), Patch::append(id("list"), leaf("c", 0))]);
    assert_eq!(replay(&log, 1), Err(Gap));
    assert_eq!(replay(&log, 2).as_deref(), Ok("b1 |"));
}

#[test]
fn the_newest_state_of_a_leaf_outlives_the_replay_for_latest() {
    let mut evicted = log(Retention { fences: 1, ..AMPLE }, [state("a", 1), fence(), Patch::append(id("list"), leaf("c", 0))]);
    assert_eq!(evicted.latest(&id("a")), Latest::State(leaf("a", 1)));
    put(&mut evicted, state("a", 2), 10);
    assert_eq!(evicted.latest(&id("a")), Latest::State(leaf("a", 2)));
    put(&mut evicted, remove("a"), 11);
    put(&mut evicted, remove("unheard-of"), 12);
    assert_eq!(evicted.latest(&id("a")), Latest::Removed);
    assert_eq!(evicted.latest(&id("unheard-of")), Latest::Removed);
    assert_eq!(evicted.latest(&id("b")), Latest::Unknown);
}

#[test]
fn limits_of_count_and_bytes_hold() {
    let states = |count: u8| (0..count).map(|n| state(&format!("s{n}"), 1));
    let full = log(Retention { states: 3, ..AMPLE }, states(10));
    assert_eq!((full.entries.len(), full.by_version.len(), full.by_id.len(), full.states.places.len()), (3, 3, 3, 3));
    assert_eq!(replay(&full, 6), Err(Gap));
    assert_eq!(replay(&full, 7).as_deref(), Ok("s71 s81 s91"));
    let heavy = log(Retention { state_bytes: 40, ..AMPLE }, states(10));
    assert!(heavy.states.bytes <= 40 && !heavy.entries.is_empty(), "{}", heavy.states.bytes);
}

#[test]
fn a_replay_goes_through_the_places_once_and_then_begins_anew() {
    let parts = Retention { part_patches: 2, ..AMPLE };
    let mut log = log(parts, ["a", "b", "c", "d", "e"].map(|name| upsert(name, 1)));
    let mut cursor = Cursor::new(Epoch(0), Version(0));
    let mut next = |log: &Log| {
        let part = log.replay(&cursor).unwrap()?;
        cursor = part.to;
        let ids: Vec<_> = part.deliveries.iter().map(|delivery| delivery.patch.id().as_str().to_owned()).collect();
        Some((ids.join(" "), cursor.to_string()))
    };
    let part = |ids: &str, cursor: &str| Some((ids.to_owned(), cursor.to_owned()));
    assert_eq!(next(&log), part("a b", "0-0-5-2"));
    for (version, patch) in [(6, state("a", 2)), (7, state("c", 2)), (8, upsert("f", 1)), (9, remove("d"))] {
        put(&mut log, patch, version);
    }
    assert_eq!(next(&log), part("c e", "0-5"));
    assert_eq!(next(&log), part("a c", "0-5-9-3"));
    assert_eq!(next(&log), part("f d", "0-9"));
    assert_eq!(next(&log), None);
}

#[test]
fn a_part_is_bounded_in_bytes_but_for_its_first_patch() {
    let small = Retention { part_bytes: 1, ..AMPLE };
    let part = log(small, [state("a", 1), state("b", 1)]).replay(&Cursor::new(Epoch(0), Version(0))).unwrap().unwrap();
    assert_eq!(part.deliveries.len(), 1);
}
