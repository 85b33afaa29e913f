//! How a page takes a frame: as the generation of htmx does that it is for.

use scraper::ElementRef;
use serde_json::Value;

use crate::dialect::Htmx;
use crate::html::patch::Patch;
use crate::message::cursor::{Cursor, Epoch, Version};
use crate::message::envelope::{Delivery, Envelope, Replay};
use crate::message::topic::Topic;
use crate::testing::dom::{Dom, NodeId};
use crate::testing::page::{Failure, Page};
use crate::testing::show::distance;
use crate::testing::swap::{Style, Swap, name_of};

impl Page {
    pub(super) fn try_apply(&mut self, frame: &str) -> Result<(), Failure> {
        if let Some(reason) = frame.strip_prefix("<!--htmx-ws! ") {
            self.reload = Some(reason.split("-->").next().unwrap_or_default().to_owned());
            return Ok(());
        }
        if frame.starts_with('{') {
            return self.hear(frame);
        }
        let parsed = Dom::frame(frame);
        let pieces = self.read(&parsed, frame).map_err(|why| format!("{why}\n{}", self.context(frame)))?;
        let done = if self.htmx == Htmx::V4 { self.take_at_once(&pieces) } else { self.take_in_turn(&pieces) };
        done.map_err(|why| format!("{why}\n{}", self.context(frame)))?;
        self.check_ids().map_err(|why| format!("{why}\n  it came with\n    {frame}"))
    }

    /// Of an event, which no part of the document is.
    fn hear(&mut self, frame: &str) -> Result<(), Failure> {
        let mut event: Value = serde_json::from_str(frame).map_err(|error| format!("a frame is no JSON: {error}\n    {frame}"))?;
        match event["event"].take() {
            Value::String(name) => self.events.push((name, event["detail"].take())),
            _ => return Err(format!("a JSON frame has no `event`: no page does anything with it\n    {frame}")),
        }
        Ok(())
    }

    /// What the elements of a frame are to do.
    fn read<'a>(&mut self, parsed: &'a Dom, frame: &str) -> Result<Vec<(Swap, ElementRef<'a>)>, Failure> {
        let mut pieces = Vec::new();
        for node in parsed.top() {
            if node.value().as_text().is_some_and(|text| !text.trim().is_empty()) {
                return Err("text at the top of a frame goes nowhere".to_owned());
            }
            let Some(element) = ElementRef::wrap(node) else { continue };
            let Some(oob) = element.attr("hx-swap-oob") else {
                return Err(format!("`<{}>` at the top of a frame has no `hx-swap-oob`", element.value().name()));
            };
            self.leave(&element);
            pieces.push((Swap::parse(oob, element.value().id(), self.htmx)?, element));
        }
        if frame.matches(" hx-swap-oob=\"").count() > pieces.len() {
            return Err("a parser loses a part of this frame: parts of tables stand in frames of their own".to_owned());
        }
        Ok(pieces)
    }

    /// A browser goes where such an element says as soon as it is in the page.
    fn leave(&mut self, element: &ElementRef<'_>) {
        let refresh = element.child_elements().find(|child| child.attr("http-equiv") == Some("refresh"));
        let content = refresh.and_then(|meta| meta.attr("content"));
        if let Some((_, url)) = content.and_then(|content| content.split_once(";url=")) {
            self.destination = Some(url.to_owned());
        }
    }

    /// htmx 4: all targets are resolved before anything changes.
    fn take_at_once(&mut self, pieces: &[(Swap, ElementRef<'_>)]) -> Result<(), Failure> {
        let mut resolved = Vec::new();
        for (swap, element) in pieces {
            resolved.push((self.targets(swap)?, swap, element));
        }
        let inserted = |id: &str| resolved.iter().any(|(targets, swap, _)| swap.absent() == Some(id) && !targets.is_empty());
        for (targets, swap, _) in &resolved {
            let is_there_now = swap.absent().is_none() && swap.id().is_some_and(inserted);
            if targets.is_empty() && !is_there_now {
                self.excuse(swap)?;
            }
        }
        for (targets, swap, element) in resolved {
            self.take(swap, &targets, *element);
        }
        Ok(())
    }

    /// htmx 2: one after the other.
    fn take_in_turn(&mut self, pieces: &[(Swap, ElementRef<'_>)]) -> Result<(), Failure> {
        for (swap, element) in pieces {
            let targets = self.targets(swap)?;
            if targets.is_empty() {
                self.excuse(swap)?;
            }
            self.take(swap, &targets, *element);
        }
        Ok(())
    }

    fn targets(&self, swap: &Swap) -> Result<Vec<NodeId>, Failure> {
        Ok(self.dom.select(&swap.selector()?).iter().map(|element| element.id()).collect())
    }

    /// Whether it is as it should be that the page lacks the target.
    fn excuse(&self, swap: &Swap) -> Result<(), Failure> {
        let has = |id: &str| !self.dom.with_id(id).is_empty();
        let id = swap.id().unwrap_or(&swap.target);
        let is_normal = match swap.style {
            Style::None => true,
            // A repetition; or the second of two elements, which is there only where the first one was.
            Style::Delete => self.known.contains(id),
            _ => swap.absent().is_some_and(has),
        };
        if is_normal || self.is_lenient {
            return Ok(());
        }
        let like =
            self.dom.ids().into_keys().filter(|other| distance(id, other) <= 2).map(|other| format!("`#{other}`")).collect::<Vec<_>>();
        let hint = if like.is_empty() { String::new() } else { format!("; did you mean {}?", like.join(" or ")) };
        Err(format!("the page has no `#{id}`, which {} is to {}{hint}", name_of(self.htmx), swap.style.verb()))
    }

    fn take(&mut self, swap: &Swap, targets: &[NodeId], element: ElementRef<'_>) {
        for target in targets {
            let own = self.dom.adopt(*element);
            let nodes = if swap.is_wrapper { self.dom.children(own) } else { vec![own] };
            self.dom.preserve(&nodes);
            self.dom.swap(swap.style, *target, &nodes);
        }
    }

    fn context(&self, frame: &str) -> String {
        format!("  it came with\n    {frame}\n{}", self.show_body())
    }
}

/// The frames that a page gets for a patch.
pub(super) fn frames(htmx: Htmx, patch: Patch) -> Vec<String> {
    let Ok(topic) = Topic::new("testing") else { return Vec::new() };
    let [from, to] = [0, 1].map(|version| Cursor::new(Epoch(0), Version(version)));
    let deliveries = vec![Delivery { patch: patch.into(), place: Version(1), is_fence: false, origin: None }];
    let envelope = Envelope::new(topic, from, Replay { deliveries, to, end: Version(1), is_part: false });
    envelope.frames(htmx).iter().map(|frame| String::from_utf8_lossy(&frame.text).into_owned()).collect()
}
