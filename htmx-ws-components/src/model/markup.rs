//! The markup of the model: short words, elements, and a parser of what the schedules and the dialects write.
//!
//! It is read byte by byte, without the searchers of `str`: these are generic, and slow where nothing is optimised.

use std::fmt;

/// A text of at most 16 bytes, such as an id: it is copied and compared like a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Word(u128);

impl Word {
    pub(super) fn new(text: &str) -> Self {
        assert!(text.len() <= 16, "`{text}` is longer than any word of the model");
        let mut word = 0;
        let mut shift = 128;
        for byte in text.as_bytes() {
            shift -= 8;
            word |= u128::from(*byte) << shift;
        }
        Self(word)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The byte at `index`; 0 behind the end.
    pub(super) fn at(self, index: usize) -> u8 {
        self.0.to_be_bytes()[index]
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.to_be_bytes();
        f.write_str(std::str::from_utf8(&bytes).unwrap().trim_end_matches('\0'))
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An element, with a key that tells it from every other one, as a browser's node is told from another with the same id.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) key: u64,
    pub(super) tag: Word,
    pub(super) id: Word,
    pub(super) text: Word,
    pub(super) children: Vec<Node>,
}

/// Two elements are equal that a reader cannot tell from each other.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag && self.id == other.id && self.text == other.text && self.children == other.children
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tag, id, text, children, .. } = self;
        let id = if id.is_empty() { String::new() } else { format!("#{id}") };
        write!(f, "{tag}{id}{}{text}", if text.is_empty() { "" } else { "=" })?;
        if children.is_empty() { Ok(()) } else { f.debug_list().entries(children).finish() }
    }
}

impl Node {
    pub(super) fn find(&self, id: Word) -> Option<u64> {
        for child in &self.children {
            if child.id == id {
                return Some(child.key);
            }
            if let Some(found) = child.find(id) {
                return Some(found);
            }
        }
        None
    }

    /// The second of two children of one element that have this id.
    pub(super) fn find_second(&self, id: Word) -> Option<u64> {
        let mut same = self.children.iter().filter(|child| child.id == id);
        let here = same.nth(1).map(|child| child.key);
        here.or_else(|| self.children.iter().find_map(|child| child.find_second(id)))
    }

    pub(super) fn collect_ids(&self, ids: &mut Vec<Word>) {
        for child in &self.children {
            if !child.id.is_empty() {
                ids.push(child.id);
            }
            child.collect_ids(ids);
        }
    }

    /// The markup of what stands in the element with this id.
    pub(super) fn inner_html(&self, id: Word) -> Option<String> {
        if self.id == id {
            return Some(self.children.iter().map(Self::outer_html).collect());
        }
        self.children.iter().find_map(|child| child.inner_html(id))
    }

    fn outer_html(&self) -> String {
        let Self { tag, id, text, children, .. } = self;
        let id = if id.is_empty() { String::new() } else { format!(" id=\"{id}\"") };
        format!("<{tag}{id}>{text}{}</{tag}>", children.iter().map(Self::outer_html).collect::<String>())
    }

    /// The same elements whatever the order of siblings.
    pub(super) fn without_order(&self) -> Self {
        let mut children: Vec<Node> = self.children.iter().map(Node::without_order).collect();
        children.sort_by_key(|child| (child.id, child.tag, child.text));
        Self { children, ..*self }
    }

    /// Looks for the target below this node; gives the nodes back when it is not here.
    pub(super) fn swap(&mut self, target: u64, style: &str, mut nodes: Vec<Node>) -> Option<Vec<Node>> {
        for (index, child) in self.children.iter_mut().enumerate() {
            if child.key == target {
                self.swap_child(index, style, nodes);
                return None;
            }
            if !child.children.is_empty() {
                nodes = child.swap(target, style, nodes)?;
            }
        }
        Some(nodes)
    }

    fn swap_child(&mut self, index: usize, style: &str, nodes: Vec<Node>) {
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
    }
}

/// Reads elements with quoted attributes, text in front of children.
pub(super) struct Parser<'a, 'k> {
    text: &'a str,
    at: usize,
    next_key: &'k mut u64,
}

impl<'a, 'k> Parser<'a, 'k> {
    pub(super) fn new(text: &'a str, next_key: &'k mut u64) -> Self {
        Self { text, at: 0, next_key }
    }

    pub(super) fn nodes(&mut self) -> Vec<Node> {
        let mut nodes = Vec::new();
        while self.is_at_element() {
            let (node, oob) = self.node();
            assert_eq!(oob, "", "only what stands at the top of a frame is swapped out of band");
            nodes.push(node);
        }
        nodes
    }

    /// The elements of a frame, each with how it is swapped.
    pub(super) fn frame(&mut self) -> Vec<(Node, &'a str)> {
        let mut nodes = Vec::new();
        while self.is_at_element() {
            nodes.push(self.node());
        }
        assert_eq!(self.at, self.text.len(), "{}", self.text);
        nodes
    }

    fn is_at_element(&self) -> bool {
        let bytes = self.text.as_bytes();
        self.at < bytes.len() && bytes[self.at] == b'<' && bytes[self.at + 1] != b'/'
    }

    fn node(&mut self) -> (Node, &'a str) {
        self.at += 1;
        let start = self.at;
        while !matches!(self.text.as_bytes()[self.at], b' ' | b'>') {
            self.at += 1;
        }
        let tag = &self.text[start..self.at];
        let mut node = Node { key: *self.next_key, tag: Word::new(tag), id: Word::default(), text: Word::default(), children: Vec::new() };
        let mut oob = "";
        *self.next_key += 1;
        while self.text.as_bytes()[self.at] == b' ' {
            self.at += 1;
            let name = self.until(b'=');
            self.at += 1;
            let value = self.until(b'"');
            match name {
                "id" => node.id = Word::new(value),
                "hx-swap-oob" => oob = value,
                other => panic!("no attribute `{other}` here"),
            }
        }
        self.at += 1;
        let text = self.until(b'<');
        self.at -= 1;
        node.text = Word::new(text);
        node.children = self.nodes();
        let end = self.at + 2 + tag.len();
        assert_eq!(&self.text[self.at + 2..end], tag, "{}", self.text);
        self.at = end + 1;
        (node, oob)
    }

    /// What stands before the next `end`, which is passed.
    fn until(&mut self, end: u8) -> &'a str {
        let start = self.at;
        let bytes = self.text.as_bytes();
        while bytes[self.at] != end {
            self.at += 1;
        }
        self.at += 1;
        &self.text[start..self.at - 1]
    }
}
