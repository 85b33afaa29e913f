//! The markup of a counter that runs: its digits roll, and a screen reader hears of it only now and then.

use std::fmt::{self, Display, Write};
use std::num::NonZeroU64;

use maud::Render;

use crate::components::class::classes;
use crate::components::component::Component;
use crate::components::status::Tone;
use crate::components::writer::Writer;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;

classes! {
    /// The classes of a [`LiveCounter`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, LiveCounterClasses};
    ///
    /// const COUNTER: LiveCounterClasses = LiveCounterClasses { label: Class::new("text-muted"), ..LiveCounterClasses::BUILT_IN };
    /// ```
    LiveCounterClasses {
        /// The whole.
        root: "\"" class="hw-counter",
        /// The line with the number.
        number: "><p" class="hw-counter-number" ">",
        /// The digits that are seen.
        digits: "<span" class="hw-counter-digits" " dir=\"ltr\" aria-hidden=\"true\">",
        /// A digit. `data-digit` says which.
        digit: "<span" class="hw-digit" " data-digit=\"",
        /// What stands between three digits and the next.
        separator: "<span" class="hw-digit-separator" ">",
        /// What a screen reader reads instead.
        unseen: "" class="hw-unseen",
        /// What is counted.
        label: "<p" class="hw-counter-label" ">",
    }
}

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
    classes: Option<&'static LiveCounterClasses>,
}

impl LiveCounter {
    /// The number `count` of what `label` says.
    pub fn new(id: impl Into<DomId>, label: impl Display, count: u64) -> Self {
        let (id, label) = (id.into(), label.to_string());
        Self { id, label, count, separator: ',', announced: None, tone: Tone::default(), classes: None }
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

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'static LiveCounterClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the counter's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, label, count, separator, announced, tone, classes } = self;
        let number = Grouped { number: *count, separator: *separator };
        let mut writer = Writer::new(buffer, *tone, *classes);
        writer.raw("<div id=\"").id(id).root().tone().number().digits();
        for character in number.characters() {
            if character.is_ascii_digit() {
                writer.digit().display(&character).raw("\">").display(&character).raw("</span>");
            } else {
                writer.separator().display(&character).raw("</span>");
            }
        }
        writer.raw("</span><span").unseen().raw(">").display(&number).raw("</span></p>").label().str(label).raw("</p>");
        if let Some(step) = *announced {
            writer.raw("<p").unseen().raw(" role=\"status\">");
            if let Some(passed) = passed(*count, step) {
                writer.display(&Grouped { number: passed, ..number }).raw(" ").str(label);
            }
            writer.raw("</p>");
        }
        writer.raw("</div>");
    }
}

/// A number whose digits stand in threes.
#[derive(Clone, Copy)]
struct Grouped {
    number: u64,
    separator: char,
}

impl Grouped {
    fn characters(self) -> impl Iterator<Item = char> {
        let places = self.number.checked_ilog10().unwrap_or(0);
        (0..=places).rev().flat_map(move |place| {
            let digit = char::from_digit((self.number / 10_u64.pow(place) % 10) as u32, 10);
            let separator = (place > 0 && place.is_multiple_of(3)).then_some(self.separator);
            digit.into_iter().chain(separator)
        })
    }
}

impl Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.characters().try_for_each(|character| f.write_char(character))
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
        let texts = [0, 12, 999, 1000, 12_345, 1_234_567].map(|number| Grouped { number, separator: ',' }.to_string());
        assert_eq!(texts, ["0", "12", "999", "1,000", "12,345", "1,234,567"]);
        assert_eq!(Grouped { number: u64::MAX, separator: '.' }.to_string(), "18.446.744.073.709.551.615");
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
