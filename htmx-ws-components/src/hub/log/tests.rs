//! Each sentence of the log's rule, by example. That they suffice is for the model to show.

use super::*;
use crate::html::composition::Part;
use crate::html::fragment::Nesting;
use crate::message::cursor::{Cursor, Epoch};
use crate::message::envelope::Delivery;

const HOUR: Duration = Duration::from_secs(3600);
pub(super) const AMPLE: Retention = Retention {
    states: 100,
    state_bytes: 10_000,
    fences: 100,
    fence_bytes: 10_000,
    fences_for: HOUR,
    part_patches: 100,
    part_bytes: 10_000,
};

fn id(name: &str) -> DomId {
    DomId::new(name).unwrap()
}

fn leaf(name: &str, state: u8) -> Fragment {
    Fragment::new(id(name), format!("<p>{state}</p>"), Nesting::Leaf).unwrap()
}

pub(super) fn state(name: &str, state: u8) -> Patch {
    Patch::Replace(leaf(name, state))
}

fn upsert(name: &str, state: u8) -> Patch {
    Patch::Upsert { list: id("list"), fragment: leaf(name, state) }
}

pub(super) fn remove(name: &str) -> Patch {
    Patch::remove(id(name))
}

pub(super) fn fence() -> Patch {
    Patch::Update { target: id("box"), html: "anything".into() }
}

pub(super) fn append(name: &str) -> Patch {
    Patch::append(id("list"), leaf(name, 0))
}

/// A card with a leaf and a list of items, by their states.
fn card(name: &str, title: &str, part: u8, items: &[(&str, u8)]) -> Composition {
    let list = id(&format!("{name}-list"));
    let item = |(item, state): &(&str, u8)| Patch::Upsert { list: list.clone(), fragment: leaf(item, *state) };
    let mut patches = vec![state(&format!("{name}-part"), part)];
    patches.extend(items.iter().map(item));
    let html: Vec<&str> = patches.iter().map(|patch| patch.fragment().unwrap().html()).collect();
    let html = format!("<div>{title}{}<ul id=\"{list}\">{}</ul></div>", html[0], html[1..].concat());
    let whole = Patch::Morph(Fragment::new(id(name), html, Nesting::Branch).unwrap());
    Composition::new(whole, patches.into_iter().map(Part::Leaf).collect())
}

#[track_caller]
fn check_composed(publications: Vec<Composition>, from: u64, expected: &str) {
    let mut log = Log::new(AMPLE, Version(0));
    let mut version = 0;
    for whole in publications {
        log.publish(Publication::Whole(whole), None, Moment::default(), &mut || {
            version += 1;
            Version(version)
        });
    }
    assert_eq!(replay(&log, from).as_deref(), Ok(expected));
}

#[test]
fn a_whole_that_is_the_same_is_no_change() {
    let same = || card("c", "title", 1, &[("a", 1), ("b", 1)]);
    check_composed(vec![same(), same(), same()], 0, "|");
    check_composed(vec![same(), same()], 4, "");
}

#[test]
fn of_a_whole_only_the_parts_that_changed_are_sent() {
    let before = || card("c", "title", 1, &[("a", 1), ("b", 1)]);
    check_composed(vec![before(), card("c", "title", 2, &[("a", 1), ("b", 1)])], 4, "c-part2");
    check_composed(vec![before(), card("c", "title", 1, &[("a", 1), ("b", 3)])], 4, "+b3");
    check_composed(vec![before(), card("c", "title", 1, &[("b", 1), ("d", 1)])], 4, "-a +d1");
    check_composed(vec![before(), card("c", "title", 1, &[])], 4, "-a -b");
}

#[test]
fn a_new_shell_or_another_order_sends_the_whole_once() {
    let before = || card("c", "title", 1, &[("a", 1), ("b", 1)]);
    check_composed(vec![before(), card("c", "other", 1, &[("a", 1), ("b", 1)])], 4, "|");
    check_composed(vec![before(), card("c", "title", 1, &[("b", 1), ("a", 1)])], 4, "|");
    check_composed(vec![before(), card("c", "title", 1, &[("d", 1), ("a", 1), ("b", 1)])], 4, "|");
}

#[test]
fn one_whole_does_not_concern_another() {
    let one = |part| card("c", "title", part, &[]);
    let other = |title| card("d", title, 1, &[]);
    check_composed(vec![one(1), other("x"), one(2), other("y"), one(2), one(3)], 4, "c-part3 |");
}

#[test]
fn an_insertion_concerns_what_it_inserts_and_what_it_is_beside() {
    check([state("a", 1), append("b"), state("a", 2)], 0, "a2 |");
    check([state("a", 1), Patch::before(id("a"), leaf("b", 0)), state("a", 2)], 0, "a1 | a2");
    check([state("b", 1), append("b"), state("b", 2)], 0, "b1 | b2");
}

fn put(log: &mut Log, patch: Patch, version: u64) -> Put {
    put_at(log, patch, version, 0)
}

fn put_at(log: &mut Log, patch: Patch, version: u64, seconds: u32) -> Put {
    log.publish(Publication::Patch(patch), None, Moment::from_seconds(seconds), &mut || Version(version))
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
    let log = log(Retention { fences: 1, ..AMPLE }, [state("a", 1), fence(), state("b", 1), append("c")]);
    assert_eq!(replay(&log, 1), Err(Gap));
    assert_eq!(replay(&log, 2).as_deref(), Ok("b1 |"));
}

