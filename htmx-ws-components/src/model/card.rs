//! A random component with parts: a leaf, a list of items, and a component with a part of its own.

use proptest::prelude::*;

use crate::html::composition::{Composition, Part};
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::{Patch, Position};
use crate::model::schedule::leaf;

fn id(name: &str) -> DomId {
    DomId::new(name).unwrap()
}

fn branch(name: &str, inside: &str) -> Fragment {
    Fragment::new(id(name), format!("<div>{inside}</div>"), Nesting::Branch).unwrap()
}

/// The ids of the items that the card's list may hold.
pub(super) fn item_id(topic: usize, n: usize) -> String {
    format!("z{topic}{n}")
}

/// An item in its list.
pub(super) fn item(topic: usize, n: usize, state: u8) -> Patch {
    Patch::Upsert { list: id(&format!("q{topic}")), fragment: leaf(&item_id(topic, n), state) }
}

/// The last item is a component with a part.
fn any_item(topic: usize, n: usize, state: u8) -> Part {
    if n < 3 {
        return Part::Leaf(item(topic, n, state));
    }
    let part = leaf(&format!("v{topic}"), state);
    let fragment = branch(&item_id(topic, n), &format!("<b>{}</b>{}", state / 2, part.html()));
    let whole = Patch::Upsert { list: id(&format!("q{topic}")), fragment };
    Part::Whole(Composition::new(whole, vec![Part::Leaf(Patch::Morph(part))]))
}

fn inner(topic: usize, title: u8, state: u8) -> Composition {
    let part = leaf(&format!("o{topic}"), state);
    let fragment = branch(&format!("n{topic}"), &format!("<b>{title}</b>{}", part.html()));
    Composition::new(Patch::Morph(fragment), vec![Part::Leaf(Patch::Morph(part))])
}

/// A card of a topic: `w` with the leaf `r`, the list `q` of items `z`, and the inner component `n` with the leaf `o`.
pub(super) fn card(topic: usize) -> impl Strategy<Value = Composition> {
    let items = (Just(vec![0, 1, 2, 3]).prop_shuffle(), 0..=4usize, 0..4u8);
    // Mostly in one order and with one title, so that the shell often stands.
    let order = prop_oneof![3 => (Just(vec![0, 1, 2, 3]), 0..=4usize, 0..4u8), 1 => items];
    let title = prop_oneof![4 => Just(0u8), 1 => 0..3u8];
    (
        title,
        prop::option::of(0..3u8),
        order,
        prop::option::of((title_of_inner(), 0..3u8)),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
    )
        .prop_map(move |(title, leaf_state, (order, count, seed), nested, is_upsert, has_end)| {
            let mut parts = Vec::new();
            let mut html = format!("<b>{title}</b>");
            if let Some(state) = leaf_state {
                let part = leaf(&format!("r{topic}"), state);
                html += part.html();
                parts.push(Part::Leaf(Patch::Morph(part)));
            }
            html = html + "<ul id=\"q" + &topic.to_string() + "\">";
            for n in order.into_iter().take(count) {
                let part = any_item(topic, n, seed % 2 + u8::try_from(n % 2).unwrap());
                html += part.patch().fragment().unwrap().html();
                parts.push(part);
            }
            html += if has_end { "<li></li></ul>" } else { "</ul>" };
            if let Some((title, state)) = nested {
                let inner = inner(topic, title, state);
                html += inner.whole.fragment().unwrap().html();
                parts.push(Part::Whole(inner));
            }
            let fragment = branch(&format!("w{topic}"), &html);
            let whole = if is_upsert { Patch::Upsert { list: id(&format!("m{topic}")), fragment } } else { Patch::Morph(fragment) };
            Composition::new(whole, parts)
        })
}

fn title_of_inner() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(0u8), 1 => 0..3u8]
}

/// A patch of something inside the card, published by itself.
pub(super) fn inside(topic: usize) -> impl Strategy<Value = Patch> {
    prop_oneof![
        3 => (0..3usize, 0..3u8).prop_map(move |(n, state)| item(topic, n, state)),
        2 => (0..3usize, 0..3u8).prop_map(move |(n, state)| Patch::Replace(leaf(&item_id(topic, n), state))),
        2 => (0..4usize).prop_map(move |n| Patch::remove(id(&item_id(topic, n)))),
        1 => (0..3u8).prop_map(move |state| Patch::Morph(leaf(&format!("r{topic}"), state))),
        1 => (0..3u8).prop_map(move |state| Patch::Morph(leaf(&format!("o{topic}"), state))),
        1 => (0..3usize, 0..3u8, prop::bool::ANY).prop_map(move |(n, state, is_last)| {
            let position = if is_last { Position::LastChild } else { Position::FirstChild };
            Patch::Insert { position, anchor: id(&format!("q{topic}")), fragment: leaf(&item_id(topic, n), state) }
        }),
        1 => (0..3usize, 1..3usize, 0..3u8, prop::bool::ANY).prop_map(move |(n, by, state, is_before)| {
            let position = if is_before { Position::Before } else { Position::After };
            Patch::Insert { position, anchor: id(&item_id(topic, (n + by) % 3)), fragment: leaf(&item_id(topic, n), state) }
        }),
        1 => Just(Patch::remove(id(&format!("r{topic}")))),
        1 => (0..2u8).prop_map(move |which| Patch::remove(id(&if which == 0 { format!("w{topic}") } else { format!("n{topic}") }))),
    ]
}
