//! A page that takes patches as their definition says, and frames as each generation of htmx does.

use crate::dialect::Htmx;
use crate::html::patch::{Patch, Position};
use crate::model::markup::{Node, Parser, Word};

#[derive(Debug, Clone)]
pub(super) struct Page {
    body: Node,
    title: Word,
    /// What happened once: the events that the page's script was told, and the toasts that it showed. Each has a name like `e0-17`, of topic 0.
    seen: Vec<Word>,
    next_key: u64,
}

impl Page {
    pub(super) fn new(html: &str) -> Self {
        let mut next_key = 0;
        let children = Parser::new(html, &mut next_key).nodes();
        let body = Node { key: u64::MAX, tag: Word::new("body"), id: Word::default(), text: Word::default(), children };
        Self { body, title: Word::default(), seen: Vec::new(), next_key }
    }

    /// What differs between this page and `model`, if anything.
    pub(super) fn difference(&self, model: &Self) -> Option<String> {
        // Between two topics there is no order.
        let [seen, expected] = [self, model].map(|page| {
            let mut seen = page.seen.clone();
            seen.sort_by_key(|word| word.at(1));
            seen
        });
        if seen != expected {
            return Some(format!("seen was {seen:?}, not {expected:?}"));
        }
        self.difference_of_elements(model, Node::clone)
    }

    /// As [`Page::difference`], but for the order of siblings, and for what was seen more often than in `model`.
    pub(super) fn loose_difference(&self, model: &Self) -> Option<String> {
        if let Some(missed) = model.seen.iter().find(|word| !self.seen.contains(word)) {
            return Some(format!("{missed} was not seen"));
        }
        self.difference_of_elements(model, Node::without_order)
    }

    fn difference_of_elements(&self, model: &Self, body: fn(&Node) -> Node) -> Option<String> {
        if self.title != model.title {
            return Some(format!("the title is {}, not {}", self.title, model.title));
        }
        let [found, expected] = [self, model].map(|page| body(&page.body));
        (found != expected).then(|| format!("the page is\n{found:?}\nnot\n{expected:?}"))
    }

    /// Every id that stands in the page twice.
    pub(super) fn duplicate_ids(&self) -> Vec<Word> {
        let mut ids = Vec::with_capacity(64);
        self.body.collect_ids(&mut ids);
        ids.sort_unstable();
        ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
    }

    /// What stands in the element with this id.
    pub(super) fn inner_html(&self, id: &str) -> String {
        self.body.inner_html(Word::new(id)).unwrap()
    }

    /// Whether the page has what the patch is for, so that it is more than nothing.
    pub(super) fn is_concerned_by(&self, patch: &Patch) -> bool {
        let is_present = patch.id().is_some_and(|id| self.find(id.as_str()).is_some());
        match patch {
            Patch::Replace(_) | Patch::Morph(_) | Patch::Remove(_) | Patch::Update { .. } => is_present,
            Patch::Upsert { list, .. } => is_present || self.find(list.as_str()).is_some(),
            Patch::Insert { anchor, .. } => !is_present && self.find(anchor.as_str()).is_some(),
            Patch::Title(_) | Patch::Event(_) | Patch::Refresh | Patch::Redirect(_) => true,
        }
    }

    /// What the patch means, whoever carries it.
    pub(super) fn apply(&mut self, patch: &Patch) {
        let present = patch.id().and_then(|id| self.find(id.as_str()));
        match patch {
            Patch::Replace(fragment) | Patch::Morph(fragment) => self.swap_html(present, "outerHTML", fragment.html()),
            Patch::Upsert { list, fragment } => match present {
                Some(_) => self.swap_html(present, "outerHTML", fragment.html()),
                None => self.swap_html(self.find(list.as_str()), "beforeend", fragment.html()),
            },
            Patch::Remove(_) => self.swap_html(present, "delete", ""),
            Patch::Update { html, .. } => self.swap_html(present, "innerHTML", html),
            Patch::Insert { position, anchor, fragment } if present.is_none() => {
                let style = match position {
                    Position::LastChild => "beforeend",
                    Position::FirstChild => "afterbegin",
                    Position::Before => "beforebegin",
                    Position::After => "afterend",
                };
                self.swap_html(self.find(anchor.as_str()), style, fragment.html());
            }
            Patch::Title(title) => self.title = Word::new(title),
            Patch::Event(event) => self.hear(event.members()),
            Patch::Insert { .. } | Patch::Refresh | Patch::Redirect(_) => {}
        }
    }

