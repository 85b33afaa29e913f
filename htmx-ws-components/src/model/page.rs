//! A page that takes patches as their definition says, and frames as each generation of htmx does.

use std::fmt::Write;

use crate::dialect::Htmx;
use crate::html::patch::{Patch, Position};

/// An element, with a key that tells it from every other one, as a browser's node is told from another with the same id.
#[derive(Debug, Clone)]
struct Node {
    key: u64,
    tag: String,
    id: Option<String>,
    oob: Option<String>,
    text: String,
    children: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(super) struct Page {
    body: Node,
    title: String,
    /// The events that the page's script has seen.
    events: Vec<String>,
    next_key: u64,
}

impl Page {
    pub(super) fn new(html: &str) -> Self {
        let mut next_key = 0;
        let children = Parser { rest: html, next_key: &mut next_key }.nodes();
        let body = Node { key: u64::MAX, tag: "body".into(), id: None, oob: None, text: String::new(), children };
        Self { body, title: String::new(), events: Vec::new(), next_key }
    }

    /// The page as text, without keys, and what its script was told.
    pub(super) fn html(&self) -> String {
        // Those of two topics have no order between them.
        let mut events = self.events.clone();
        events.sort_by_key(|event| event.split_once(',').map(|(name, _)| name.to_owned()));
        let mut html = format!("{} {}\n", self.title, events.join(" "));
        self.body.write(&mut html);
        html
    }

    /// Every id that stands in the page twice.
    pub(super) fn duplicate_ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        self.body.collect_ids(&mut ids);
        ids.sort();
        ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect()
    }

    /// What the patch means, whoever carries it.
    pub(super) fn apply(&mut self, patch: &Patch) {
        let present = patch.id().and_then(|id| self.find(id.as_str()));
        match patch {
            Patch::Replace(fragment) | Patch::Morph(fragment) => self.swap(present, "outerHTML", fragment.html()),
            Patch::Upsert { list, fragment } => match present {
                Some(_) => self.swap(present, "outerHTML", fragment.html()),
                None => self.swap(self.find(list.as_str()), "beforeend", fragment.html()),
            },
            Patch::Remove(_) => self.swap(present, "delete", ""),
            Patch::Update { html, .. } => self.swap(present, "innerHTML", html),
            Patch::Insert { position, anchor, fragment } if present.is_none() => {
                let style = match position {
                    Position::LastChild => "beforeend",
                    Position::FirstChild => "afterbegin",
                    Position::Before => "beforebegin",
                    Position::After => "afterend",
                };
                self.swap(self.find(anchor.as_str()), style, fragment.html());
            }
            Patch::Title(title) => title.as_ref().clone_into(&mut self.title),
            Patch::Event(event) => self.events.push(event.members().to_owned()),
            Patch::Insert { .. } | Patch::Refresh | Patch::Redirect(_) => {}
        }
    }

    /// What this generation makes of a frame: htmx 2 one element after the other, htmx 4 resolves all targets first.
    pub(super) fn receive(&mut self, frame: &str, htmx: Htmx) {
        if let Some(json) = frame.strip_prefix('{') {
            let (_, members) = json.split_once(',').unwrap();
            self.events.push(members.strip_suffix('}').unwrap().to_owned());
            return;
        }
        let (_, html) = frame.split_once("-->").unwrap();
        let elements = self.parse(html);
        assert!(elements.iter().all(|element| element.place() == elements[0].place()), "a parser loses a part of {html}");
        let resolve = |page: &Self, element: &Node| Swap::of(element, page, htmx);
        let apply = |page: &mut Self, swap: Swap, element: &Node| {
            let mut html = String::new();
            if swap.is_stripped {
                element.write_children(&mut html);
            } else {
                element.write(&mut html);
            }
            if swap.is_title {
                page.title = html;
            } else {
                page.swap(swap.target, &swap.style, &html);
            }
        };
        match htmx {
            Htmx::V2 | Htmx::V2Morph => {
                for element in &elements {
                    let resolved = resolve(self, element);
                    apply(self, resolved, element);
                }
            }
            Htmx::V4 => {
                let resolved: Vec<_> = elements.iter().map(|element| resolve(self, element)).collect();
                for (resolved, element) in resolved.into_iter().zip(&elements) {
                    apply(self, resolved, element);
                }
            }
        }
    }

    /// The element that a selector of the dialects names: `#a`, `#a ~ #a`, or `html body:not(:has(#a)) #b`.
    fn select(&self, selector: &str) -> Option<u64> {
        if let Some(conditional) = selector.strip_prefix("html body:not(:has(#") {
            let (absent, anchor) = conditional.split_once(")) #").unwrap();
            return if self.find(absent).is_some() { None } else { self.find(anchor) };
        }
        match selector.split_once(" ~ ") {
            Some((first, second)) => {
                assert_eq!(first, second);
                self.body.find_sibling(&second[1..])
            }
            None => self.find(selector.strip_prefix('#').unwrap()),
        }
    }

    fn find(&self, id: &str) -> Option<u64> {
        self.body.find(id)
    }

    fn parse(&mut self, html: &str) -> Vec<Node> {
        Parser { rest: html, next_key: &mut self.next_key }.nodes()
    }

    fn swap(&mut self, target: Option<u64>, style: &str, html: &str) {
        let nodes = self.parse(html);
        if let Some(target) = target {
            self.body.swap(target, style, nodes);
        }
    }
}

