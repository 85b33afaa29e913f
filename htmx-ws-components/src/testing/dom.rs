//! The elements of a page: a tree as html5ever builds it, which swaps change.

use std::collections::BTreeMap;

use scraper::{ElementRef, Html, Node, Selector};

use crate::testing::swap::Style;

pub(super) use ego_tree::{NodeId, NodeRef};

/// The elements of a document, or of a frame.
#[derive(Debug, Clone)]
pub(super) struct Dom {
    html: Html,
}

impl Dom {
    pub(super) fn document(html: &str) -> Self {
        Self { html: Html::parse_document(html) }
    }

    /// As both generations of htmx parse a frame: in a template, which takes parts of tables as they are.
    pub(super) fn frame(html: &str) -> Self {
        Self::document(&format!("<body><template>{html}</template></body>"))
    }

    /// The nodes at the top of a frame.
    pub(super) fn top(&self) -> Vec<NodeRef<'_, Node>> {
        let template = self.html.tree.root().descendants().find(|node| node.value().is_fragment());
        template.map_or_else(Vec::new, |content| content.children().collect())
    }

    pub(super) fn root(&self) -> NodeRef<'_, Node> {
        *self.html.root_element()
    }

    fn node(&self, id: NodeId) -> Option<NodeRef<'_, Node>> {
        self.html.tree.get(id)
    }

    /// The elements of the document in its order, without those in templates, which a browser keeps apart.
    pub(super) fn elements(&self) -> Vec<ElementRef<'_>> {
        let mut elements = Vec::new();
        collect(self.root(), &mut elements);
        elements
    }

    pub(super) fn select(&self, selector: &Selector) -> Vec<ElementRef<'_>> {
        // `Html::select` goes over all nodes that there ever were, also those that have been taken out.
        self.elements().into_iter().filter(|element| selector.matches(element)).collect()
    }

    pub(super) fn with_id(&self, id: &str) -> Vec<ElementRef<'_>> {
        self.elements().into_iter().filter(|element| element.value().id() == Some(id)).collect()
    }

    /// Every id of the page, and how often it is there.
    pub(super) fn ids(&self) -> BTreeMap<String, usize> {
        let mut ids = BTreeMap::new();
        for element in self.elements() {
            if let Some(id) = element.value().id().filter(|id| !id.is_empty()) {
                *ids.entry(id.to_owned()).or_default() += 1;
            }
        }
        ids
    }

    /// A copy of a node of another tree, with all beneath it and without `hx-swap-oob`; it stands nowhere yet.
    pub(super) fn adopt(&mut self, node: NodeRef<'_, Node>) -> NodeId {
        let mut value = node.value().clone();
        if let Node::Element(element) = &mut value {
            element.attrs.retain(|(name, _)| !["hx-swap-oob", "data-hx-swap-oob"].contains(&&*name.local));
        }
        let copy = self.html.tree.orphan(value).id();
        for child in node.children() {
            let child = self.adopt(child);
            self.put(child, Place::LastIn(copy));
        }
        copy
    }

    pub(super) fn children(&self, id: NodeId) -> Vec<NodeId> {
        self.node(id).map_or_else(Vec::new, |node| node.children().map(|child| child.id()).collect())
    }

    fn parent(&self, id: NodeId) -> Option<NodeId> {
        Some(self.node(id)?.parent()?.id())
    }

    fn detach(&mut self, id: NodeId) {
        if let Some(mut node) = self.html.tree.get_mut(id) {
            node.detach();
        }
    }

    /// Moves a node there. Nothing stands beside what stands nowhere.
    fn put(&mut self, id: NodeId, place: Place) {
        let (Place::LastIn(anchor) | Place::Before(anchor)) = place;
        let has_parent = self.parent(anchor).is_some();
        let Some(mut anchor) = self.html.tree.get_mut(anchor) else { return };
        match place {
            Place::LastIn(_) => drop(anchor.append_id(id)),
            Place::Before(_) if has_parent => drop(anchor.insert_id_before(id)),
            Place::Before(_) => {}
        }
    }

    /// The node `id` stays, and becomes what `like` is, with the children of that.
    fn become_like(&mut self, id: NodeId, like: NodeId) {
        let Some(value) = self.node(like).map(|node| node.value().clone()) else { return };
        for child in self.children(id) {
            self.detach(child);
        }
        if let Some(mut node) = self.html.tree.get_mut(id) {
            *node.value() = value;
        }
        for child in self.children(like) {
            self.put(child, Place::LastIn(id));
        }
    }
}

impl Dom {
    /// What a swap of this style makes of its target.
    pub(super) fn swap(&mut self, style: Style, target: NodeId, nodes: &[NodeId]) {
        let first = self.children(target).first().copied();
        match style {
            Style::None => return,
            Style::Delete => return self.detach(target),
            // The element stays the one that it is, for what comes behind it in the same frame.
            Style::Morph if self.is_alike(target, nodes) => return self.become_like(target, nodes[0]),
            Style::Content => self.children(target).into_iter().for_each(|child| self.detach(child)),
            Style::Replace | Style::Morph | Style::Before | Style::After | Style::FirstChild | Style::LastChild => {}
        }
        let next = self.next(target);
        let parent = self.parent(target);
        let place = match (style, first, next, parent) {
            (Style::Replace | Style::Morph | Style::Before, ..) => Place::Before(target),
            (Style::FirstChild, Some(first), ..) => Place::Before(first),
            (Style::After, _, Some(next), _) => Place::Before(next),
            (Style::After, _, None, Some(parent)) => Place::LastIn(parent),
            _ => Place::LastIn(target),
        };
        for node in nodes {
            self.put(*node, place);
        }
        if matches!(style, Style::Replace | Style::Morph) {
            self.detach(target);
        }
    }

    /// Elements with `hx-preserve` stay the ones that the page has.
    pub(super) fn preserve(&mut self, nodes: &[NodeId]) {
        let new = nodes.iter().filter_map(|id| self.node(*id)).flat_map(|node| node.descendants()).filter_map(ElementRef::wrap);
        let preserved = new.filter(|element| element.attr("hx-preserve").is_some() && element.parent().is_some());
        let pairs = preserved.filter_map(|element| Some((element.id(), self.with_id(element.value().id()?).first()?.id())));
        for (new, old) in pairs.collect::<Vec<_>>() {
            self.put(old, Place::Before(new));
            self.detach(new);
        }
    }

    fn next(&self, id: NodeId) -> Option<NodeId> {
        Some(self.node(id)?.next_sibling()?.id())
    }

    /// Whether a morph keeps the element.
    fn is_alike(&self, target: NodeId, nodes: &[NodeId]) -> bool {
        let name = |id: NodeId| self.node(id).and_then(|node| Some(node.value().as_element()?.name.clone()));
        matches!(nodes, [only] if name(*only) == name(target))
    }
}

/// Where a node goes.
#[derive(Debug, Clone, Copy)]
enum Place {
    LastIn(NodeId),
    Before(NodeId),
}

fn collect<'a>(node: NodeRef<'a, Node>, elements: &mut Vec<ElementRef<'a>>) {
    elements.extend(ElementRef::wrap(node));
    for child in node.children().filter(|child| !child.value().is_fragment()) {
        collect(child, elements);
    }
}
