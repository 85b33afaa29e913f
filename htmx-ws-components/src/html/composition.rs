//! A component that is made of components: its shell, and each part.

use crate::html::dom_id::DomId;
use crate::html::patch::Patch;

/// A component with its parts taken apart, so that a publish sends no more of it than what changed.
///
/// ```
/// use htmx_ws_components::{Component, Hub, Parts, Nesting, DomId, ProgressBar};
/// use maud::{Render, html};
///
/// #[derive(ProgressBar)]
/// #[component(id = "job-{job}-progress")]
/// struct Progress { job: u32, #[progress(value)] percent: u8 }
///
/// struct Card { title: &'static str, progress: Progress }
///
/// impl Component for Card {
///     const NESTING: Nesting = Nesting::Branch;
///     fn id(&self) -> DomId { DomId::new("card").unwrap() }
///     fn render_to(&self, buffer: &mut String) {
///         html! { div { h2 { (self.title) } (self.progress) } }.render_to(buffer);
///     }
///     fn parts(&self, parts: &mut Parts) { parts.add(&self.progress); }
/// }
///
/// let hub = Hub::new();
/// let card = |percent| Card { title: "Upload", progress: Progress { job: 7, percent } };
/// hub.publish("jobs", &card(1));
/// // From now on only the progress bar goes over the wire.
/// assert!(hub.publish("jobs", &card(2)).outcome()?.is_change());
/// assert!(!hub.publish("jobs", &card(2)).outcome()?.is_change());
/// # Ok::<(), htmx_ws_components::PublishError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Composition {
    /// The patch that carries everything at once.
    pub(crate) whole: Patch,
    /// The markup without the parts: equal for two values that differ in their parts only.
    pub(crate) shell: String,
    pub(crate) parts: Vec<Part>,
    /// The parts that are items of a list inside, in their order.
    pub(crate) lists: Vec<List>,
}

/// A component inside of another.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Leaf(Patch),
    Whole(Composition),
}

/// What a list inside of a component holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) id: DomId,
    pub(crate) items: Vec<DomId>,
}

impl Part {
    /// The patch that carries the whole part.
    pub(crate) fn patch(&self) -> &Patch {
        match self {
            Self::Leaf(patch) => patch,
            Self::Whole(composition) => &composition.whole,
        }
    }
}

impl Composition {
    /// How many elements it has that are published by themselves, with itself.
    pub(crate) fn count(&self) -> u64 {
        let of = |part: &Part| match part {
            Part::Leaf(_) => 1,
            Part::Whole(composition) => composition.count(),
        };
        1 + self.parts.iter().map(of).sum::<u64>()
    }

    /// Takes `whole` apart. A part that does not stand in its markup is left out: no page shows it.
    pub(crate) fn new(whole: Patch, parts: Vec<Part>) -> Self {
        let html = whole.fragment().map_or("", |fragment| fragment.html());
        let mut shown: Vec<(usize, usize, Part)> = parts
            .into_iter()
            .filter_map(|part| {
                let text = part.patch().fragment()?.html();
                let start = html.find(text)?;
                Some((start, start + text.len(), part))
            })
            .collect();
        shown.sort_by_key(|(start, ..)| *start);
        let mut shell = Shell { html, text: String::with_capacity(html.len()), copied: 0, lists: Vec::new() };
        let ends: Vec<usize> = run_ends(html, &shown);
        for ((start, end, part), run_end) in shown.iter().zip(ends) {
            shell.leave_out(*start, *end, run_end, part.patch());
        }
        shell.text.push_str(&html[shell.copied..]);
        let Shell { text, lists, .. } = shell;
        Self { shell: text, lists, parts: shown.into_iter().map(|(_, _, part)| part).collect(), whole }
    }
}

/// For each part the end of the run of list items that it stands in: the same list, nothing but white space in between.
fn run_ends(html: &str, shown: &[(usize, usize, Part)]) -> Vec<usize> {
    let mut ends: Vec<usize> = shown.iter().map(|(_, end, _)| *end).collect();
    for index in (1..shown.len()).rev() {
        let ((_, end, part), (start, _, next)) = (&shown[index - 1], &shown[index]);
        let is_one_list = list_of(part.patch()).is_some() && list_of(part.patch()) == list_of(next.patch());
        if is_one_list && html.get(*end..*start).is_some_and(|between| between.trim().is_empty()) {
            ends[index - 1] = ends[index];
        }
    }
    ends
}