/// What an element of a frame does.
struct Swap {
    style: String,
    target: Option<u64>,
    /// Whether it is only the wrapper of what is swapped.
    is_stripped: bool,
    /// Whether it is of the document's title.
    is_title: bool,
}

impl Swap {
    fn of(element: &Node, page: &Page, htmx: Htmx) -> Self {
        let oob = element.oob.as_deref().expect("every element of a frame is swapped out of band");
        let by_id = || page.find(element.id.as_deref().unwrap());
        let (style, target, is_stripped) = match (oob.split_once(" strip:true target:"), oob.split_once(':')) {
            (Some((style, selector)), _) => {
                assert_eq!(htmx, Htmx::V4, "only htmx 4 can strip: {oob}");
                (style, page.select(selector), true)
            }
            (None, Some((style, "html head title"))) => (style, None, true),
            (None, Some((style, selector))) => (style, page.select(selector), true),
            (None, None) => (oob, by_id(), oob == "delete"),
        };
        let morph = if htmx == Htmx::V2Morph { ["morph", "morph-wrapped"] } else { ["outerMorph"; 2] };
        let style = if style == "true" || morph.contains(&style) { "outerHTML" } else { style };
        let is_title = oob.ends_with(":html head title");
        Self { style: style.to_owned(), target, is_stripped, is_title }
    }
}

impl Node {
    /// Where a parser takes the element: foreign ones and parts of tables stand in a wrapper or among their own kind.
    fn place(&self) -> &str {
        assert_ne!(self.tag, "g", "a frame begins outside of SVG");
        if matches!(self.tag.as_str(), "tr" | "tbody") { &self.tag } else { "" }
    }

    /// The second of two children of one element that have this id.
    fn find_sibling(&self, id: &str) -> Option<u64> {
        let here = self.children.iter().filter(|child| child.id.as_deref() == Some(id)).nth(1).map(|child| child.key);
        here.or_else(|| self.children.iter().find_map(|child| child.find_sibling(id)))
    }

    fn find(&self, id: &str) -> Option<u64> {
        let here = (self.id.as_deref() == Some(id)).then_some(self.key);
        here.or_else(|| self.children.iter().find_map(|child| child.find(id)))
    }

    fn collect_ids(&self, ids: &mut Vec<String>) {
        ids.extend(self.id.clone());
        self.children.iter().for_each(|child| child.collect_ids(ids));
    }

    /// Looks for the target below this node; gives the nodes back when it is not here.
    fn swap(&mut self, target: u64, style: &str, mut nodes: Vec<Node>) -> Option<Vec<Node>> {
        let Some(index) = self.children.iter().position(|child| child.key == target) else {
            for child in &mut self.children {
                nodes = child.swap(target, style, nodes)?;
            }
            return Some(nodes);
        };
        let child = &mut self.children[index];
        match style {
            "outerHTML" => drop(self.children.splice(index..=index, nodes)),
            "delete" => drop(self.children.remove(index)),
            "innerHTML" => child.children = nodes,
            "beforeend" => child.children.extend(nodes),
            "afterbegin" => drop(child.children.splice(0..0, nodes)),
            "beforebegin" => drop(self.children.splice(index..index, nodes)),
            "afterend" => drop(self.children.splice(index + 1..=index, nodes)),
            other => panic!("no swap style `{other}`"),
        }
        None
    }

    fn write(&self, html: &mut String) {
        let tag = &self.tag;
        write!(html, "<{tag}").unwrap();
        if let Some(id) = &self.id {
            write!(html, " id=\"{id}\"").unwrap();
        }
        html.push('>');
        self.write_children(html);
        write!(html, "</{tag}>").unwrap();
    }

    fn write_children(&self, html: &mut String) {
        html.push_str(&self.text);
        self.children.iter().for_each(|child| child.write(html));
    }
}

/// Reads what the schedules and the dialects write: elements with quoted attributes, text in front of children.
struct Parser<'a> {
    rest: &'a str,
    next_key: &'a mut u64,
}

impl Parser<'_> {
    fn nodes(&mut self) -> Vec<Node> {
        let mut nodes = Vec::new();
        while self.rest.starts_with('<') && !self.rest.starts_with("</") {
            nodes.push(self.node());
        }
        nodes
    }

    fn node(&mut self) -> Node {
        let (head, rest) = self.rest[1..].split_once('>').unwrap();
        self.rest = rest;
        let mut node = Node { key: *self.next_key, tag: String::new(), id: None, oob: None, text: String::new(), children: Vec::new() };
        *self.next_key += 1;
        let (tag, mut attributes) = head.split_once(' ').unwrap_or((head, ""));
        node.tag = tag.to_owned();
        while let Some((name, behind)) = attributes.split_once("=\"") {
            let (value, behind) = behind.split_once('"').unwrap();
            match name.trim() {
                "id" => node.id = Some(value.to_owned()),
                "hx-swap-oob" => node.oob = Some(value.to_owned()),
                other => panic!("no attribute `{other}` here"),
            }
            attributes = behind;
        }
        let (text, _) = self.rest.split_at(self.rest.find('<').unwrap());
        node.text = text.to_owned();
        self.rest = &self.rest[text.len()..];
        node.children = self.nodes();
        self.rest = self.rest.strip_prefix(&format!("</{tag}>")).unwrap();
        node
    }
}