#[test]
fn the_newest_state_of_a_leaf_outlives_the_replay_for_latest() {
    let mut evicted = log(Retention { fences: 1, ..AMPLE }, [state("a", 1), fence(), append("c")]);
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
    assert_eq!((full.entries.len(), full.states.count), (3, 3));
    assert_eq!(replay(&full, 6), Err(Gap));
    assert_eq!(replay(&full, 7).as_deref(), Ok("s71 s81 s91"));
    let heavy = log(Retention { state_bytes: 40, ..AMPLE }, states(10));
    assert!(heavy.states.bytes <= 40 && heavy.entries.len() > 0, "{}", heavy.states.bytes);
}

#[test]
fn a_replay_goes_through_the_places_once_and_then_begins_anew() {
    let parts = Retention { part_patches: 2, ..AMPLE };
    let mut log = log(parts, ["a", "b", "c", "d", "e"].map(|name| upsert(name, 1)));
    let mut cursor = Cursor::new(Epoch(0), Version(0));
    let mut next = |log: &Log| {
        let part = log.replay(&cursor).unwrap()?;
        cursor = part.to;
        let ids: Vec<_> = part.deliveries.iter().map(|delivery| delivery.patch.id().unwrap().as_str().to_owned()).collect();
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

#[test]
fn what_is_ordered_goes_when_it_is_old_and_a_page_that_needed_it_has_a_gap() {
    let mut log = Log::new(AMPLE, Version(0));
    for (version, patch, seconds) in [(1, append("a"), 0), (2, state("b", 1), 0), (3, Patch::Refresh, 600), (4, append("c"), 1200)] {
        put_at(&mut log, patch, version, seconds);
    }
    let mut check = |seconds: u32, from: u64, expected: Result<&str, Gap>| {
        log.expire(Moment::from_seconds(seconds));
        assert_eq!(replay(&log, from), expected.map(str::to_owned), "after {seconds} s");
    };
    check(3600, 0, Ok("| b1 | |"));
    check(3601, 0, Err(Gap));
    check(3601, 1, Ok("b1 | |"));
    check(4201, 2, Err(Gap));
    check(4201, 3, Ok("|"));
    check(4801, 3, Err(Gap));
    check(4801, 4, Ok(""));
    assert_eq!(log.latest(&id("b")), Latest::State(leaf("b", 1)), "states have no age");
}

#[test]
fn a_log_shrinks_by_its_oldest_entries_and_be_it_to_nothing() {
    let patches = (0..20).map(|n| if n % 5 == 0 { append(&format!("a{n}")) } else { state(&format!("s{n}"), 1) });
    let mut full = log(AMPLE, patches);
    let half = full.bytes() / 2;
    full.shrink_to(half);
    assert!(full.bytes() <= half && full.bytes() > half / 2, "{} of {half}", full.bytes());
    assert_eq!(replay(&full, 5), Err(Gap));
    assert!(replay(&full, 19).unwrap().ends_with('1'));
    full.shrink_to(0);
    assert_eq!((full.bytes(), full.entries.len()), (0, 0));
    assert_eq!((replay(&full, 19), replay(&full, 20)), (Err(Gap), Ok(String::new())));
}

#[test]
fn what_a_log_takes_is_counted_in_and_out_again() {
    let mut log = Log::new(AMPLE, Version(0));
    let mut version = 0;
    let mut publish = |log: &mut Log, publication| {
        log.publish(publication, None, Moment::default(), &mut || {
            version += 1;
            Version(version)
        });
    };
    for title in ["one", "another", "a third"] {
        for items in [&[("a", 1), ("b", 1)][..], &[("b", 2), ("d", 1), ("e", 1)], &[]] {
            publish(&mut log, Publication::Whole(card("c", title, 1, items)));
        }
    }
    assert!(log.known.bytes > 0);
    publish(&mut log, Publication::Patch(remove("c")));
    assert_eq!(log.known.bytes, 0);
    publish(&mut log, Publication::Whole(card("c", "again", 1, &[("a", 1)])));
    log.shrink_to(0);
    assert_eq!((log.known.bytes, log.states.bytes, log.fences.bytes), (0, 0, 0));
}

#[test]
fn a_state_that_a_forgotten_fence_came_after_is_not_what_the_pages_show() {
    // The pages had no list yet, so the first upsert did nothing there.
    let mut evicted = log(Retention { fences: 1, ..AMPLE }, [upsert("a", 1)]);
    let mut version = 1;
    let mut next = || {
        version += 1;
        Version(version)
    };
    let whole = Patch::Morph(Fragment::new(id("c"), "<div><ul id=\"list\"></ul></div>".to_owned(), Nesting::Branch).unwrap());
    evicted.publish(Publication::Whole(Composition::new(whole, Vec::new())), None, Moment::default(), &mut next);
    evicted.publish(Publication::Patch(Patch::append(id("box"), leaf("b", 1))), None, Moment::default(), &mut next);
    assert!(evicted.fenced.len() < 3, "the notes about the first fence are gone");
    assert_eq!(evicted.publish(Publication::Patch(upsert("a", 1)), None, Moment::default(), &mut next), Put::Changed);
}
