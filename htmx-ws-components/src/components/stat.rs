//! The markup of a stat: one figure that matters, and where it is going.

use std::fmt::Display;

use maud::Render;

use crate::components::class::classes;
use crate::components::component::Component;
use crate::components::status::Tone;
use crate::components::writer::Writer;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;

classes! {
    /// The classes of a [`Stat`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, StatClasses};
    ///
    /// const CARD: StatClasses = StatClasses { root: Class::new("card"), ..StatClasses::NONE };
    /// ```
    StatClasses {
        /// The whole.
        root: "\"" class="hw-stat",
        /// What the figure is of.
        label: "><dt" class="hw-stat-label" ">",
        /// The figure and its unit.
        figure: "</dt><dd" class="hw-stat-figure" ">",
        /// The figure.
        value: "<span" class="hw-stat-value" ">",
        /// Its unit.
        unit: " <span" class="hw-stat-unit" ">",
        /// How it has changed.
        trend: "<dd" class="hw-stat-trend" " data-trend=\"",
        /// The arrow, an `svg`.
        arrow: "\"><svg" class="hw-stat-arrow" " viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path d=\"",
        /// The word that stands for the arrow where it cannot be seen.
        word: "\"></path></svg><span" class="hw-unseen" ">",
        /// How much it has changed.
        change: "</span> <span" class="hw-stat-change" ">",
    }
}

/// A number with its name, and how it has changed.
///
/// It is a description list of its own (`<dl>`), so several stand side by side in any element; `class="hw-stats"` makes that a grid. A screen
/// reader reads the direction as a word in front of the change; the colour says whether that is good, and says nothing that the words do not.
/// The stat is no live region: it is read when asked.
///
/// ```
/// use htmx_ws_components::{DomId, Hub, Stat, Tone, Trend};
///
/// let stat = Stat::new(DomId::new("visitors")?, "Visitors", 4_213).trend(Trend::Up, "12 % since Monday").tone(Tone::Success);
/// let mut html = String::new();
/// stat.render_to(&mut html);
/// assert!(html.contains(r#"<dt class="hw-stat-label">Visitors</dt>"#));
///
/// Hub::new().publish("dashboard", &stat);
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    id: DomId,
    label: String,
    value: String,
    unit: Option<String>,
    change: Option<Change>,
    tone: Tone,
    classes: Option<&'static StatClasses>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    trend: Trend,
    text: String,
    /// What a screen reader says in front of the text.
    word: String,
}

/// Where a figure is going.
///
/// ```
/// use htmx_ws_components::Trend;
///
/// assert_eq!(Trend::Flat.as_str(), "flat");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trend {
    /// It grows.
    Up,
    /// It shrinks.
    Down,
    /// It stays.
    Flat,
}

impl Trend {
    /// The trend as it stands in a `data-trend` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Flat => "flat",
        }
    }

    /// An arrow in a box of 12 by 12.
    fn arrow(self) -> &'static str {
        match self {
            Self::Up => "M6 10V2M2.5 5.5 6 2l3.5 3.5",
            Self::Down => "M6 2v8M2.5 6.5 6 10l3.5-3.5",
            Self::Flat => "M2 6h8",
        }
    }
}

impl Stat {
    /// The figure `value`, called `label`.
    pub fn new(id: impl Into<DomId>, label: impl Display, value: impl Display) -> Self {
        Self {
            id: id.into(),
            label: label.to_string(),
            value: value.to_string(),
            unit: None,
            change: None,
            tone: Tone::default(),
            classes: None,
        }
    }

    /// What the figure counts or measures, behind it and smaller.
    pub fn unit(mut self, unit: impl Display) -> Self {
        self.unit = Some(unit.to_string());
        self
    }

    /// How the figure has changed: an arrow and a text.
    pub fn trend(mut self, trend: Trend, change: impl Display) -> Self {
        self.change = Some(Change { trend, text: change.to_string(), word: trend.as_str().to_owned() });
        self
    }

    /// The word that stands for the arrow where it cannot be seen, instead of `up`, `down` or `flat`. Call it behind [`Stat::trend`].
    pub fn trend_word(mut self, word: impl Display) -> Self {
        if let Some(change) = &mut self.change {
            change.word = word.to_string();
        }
        self
    }

    /// Whether the change is good: the colour of the arrow and its text. Up is not always better, so nothing is assumed.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'static StatClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the stat's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, label, value, unit, change, tone, classes } = self;
        let mut writer = Writer::new(buffer, *tone, *classes);
        writer.raw("<dl id=\"").id(id).root().tone().label().str(label).figure().value().str(value).raw("</span>");
        if let Some(unit) = unit {
            writer.unit().str(unit).raw("</span>");
        }
        writer.raw("</dd>");
        if let Some(Change { trend, text, word }) = change {
            writer.trend().raw(trend.as_str()).arrow().raw(trend.arrow()).word().str(word).change().str(text).raw("</span></dd>");
        }
        writer.raw("</dl>");
    }
}

impl Component for Stat {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        self.id.clone()
    }

    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Render for Stat {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stat: impl FnOnce(Stat) -> Stat, tone: &str, rest: &str) {
        let html = stat(Stat::new(DomId::new("s").unwrap(), "<Load>", 3)).render().into_string();
        let label = r#"<dt class="hw-stat-label">&lt;Load&gt;</dt><dd class="hw-stat-figure"><span class="hw-stat-value">3</span>"#;
        assert_eq!(html, format!(r#"<dl id="s" class="hw-stat" data-tone="{tone}">{label}{rest}</dl>"#));
    }

    #[test]
    fn a_figure_stands_alone_or_with_its_unit() {
        check(|stat| stat, "neutral", "</dd>");
        check(|stat| stat.unit("<ms>"), "neutral", r#" <span class="hw-stat-unit">&lt;ms&gt;</span></dd>"#);
    }

    #[test]
    fn a_trend_is_an_arrow_and_a_word() {
        let flat = concat!(
            r#"</dd><dd class="hw-stat-trend" data-trend="flat"><svg class="hw-stat-arrow" viewBox="0 0 12 12" aria-hidden="true">"#,
            r#"<path d="M2 6h8"></path></svg><span class="hw-unseen">stable</span> <span class="hw-stat-change">0 %</span></dd>"#,
        );
        check(|stat| stat.trend(Trend::Flat, "0 %").trend_word("stable").tone(Tone::Success), "success", flat);
    }

    #[test]
    fn a_word_without_a_trend_says_nothing() {
        check(|stat| stat.trend_word("stable"), "neutral", "</dd>");
    }
}
