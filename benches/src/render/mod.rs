//! Components, each written in four ways that give the same bytes: by a derive of ours, by hand, in maud, and in askama.
//!
//! *By hand* is what the others are measured by: literals, one escaping loop over a table, and `write!` for numbers. maud's markup is made as
//! its users make it, and then copied into the buffer; askama writes into the buffer.

mod badge;
mod bar;
mod hand;
mod moment;
mod scan;
pub(crate) mod state;
mod step;

use std::hint::black_box;
use std::rc::Rc;

use htmx_ws_components::{Component, DomId};

use crate::rounds::Candidate;

/// A component that is written in each of the ways.
trait Subject: Component + Sized + 'static {
    const NAME: &'static str;

    /// Values to compare the ways with. The first one, whose texts hold nothing to escape, is also measured: each engine has its own references for
    /// what it escapes.
    fn samples() -> Vec<Self>;

    /// The id by hand.
    fn id_by_hand(&self, buffer: &mut String);

    fn by_hand(&self, id: impl FnOnce(&mut String), buffer: &mut String);

    fn in_maud(&self, buffer: &mut String);

    fn in_askama(&self, buffer: &mut String);

    /// Our view, as the derive calls it, for an id that is there already.
    fn view(&self, id: &DomId, buffer: &mut String);
}

/// A component, ready to be measured.
#[derive(Debug)]
pub struct Measured {
    /// The derive's name.
    pub name: &'static str,
    /// How long the markup is.
    pub bytes: usize,
    /// How it is written.
    pub ways: Vec<Way>,
}

/// One way to write a component.
#[derive(Debug)]
pub struct Way {
    /// What the tables call it.
    pub name: &'static str,
    /// The place of the way that it is a multiple of, among those of the component.
    pub beside: Option<usize>,
    /// Writes it once, into a buffer that it keeps.
    pub candidate: Candidate,
}

/// Every component that is measured. All ways are compared first.
///
/// # Panics
/// Where two ways differ by a byte: their times would mean nothing.
pub fn all() -> Vec<Measured> {
    vec![measured::<badge::Badge>(), measured::<bar::Bar>(), measured::<step::Step>(), measured::<scan::Scan>()]
}

const BY_HAND: usize = 0;
const BY_HAND_BELOW_ID: usize = 4;

fn measured<S: Subject>() -> Measured {
    assert_alike::<S>();
    let sample = Rc::new(S::samples().swap_remove(0));
    let id = sample.id();
    let bytes = written(|buffer| sample.render_to(buffer)).len();
    let way = |name, beside, write: fn(&S, &DomId, &mut String)| {
        let (sample, id, mut buffer) = (Rc::clone(&sample), id.clone(), String::new());
        let once = move || {
            buffer.clear();
            write(black_box(&sample), black_box(&id), &mut buffer);
            black_box(buffer.as_str());
        };
        Way { name, beside, candidate: Candidate::new(once) }
    };
    let ways = vec![
        way("by hand", Some(BY_HAND), |it, _, buffer| it.by_hand(|buffer| it.id_by_hand(buffer), buffer)),
        way("derived", Some(BY_HAND), |it, _, buffer| it.render_to(buffer)),
        way("maud", Some(BY_HAND), |it, _, buffer| it.in_maud(buffer)),
        way("askama", Some(BY_HAND), |it, _, buffer| it.in_askama(buffer)),
        way("by hand, id given", Some(BY_HAND_BELOW_ID), |it, id, buffer| it.by_hand(|buffer| buffer.push_str(id.as_str()), buffer)),
        way("our view, id given", Some(BY_HAND_BELOW_ID), S::view),
        way("id() alone", None, |it, _, _| drop(black_box(it.id()))),
    ];
    Measured { name: S::NAME, bytes, ways }
}

/// Compares the ways byte by byte.
fn assert_alike<S: Subject>() {
    for (place, sample) in S::samples().iter().enumerate() {
        let expected = written(|buffer| sample.render_to(buffer));
        let id = sample.id();
        assert_eq!(expected, written(|buffer| sample.by_hand(|buffer| sample.id_by_hand(buffer), buffer)), "{} by hand", S::NAME);
        assert_eq!(
            expected,
            written(|buffer| sample.by_hand(|buffer| buffer.push_str(id.as_str()), buffer)),
            "{} by hand, id given",
            S::NAME
        );
        assert_eq!(expected, written(|buffer| sample.view(&id, buffer)), "{} as a view", S::NAME);
        assert_eq!(expected, written(|buffer| sample.in_maud(buffer)), "{} in maud", S::NAME);
        let in_askama = written(|buffer| sample.in_askama(buffer));
        let in_askama = if place == 0 { in_askama } else { with_named_references(&in_askama) };
        assert_eq!(expected, in_askama, "{} in askama", S::NAME);
    }
}

fn written(write: impl FnOnce(&mut String)) -> String {
    let mut buffer = String::new();
    write(&mut buffer);
    buffer
}

/// What askama escaped as the others do.
fn with_named_references(html: &str) -> String {
    html.replace("&#34;", "&quot;").replace("&#39;", "'").replace("&#60;", "&lt;").replace("&#62;", "&gt;").replace("&#38;", "&amp;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_is_the_same_in_every_way() {
        assert_alike::<badge::Badge>();
    }

    #[test]
    fn a_bar_is_the_same_in_every_way() {
        assert_alike::<bar::Bar>();
    }

    #[test]
    fn a_step_is_the_same_in_every_way() {
        assert_alike::<step::Step>();
    }

    #[test]
    fn an_overlay_is_the_same_in_every_way() {
        assert_alike::<scan::Scan>();
    }

    #[test]
    fn every_way_writes_again_what_it_wrote() {
        for mut component in all() {
            for way in &mut component.ways {
                way.candidate.run(1);
                way.candidate.run(1);
            }
        }
    }
}
