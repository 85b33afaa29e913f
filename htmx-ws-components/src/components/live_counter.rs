//! The markup of a counter that runs: its digits roll, and a screen reader hears of it only now and then.

use std::fmt::Display;
use std::num::NonZeroU64;

use maud::{Render, html};

use crate::components::component::Component;
use crate::components::status::Tone;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;

/// A count with its name, made for values that change many times a second.
///
/// Each digit is an element of its own, which the style sheet rolls to its new place where the page is morphed. A screen reader gets the number
/// as one text instead. It is announced at every [`LiveCounter::announce_every`] only, by a polite region whose text changes no more often;
/// without that, not at all. On htmx 2, which replaces instead of morphing, digits jump, and whether a new region is announced is up to the screen reader.
///
/// ```
/// use htmx_ws_components::{DomId, LiveCounter};
///
/// let mut html = String::new();
/// LiveCounter::new(DomId::new("orders")?, "orders today", 12_345).announce_every(1_000).render_to(&mut html);
/// assert!(html.contains(r#"<span class="hw-unseen">12,345</span>"#));
/// assert!(html.contains(r#"<p class="hw-unseen" role="status">12,000 orders today</p>"#));
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCounter {
    id: DomId,
    label: String,
    count: u64,
    separator: char,
    announced: Option<NonZeroU64>,
    tone: Tone,
}

impl LiveCounter {
    /// The number `count` of what `label` says.
    pub fn new(id: impl Into<DomId>, label: impl Display, count: u64) -> Self {
        Self { id: id.into(), label: label.to_string(), count, separator: ',', announced: None, tone: Tone::default() }
    }

    /// What stands between groups of three digits, instead of a comma: `'.'`, `'\u{202f}'`.
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = separator;
        self
    }

    /// Announces the count politely whenever it passes a multiple of `step`. 0 announces nothing.
    pub fn announce_every(mut self, step: u64) -> Self {
        self.announced = NonZeroU64::new(step);
        self
    }

    /// The meaning behind the number's colour.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Writes the counter's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let number = self.grouped(self.count);
        let markup = html! {
            div id=(self.id) class="hw-counter" data-tone=(self.tone.as_str()) {
                p class="hw-counter-number" {
                    span class="hw-counter-digits" dir="ltr" aria-hidden="true" {
                        @for character in number.chars() {
                            @if character.is_ascii_digit() {
                                span class="hw-digit" data-digit=(character) { (character) }
                            } @else {
                                span class="hw-digit-separator" { (character) }
                            }
                        }
                    }
                    span class="hw-unseen" { (number) }
                }
                p class="hw-counter-label" { (self.label) }
                @if let Some(step) = self.announced {
                    p class="hw-unseen" role="status" {
                        @if let Some(passed) = passed(self.count, step) { (self.grouped(passed)) " " (self.label) }
                    }
                }
            }
        };
        buffer.push_str(&markup.0);
    }

    /// The number in groups of three digits.
    fn grouped(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() * 2);
        for (index, digit) in digits.char_indices() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(self.separator);
            }
            text.push(digit);
        }
        text
    }
}

/// The last multiple of `step` that was passed, if there was one.
fn passed(count: u64, step: NonZeroU64) -> Option<u64> {
    Some(count - count % step).filter(|passed| *passed > 0)
}

impl Component for LiveCounter {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        self.id.clone()
    }

    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Render for LiveCounter {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(count: u64) -> LiveCounter {
        LiveCounter::new(DomId::new("c").unwrap(), "<b>", count)
    }

    #[test]
    fn digits_are_grouped_by_threes() {
        let texts = [0, 12, 999, 1000, 12_345, 1_234_567].map(|count| counter(count).grouped(count));
        assert_eq!(texts, ["0", "12", "999", "1,000", "12,345", "1,234,567"]);
        assert_eq!(counter(0).separator('.').grouped(u64::MAX), "18.446.744.073.709.551.615");
    }

    #[track_caller]
    fn check_announced(count: u64, step: u64, expected: Option<&str>) {
        let html = counter(count).announce_every(step).render().into_string();
        let announced = html.split_once(r#"role="status">"#).map(|(_, behind)| behind.split_once("</p>").unwrap().0);
        assert_eq!(announced, expected);
    }

    #[test]
    fn it_is_announced_at_each_step_only() {
        check_announced(99, 100, Some(""));
        check_announced(100, 100, Some("100 &lt;b&gt;"));
        check_announced(1_199, 100, Some("1,100 &lt;b&gt;"));
        check_announced(1_199, 0, None);
    }

    #[test]
    fn a_separator_is_escaped_and_no_digit() {
        let html = counter(1_000).separator('<').render().into_string();
        assert!(html.contains(r#"data-digit="1">1</span><span class="hw-digit-separator">&lt;</span>"#), "{html}");
    }
}
