//! One topic, looked at closely: its numbers, what its pages were sent last, and what that looks like.

use std::time::{Duration, Instant};

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use crate::components::component::Component;
use crate::components::log_tail::LogTail;
use crate::components::stat::Stat;
use crate::components::status::Tone;
use crate::html::dom_id::{DomId, InvalidDomId};
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::hub::look::Recent;
use crate::hub::stats::TopicStats;
use crate::inspector::page::STYLES;
use crate::inspector::table::id;
use crate::inspector::topics::States;
use crate::inspector::words::{self, Grouped};
use crate::message::cursor::Version;
use crate::message::topic::Topic;
use crate::web::assets;
use crate::web::hub::Hub;

/// Frames that a page keeps.
const LINES: usize = 60;

/// Letters of a frame that are shown: enough to know it by.
const SHOWN_CHARS: usize = 600;

/// Fragments of a preview, and bytes of them: it is loaded anew whenever something changes.
const PREVIEWED: usize = 40;
const PREVIEWED_BYTES: usize = 64 << 10;

/// The least time between two previews, so that one can be looked at.
const PREVIEW_INTERVAL: Duration = Duration::from_secs(2);

pub(super) struct Watch {
    pub(super) topic: Topic,
    tail: LogTail,
    /// The version up to which the tail has taken what was retained.
    seen: Version,
    preview: Preview,
    drawn: Instant,
    /// When somebody last had to do with it.
    pub(super) wanted: Instant,
}

impl Watch {
    pub(super) fn new(topic: Topic, watched: &Hub, base: &str) -> Result<Self, InvalidDomId> {
        let mut tail = LogTail::new("wire", "What the pages are sent", LINES)?.quiet();
        let recent = watched.topics().recent(&topic, Version(0), LINES, watched.htmx());
        for frame in &recent {
            // Part of the page from the start.
            let _ = take(&mut tail, frame);
        }
        let now = Instant::now();
        let seen = recent.last().map(|frame| frame.version).unwrap_or_default();
        let preview = Preview::of(&watched.topics().retained(&topic, PREVIEWED), base);
        Ok(Self { topic, tail, seen, preview, drawn: now, wanted: now })
    }

    /// Everything that has changed since the last time, for those who look.
    pub(super) fn publish(&mut self, watched: &Hub, own: &Hub, view: &str, base: &str) {
        if let Some(stats) = watched.topics().stats(&self.topic) {
            own.publish(view, &States::of(&stats));
            for stat in facts(&stats) {
                own.publish(view, &stat);
            }
        }
        let recent = watched.topics().recent(&self.topic, self.seen, LINES, watched.htmx());
        for patch in recent.iter().flat_map(|frame| take(&mut self.tail, frame)) {
            own.publish(view, &patch);
        }
        self.seen = recent.last().map_or(self.seen, |frame| frame.version);
        if self.drawn.elapsed() >= PREVIEW_INTERVAL {
            self.drawn = Instant::now();
            self.preview = Preview::of(&watched.topics().retained(&self.topic, PREVIEWED), base);
        }
        own.publish(view, &self.preview);
    }

    /// The tail, whole: for pages that know another one.
    pub(super) fn begin(&self, own: &Hub, view: &str) {
        own.publish(view, &self.tail);
    }

    pub(super) fn markup(&self, stats: &TopicStats) -> Markup {
        html! {
            section class="card" aria-label="Numbers" { div class="hw-stats" { @for fact in facts(stats) { (fact) } } }
            div class="halves" {
                section class="card wire" aria-labelledby="wire-heading" {
                    header { h2 id="wire-heading" { "On the wire" } p class="hint" { "Looked at twice a second: of what changes more often, the newest." } }
                    (self.tail)
                }
                section class="card rendered" aria-labelledby="preview-heading" {
                    header { h2 id="preview-heading" { "Rendered" } p class="hint" { "What is retained, with the kit's own style sheet and without scripts." } }
                    (self.preview)
                }
            }
        }
    }
}

fn facts(topic: &TopicStats) -> [Stat; 6] {
    let (figure, unit) = words::bytes(words::float(topic.bytes() as u64));
    [
        Stat::new(id("fact-readers"), "Readers", Grouped(topic.readers() as u64)),
        Stat::new(id("fact-version"), "Version", Grouped(topic.version().get())),
        Stat::new(id("fact-floor"), "Reaches back to", Grouped(topic.floor().get())),
        Stat::new(id("fact-entries"), "Entries", Grouped(topic.entries() as u64)),
        Stat::new(id("fact-bytes"), "Retained", figure).unit(unit),
        Stat::new(id("fact-changed"), "Last change", words::ago(topic.unchanged_for())),
    ]
}

/// The frames of a change, a line each.
fn take(tail: &mut LogTail, recent: &Recent) -> Vec<Patch> {
    let (verb, tone) = verb(&recent.patch);
    let line = |frame: &bytes::Bytes| {
        let text = String::from_utf8_lossy(frame);
        tail.push(shown(&text), |line| line.time(recent.version).level(verb, tone))
    };
    recent.frames.iter().flat_map(line).collect()
}