    /// What this generation makes of a frame: htmx 2 one element after the other, htmx 4 resolves all targets first.
    pub(super) fn receive(&mut self, frame: &str, htmx: Htmx) {
        if let Some(json) = frame.strip_prefix('{') {
            let (_, members) = json.split_once(',').unwrap();
            return self.hear(members.strip_suffix('}').unwrap());
        }
        let html = &frame[frame.find("-->").unwrap() + 3..];
        let elements = Parser::new(html, &mut self.next_key).frame();
        let place = place(&elements[0].0);
        assert!(elements.iter().all(|(element, _)| self::place(element) == place), "a parser loses a part of {html}");
        match htmx {
            Htmx::V2 | Htmx::V2Morph => {
                for (element, oob) in elements {
                    let swap = Swap::of(&element, oob, self, htmx);
                    self.take(&swap, element);
                }
            }
            Htmx::V4 => {
                let swaps: Vec<_> = elements.iter().map(|(element, oob)| Swap::of(element, oob, self, htmx)).collect();
                for (swap, (element, _)) in swaps.iter().zip(elements) {
                    self.take(swap, element);
                }
            }
        }
    }

    fn take(&mut self, swap: &Swap<'_>, element: Node) {
        if swap.is_title {
            self.title = element.text;
        } else {
            self.swap(swap.target, swap.style, if swap.is_stripped { element.children } else { vec![element] });
        }
    }

    fn hear(&mut self, members: &str) {
        let (name, number) = members.strip_prefix("\"event\":\"").unwrap().split_once("\",\"detail\":").unwrap();
        self.seen.push(Word::new(&format!("{name}-{number}")));
    }

    /// The element that a selector of the dialects names: `#a`, `#a ~ #a`, or `html body:not(:has(#a)) #b`.
    fn select(&self, selector: &str) -> Option<u64> {
        if let Some(conditional) = selector.strip_prefix("html body:not(:has(#") {
            let (absent, anchor) = conditional.split_once(")) #").unwrap();
            return if self.find(absent).is_some() { None } else { self.find(anchor) };
        }
        let selector = selector.strip_prefix('#').unwrap();
        match selector.split_once(" ~ #") {
            Some((first, second)) => {
                assert_eq!(first, second);
                self.body.find_second(Word::new(second))
            }
            None => self.find(selector),
        }
    }

    fn find(&self, id: &str) -> Option<u64> {
        self.body.find(Word::new(id))
    }

    fn swap_html(&mut self, target: Option<u64>, style: &str, html: &str) {
        let nodes = Parser::new(html, &mut self.next_key).nodes();
        self.swap(target, style, nodes);
    }

    fn swap(&mut self, target: Option<u64>, style: &str, mut nodes: Vec<Node>) {
        let Some(target) = target else { return };
        // A script of the page takes a toast out again as soon as it is there. So nothing in the page says that it was shown, as where a reader closed it.
        if nodes.first().is_some_and(|node| node.id.at(0) == b't') {
            self.seen.extend(nodes.drain(..).map(|toast| toast.id));
        }
        self.body.swap(target, style, nodes);
    }
}

/// Where a parser takes the element: foreign ones and parts of tables stand in a wrapper or among their own kind.
fn place(element: &Node) -> Option<Word> {
    assert_ne!(element.tag, Word::new("g"), "a frame begins outside of SVG");
    [Word::new("tr"), Word::new("tbody")].into_iter().find(|part| *part == element.tag)
}

/// What an element of a frame does.
struct Swap<'a> {
    style: &'a str,
    target: Option<u64>,
    /// Whether it is only the wrapper of what is swapped.
    is_stripped: bool,
    /// Whether it is of the document's title.
    is_title: bool,
}

impl<'a> Swap<'a> {
    fn of(element: &Node, oob: &'a str, page: &Page, htmx: Htmx) -> Self {
        assert_ne!(oob, "", "every element of a frame is swapped out of band");
        let (style, selector) = match oob.split_once(':') {
            Some((style, selector)) => (style, Some(selector)),
            None => (oob, None),
        };
        let is_title = selector == Some("html head title");
        let (style, target, is_stripped) = match (style.strip_suffix(" strip"), selector) {
            (Some(style), Some(selector)) => {
                assert_eq!(htmx, Htmx::V4, "only htmx 4 can strip: {oob}");
                (style, page.select(selector.strip_prefix("true target:").unwrap()), true)
            }
            (None, Some(_)) if is_title => (style, None, true),
            (None, Some(selector)) => (style, page.select(selector), true),
            (_, None) => (oob, page.body.find(element.id), oob == "delete"),
        };
        let morph = if htmx == Htmx::V2Morph { ["morph", "morph-wrapped"] } else { ["outerMorph"; 2] };
        let style = if style == "true" || morph.contains(&style) { "outerHTML" } else { style };
        Self { style, target, is_stripped, is_title }
    }
}
