//! What libraries get wrong about coming back, each by its name; every schedule is cut at every place that it can be.
//!
//! Of two of them the browser's part is for the tests in a browser: a script that reconnects inside its own handler of a reconnect, and one frame that ends a script
//! for good.

use crate::html::patch::Patch;
use crate::model::schedule::{ample, check};
use crate::model::step::{CLIENTS, Step, id, leaf};
use crate::model::world::Habit;

/// More frames than any schedule here has.
const MANY: usize = 12;

fn publish(patch: Patch) -> Step {
    Step::Publish(0, patch)
}

fn upsert(name: &str, state: usize) -> Step {
    publish(Patch::Upsert { list: id("l0"), fragment: leaf(name, state) })
}

fn append(name: &str, state: usize) -> Step {
    publish(Patch::append(id("l0"), leaf(name, state)))
}

fn remove(name: &str) -> Step {
    publish(Patch::remove(id(name)))
}

/// Runs `steps` for every client, with as many frames on their way as `cut` is told, and with parts of every size.
#[track_caller]
fn check_cuts(steps: impl Fn(usize, usize) -> Vec<Step>) {
    for client in 0..CLIENTS {
        for frames in 0..MANY {
            for part_patches in 1..4 {
                let steps = steps(client, frames);
                let outcome = check(ample(part_patches), Habit::Anything, &steps);
                assert!(outcome.is_ok(), "{steps:#?}\n{}", outcome.unwrap_err());
            }
        }
    }
}

#[test]
fn a_cursor_counts_when_the_page_has_applied_its_frame_and_not_when_the_socket_took_it() {
    check_cuts(|client, frames| {
        let life = [Step::Read(client, 1), Step::Send(client, frames), Step::Drop(client)];
        [upsert("x00", 0), append("x03", 0), Step::Event(0), upsert("x01", 1), remove("x00")].into_iter().chain(life).collect()
    });
}

#[test]
fn a_version_is_of_its_epoch() {
    // Behind the restart the new versions pass the old cursor's, and say nothing of what it lacks.
    check_cuts(|client, frames| {
        let before = [upsert("x00", 0), upsert("x01", 0), Step::Read(client, frames), Step::Save(client), Step::Restart];
        let after = [upsert("x00", 1), append("x03", 0), remove("x01"), Step::Read(client, 1), Step::Back(client)];
        before.into_iter().chain(after).collect()
    });
}

#[test]
fn what_an_old_connection_had_on_its_way_is_not_for_the_new_one() {
    check_cuts(|client, frames| {
        let old = [upsert("x00", 0), append("x03", 0), remove("x00"), Step::Event(0), Step::Send(client, frames)];
        let new = [Step::Open(client), upsert("x00", 1), upsert("x01", 1), remove("x03"), Step::Read(client, 1), Step::Drop(client)];
        old.into_iter().chain(new).collect()
    });
}

#[test]
fn an_element_that_went_and_came_back_stands_where_the_model_has_it_also_after_a_cut() {
    for comes_back in [upsert, append] {
        check_cuts(|client, frames| {
            let gone = [upsert("x00", 0), Step::Open(client), remove("x00"), comes_back("x00", 1)];
            let other = [append("x03", 1), upsert("x01", 0), Step::Read(client, frames), Step::Drop(client), remove("x01")];
            gone.into_iter().chain(other).chain([comes_back("x01", 2)]).collect()
        });
    }
}

#[test]
fn a_connection_that_is_cut_before_it_was_of_any_use_costs_nothing() {
    check_cuts(|client, frames| {
        let cut = [Step::Send(client, 1), Step::Drop(client), Step::Send(client, frames), Step::Drop(client)];
        let between = [Step::Event(0), remove("x00"), upsert("x00", 2)];
        [append("x00", 0), upsert("x01", 0)].into_iter().chain(cut.clone()).chain(between).chain(cut).collect()
    });
}

#[test]
fn an_insertion_that_the_page_took_out_again_does_not_come_a_second_time() {
    let toast = || Step::Toast { topic: 0, position: crate::html::patch::Position::LastChild, anchor: id("l0") };
    check_cuts(|client, frames| {
        vec![
            toast(),
            Step::Event(0),
            toast(),
            Step::Read(client, frames),
            Step::Drop(client),
            toast(),
            Step::Send(client, 1),
            Step::Drop(client),
        ]
    });
}