/// The beginning of a text, and how long it is where that is not all.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{} … {} in all", &text[..end], words::size(text.len())),
        None => text.to_owned(),
    }
}

fn verb(patch: &Patch) -> (&'static str, Tone) {
    match patch {
        Patch::Replace(_) => ("replace", Tone::Info),
        Patch::Morph(_) => ("morph", Tone::Info),
        Patch::Upsert { .. } => ("upsert", Tone::Success),
        Patch::Insert { .. } => ("insert", Tone::Success),
        Patch::Update { .. } => ("update", Tone::Info),
        Patch::Remove(_) => ("remove", Tone::Warning),
        Patch::Title(_) => ("title", Tone::Neutral),
        Patch::Event(_) => ("event", Tone::Neutral),
        Patch::Refresh => ("refresh", Tone::Warning),
        Patch::Redirect(_) => ("redirect", Tone::Warning),
    }
}

/// What fragments look like, in a document of their own: no script runs in it, and none of its ids is one of the page's.
struct Preview {
    document: String,
}

impl Preview {
    fn of(retained: &[std::sync::Arc<Patch>], base: &str) -> Self {
        let mut room = PREVIEWED_BYTES;
        let fits = |fragment: &&Fragment| {
            let fits = fragment.html().len() <= room;
            room = room.saturating_sub(fragment.html().len());
            fits
        };
        // The newest first, as long as there is room for them.
        let mut shown: Vec<&Fragment> = retained.iter().rev().filter_map(|patch| patch.fragment()).take_while(fits).collect();
        shown.reverse();
        let markup = html! {
            (DOCTYPE)
            html lang="en" class="preview" {
                head {
                    meta charset="utf-8";
                    meta name="color-scheme" content="light dark";
                    title { "Preview" }
                    link rel="stylesheet" href={ (base) "/live/" (assets::STYLES.name) };
                    link rel="stylesheet" href={ (base) "/live/" (STYLES.name) };
                }
                body {
                    @for group in shown.chunk_by(|one, other| around(one.tag()) == around(other.tag())) {
                        @let (before, after) = around(group[0].tag());
                        (PreEscaped(before)) @for fragment in group { (PreEscaped(fragment.html())) } (PreEscaped(after))
                    }
                    @if shown.is_empty() { p { "Nothing that can be shown." } }
                }
            }
        };
        Self { document: markup.0 }
    }
}

/// What has to stand around an element of this name.
fn around(tag: &str) -> (&'static str, &'static str) {
    match tag {
        "tr" => ("<table class=\"hw-table\"><tbody>", "</tbody></table>"),
        "td" | "th" => ("<table class=\"hw-table\"><tbody><tr>", "</tr></tbody></table>"),
        "tbody" | "thead" | "tfoot" => ("<table class=\"hw-table\">", "</table>"),
        "li" => ("<ol class=\"hw-timeline hw-log-lines\">", "</ol>"),
        "option" | "optgroup" => ("<select>", "</select>"),
        _ => ("<div>", "</div>"),
    }
}

impl Component for Preview {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        id("preview")
    }

    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&html! { iframe id="preview" title="What is retained, rendered" sandbox="" srcdoc=(self.document) {} }.0);
    }
}

impl Render for Preview {
    fn render_to(&self, buffer: &mut String) {
        Component::render_to(self, buffer);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_preview_is_an_attribute_that_its_content_cannot_end() {
        let wild = Fragment::new(id("x"), "<p title='\"'>\"><script>alert(1)</script></p>".to_owned(), Nesting::Leaf).unwrap();
        let preview = Preview::of(&[Arc::new(Patch::Replace(wild))], "");
        let html = preview.render().0;
        assert!(html.starts_with("<iframe id=\"preview\" title=\"What is retained, rendered\" sandbox=\"\" srcdoc=\""), "{html}");
        let (_, value) = html.split_once("srcdoc=\"").unwrap();
        assert!(value.ends_with("\"></iframe>") && !value.trim_end_matches("\"></iframe>").contains(['"', '<', '>']), "{html}");
    }

    #[test]
    fn rows_and_items_get_what_they_need_around_them_and_the_newest_come_first() {
        let fragment = |tag: &str, name: &str, length: usize| {
            let html = format!("<{tag}>{}</{tag}>", "x".repeat(length));
            Arc::new(Patch::Replace(Fragment::new(id(name), html, Nesting::Leaf).unwrap()))
        };
        let document = Preview::of(&[fragment("tr", "a", 1), fragment("tr", "b", 1), fragment("li", "c", 1)], "").document;
        assert!(document.contains("<tbody><tr id=\"a\">x</tr><tr id=\"b\">x</tr></tbody></table><ol"), "{document}");
        let document =
            Preview::of(&[fragment("p", "old", 1), fragment("p", "large", PREVIEWED_BYTES), fragment("p", "new", 1)], "").document;
        assert!(document.contains("\"new\"") && !document.contains("\"large\"") && !document.contains("\"old\""));
    }

    #[test]
    fn a_long_frame_is_cut_between_letters() {
        assert_eq!(shown("é"), "é");
        let cut = shown(&"é".repeat(SHOWN_CHARS + 1));
        assert!(cut.ends_with("é … 1.2 kB in all"), "{cut}");
    }
}