fn list_of(patch: &Patch) -> Option<&DomId> {
    match patch {
        Patch::Upsert { list, .. } => Some(list),
        _ => None,
    }
}

/// The markup, while the parts are taken out of it.
struct Shell<'a> {
    html: &'a str,
    text: String,
    copied: usize,
    lists: Vec<List>,
}

impl Shell<'_> {
    fn leave_out(&mut self, start: usize, end: usize, run_end: usize, patch: &Patch) {
        // Parts that overlap are one inside the other: the inner one is part of that.
        let Some(before) = self.html.get(self.copied..start) else { return };
        // Items at the end of their list come and go without the shell: a new one is appended where the markup has it as well.
        let Some(id) = patch.id() else { return };
        let list = list_of(patch).filter(|_| self.html[run_end..].trim_start().starts_with("</"));
        if let Some(list) = list {
            self.text.push_str(before.trim_end());
            match self.lists.last_mut().filter(|last| last.id == *list) {
                Some(last) => last.items.push(id.clone()),
                None => self.lists.push(List { id: list.clone(), items: vec![id.clone()] }),
            }
        } else {
            self.text.push_str(before);
            // No text of a page has this character.
            self.text.push('\0');
            self.text.push_str(id.as_str());
            self.text.push('\0');
        }
        self.copied = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::fragment::{Fragment, Nesting};

    fn id(name: &str) -> DomId {
        DomId::new(name).unwrap()
    }

    fn leaf(name: &str, state: u8) -> Fragment {
        Fragment::new(id(name), format!("<i>{state}</i>"), Nesting::Leaf).unwrap()
    }

    fn item(name: &str, state: u8) -> Part {
        Part::Leaf(Patch::Upsert { list: id("list"), fragment: leaf(name, state) })
    }

    fn compose(before: &str, parts: Vec<Part>, after: &str) -> Composition {
        let inner: Vec<&str> = parts.iter().map(|part| part.patch().fragment().unwrap().html()).collect();
        let html = format!("<div>{before}{}{after}</div>", inner.join("\n"));
        Composition::new(Patch::Morph(Fragment::new(id("w"), html, Nesting::Branch).unwrap()), parts)
    }

    #[test]
    fn the_shell_is_the_same_whatever_its_parts_show() {
        let part = |state| vec![Part::Leaf(Patch::Morph(leaf("a", state)))];
        assert_eq!(compose("x", part(1), "y").shell, "<div id=\"w\">x\0a\0y</div>");
        assert_eq!(compose("x", part(1), "y").shell, compose("x", part(2), "y").shell);
        assert_ne!(compose("x", part(1), "y").shell, compose("z", part(1), "y").shell);
    }

    #[test]
    fn items_at_the_end_of_their_list_are_no_part_of_the_shell() {
        let list = |items: Vec<Part>| compose("<ul id=\"list\">", items, "</ul>");
        let (none, two) = (list(vec![]), list(vec![item("a", 1), item("b", 1)]));
        assert_eq!(none.shell, two.shell);
        assert_eq!(two.lists, [List { id: id("list"), items: vec![id("a"), id("b")] }]);
        assert_eq!(two.whole.fragment().unwrap().ids(), ["w", "list", "a", "b"].map(id));
    }

    #[test]
    fn items_in_front_of_something_else_are() {
        let list = |items: Vec<Part>| compose("<ul id=\"list\">", items, "<li>more</li></ul>");
        assert_ne!(list(vec![]).shell, list(vec![item("a", 1)]).shell);
        assert!(list(vec![item("a", 1)]).lists.is_empty());
    }

    #[test]
    fn a_part_that_is_not_shown_is_none() {
        let whole = Patch::Morph(Fragment::new(id("w"), "<div></div>".to_owned(), Nesting::Branch).unwrap());
        assert!(Composition::new(whole, vec![item("a", 1)]).parts.is_empty());
    }
}
