//! A random component with parts: a leaf, a list of items, and a component with a part of its own.

use std::fmt;

use crate::html::composition::{Composition, Part};
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::{Patch, Position};
use crate::model::step::{Digits, id, leaf};

/// A card of a topic: `w` with the leaf `r`, the list `q` of items `z`, and the inner component `n` with the leaf `o`.
#[derive(Clone, Copy)]
pub(super) struct Card {
    pub(super) topic: usize,
    title: usize,
    leaf: Option<usize>,
    /// The items in their order; of them the first `count` are there.
    order: [usize; 4],
    count: usize,
    seed: usize,
    /// The title of the inner component, and the state of its part.
    inner: Option<(usize, usize)>,
    is_upsert: bool,
    /// Whether the list ends with something else than its items.
    has_end: bool,
}

impl Card {
    pub(super) fn new(topic: usize, digits: &mut Digits) -> Self {
        // Mostly in one order and with one title, so that the shell often stands.
        let title = |digits: &mut Digits| if digits.is_one_in(5) { digits.below(3) } else { 0 };
        Self {
            topic,
            title: title(digits),
            leaf: digits.maybe(3),
            order: if digits.is_one_in(4) { permutation(digits) } else { [0, 1, 2, 3] },
            count: digits.below(5),
            seed: digits.below(2),
            inner: digits.maybe(3).map(|state| (title(digits), state)),
            is_upsert: digits.is_one_in(5),
            has_end: digits.is_one_in(5),
        }
    }

    pub(super) fn compose(&self) -> Composition {
        let topic = self.topic;
        let mut parts = Vec::with_capacity(6);
        let mut html = format!("<b>{}</b>", self.title);
        if let Some(state) = self.leaf {
            let part = leaf(&format!("r{topic}"), state);
            html += part.html();
            parts.push(Part::Leaf(Patch::Morph(part)));
        }
        html = html + "<ul id=\"q" + &topic.to_string() + "\">";
        for n in &self.order[..self.count] {
            let part = item_part(topic, *n, self.seed + n % 2);
            html += part.patch().fragment().unwrap().html();
            parts.push(part);
        }
        html += if self.has_end { "<li></li></ul>" } else { "</ul>" };
        if let Some((title, state)) = self.inner {
            let part = leaf(&format!("o{topic}"), state);
            let fragment = branch(&format!("n{topic}"), &format!("<b>{title}</b>{}", part.html()));
            html += fragment.html();
            parts.push(Part::Whole(Composition::new(Patch::Morph(fragment), vec![Part::Leaf(Patch::Morph(part))])));
        }
        let fragment = branch(&format!("w{topic}"), &html);
        let whole = if self.is_upsert { Patch::Upsert { list: id(&format!("m{topic}")), fragment } } else { Patch::Morph(fragment) };
        Composition::new(whole, parts)
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "card w{} title={}", self.topic, self.title)?;
        self.leaf.map_or(Ok(()), |state| write!(f, " r={state}"))?;
        write!(f, " q=")?;
        f.debug_list().entries(self.order[..self.count].iter().map(|n| (*n, self.seed + n % 2))).finish()?;
        self.inner.map_or(Ok(()), |(title, state)| write!(f, " n={title} o={state}"))?;
        write!(f, "{}{}", if self.is_upsert { " upsert" } else { "" }, if self.has_end { " end" } else { "" })
    }
}

/// The four items in some order.
fn permutation(digits: &mut Digits) -> [usize; 4] {
    let mut order = [0, 1, 2, 3];
    for last in (1..4usize).rev() {
        order.swap(last, digits.below(last + 1));
    }
    order
}

fn branch(name: &str, inside: &str) -> Fragment {
    Fragment::new(id(name), format!("<div>{inside}</div>"), Nesting::Branch).unwrap()
}

/// The ids of the items that the card's list may hold.
fn item_id(topic: usize, n: usize) -> String {
    format!("z{topic}{n}")
}

/// An item in its list.
fn item(topic: usize, n: usize, state: usize) -> Patch {
    Patch::Upsert { list: id(&format!("q{topic}")), fragment: leaf(&item_id(topic, n), state) }
}

/// The last item is a component with a part.
fn item_part(topic: usize, n: usize, state: usize) -> Part {
    if n < 3 {
        return Part::Leaf(item(topic, n, state));
    }
    let part = leaf(&format!("v{topic}"), state);
    let fragment = branch(&item_id(topic, n), &format!("<b>{}</b>{}", state / 2, part.html()));
    let whole = Patch::Upsert { list: id(&format!("q{topic}")), fragment };
    Part::Whole(Composition::new(whole, vec![Part::Leaf(Patch::Morph(part))]))
}

/// A patch of something inside the card, published by itself.
pub(super) fn inside(topic: usize, digits: &mut Digits) -> Patch {
    let (n, state) = (digits.below(3), digits.below(3));
    let name = item_id(topic, n);
    match digits.below(13) {
        0..=2 => item(topic, n, state),
        3..=4 => Patch::Replace(leaf(&name, state)),
        5..=6 => Patch::remove(id(&item_id(topic, digits.below(4)))),
        7 => Patch::Morph(leaf(&format!("r{topic}"), state)),
        8 => Patch::Morph(leaf(&format!("o{topic}"), state)),
        9 => {
            let position = [Position::LastChild, Position::FirstChild][digits.below(2)];
            Patch::Insert { position, anchor: id(&format!("q{topic}")), fragment: leaf(&name, state) }
        }
        10 => {
            let position = [Position::Before, Position::After][digits.below(2)];
            let anchor = item_id(topic, (n + 1 + digits.below(2)) % 3);
            Patch::Insert { position, anchor: id(&anchor), fragment: leaf(&name, state) }
        }
        11 => Patch::remove(id(&format!("r{topic}"))),
        _ => Patch::remove(id(&format!("{}{topic}", ["w", "n"][digits.below(2)]))),
    }
}
