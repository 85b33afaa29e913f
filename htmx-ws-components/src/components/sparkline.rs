//! The markup of a sparkline: the course of a figure in the size of a word.

use std::fmt::{self, Display, Formatter};

use maud::Render;

use crate::components::class::classes;
use crate::components::component::Component;
use crate::components::status::Tone;
use crate::components::writer::Writer;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;

classes! {
    /// The classes of a [`Sparkline`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, SparklineClasses};
    ///
    /// const LINE: SparklineClasses = SparklineClasses { root: Class::new("ratio"), ..SparklineClasses::BUILT_IN };
    /// ```
    SparklineClasses {
        /// The box around the drawing.
        root: "\"" class="hw-sparkline",
        /// The drawing, an `svg`, which is stretched to the box.
        drawing: "\"><svg" class="" " viewBox=\"0 0 100 32\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
        /// What lies below the line, a `path`.
        area: "<path" class="hw-sparkline-area" " d=\"",
        /// The line, a `path`.
        line: "<path" class="hw-sparkline-line" " d=\"",
        /// The dot at its end, a `path`.
        last: "<path" class="hw-sparkline-last" " d=\"",
    }
}

/// The box that the line is drawn in, which the style sheet stretches.
const WIDTH: f64 = 100.0;
const HEIGHT: f64 = 32.0;

/// A line through the last values of something, without a script.
///
/// For a screen reader it is one image, with the lowest, the highest and the last value as its text. A value that is not finite is a gap. The
/// scale goes from the lowest to the highest value unless [`Sparkline::range`] fixes it. Time runs from left to right in every script.
///
/// Published, the whole line goes over the wire, at some 16 bytes for each value: keep as many values as the box has room for.
///
/// ```
/// use htmx_ws_components::{DomId, Sparkline};
///
/// let mut html = String::new();
/// Sparkline::new(DomId::new("load")?, "Load", [0.25, 1.5, f64::NAN, 1.0]).render_to(&mut html);
/// assert!(html.contains(r#"role="img" aria-label="Load: lowest 0.25, highest 1.5, last 1""#));
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sparkline {
    id: DomId,
    label: String,
    values: Vec<f64>,
    range: Option<(f64, f64)>,
    text: Option<String>,
    tone: Tone,
    classes: Option<&'static SparklineClasses>,
}

impl Sparkline {
    /// The course of `label` through `values`, the oldest first.
    pub fn new(id: impl Into<DomId>, label: impl Display, values: impl IntoIterator<Item = f64>) -> Self {
        let values = values.into_iter().collect();
        let (id, label) = (id.into(), label.to_string());
        Self { id, label, values, range: None, text: None, tone: Tone::default(), classes: None }
    }

    /// Fixes the scale, so that two lines can be compared. What lies outside is drawn at the edge; a range that is none is ignored.
    pub fn range(mut self, min: f64, max: f64) -> Self {
        self.range = (min.is_finite() && max.is_finite() && min < max).then_some((min, max));
        self
    }

    /// The whole text alternative, instead of the label with the lowest, the highest and the last value.
    pub fn text(mut self, text: impl Display) -> Self {
        self.text = Some(text.to_string());
        self
    }

    /// The meaning behind the line's colour.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'static SparklineClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the sparkline's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, label, text, tone, classes, .. } = self;
        let mut writer = Writer::new(buffer, *tone, *classes);
        // The root is HTML, so that it is swapped and morphed like anything else.
        writer.raw("<div id=\"").id(id).root().tone().raw(" role=\"img\" aria-label=\"");
        match text {
            Some(text) => writer.str(text),
            None => writer.str(label).raw(": ").display(&Summary(self)),
        };
        writer.drawing();
        writer.area().display(&Drawn(self, Path::Area)).raw("\"></path>");
        writer.line().display(&Drawn(self, Path::Line)).raw("\"></path>");
        writer.last().display(&Drawn(self, Path::Last)).raw("\"></path></svg></div>");
    }

    fn finite(&self) -> impl DoubleEndedIterator<Item = f64> {
        self.values.iter().copied().filter(|value| value.is_finite())
    }

    /// The lowest and the highest value, where there is one.
    fn extremes(&self) -> Option<(f64, f64)> {
        self.finite().map(|value| (value, value)).reduce(|(min, max), (value, _)| (min.min(value), max.max(value)))
    }

    /// The points of the line, with a gap for each value that has no place.
    fn points(&self) -> impl Iterator<Item = Option<(f64, f64)>> {
        let (min, max) = self.range.or(self.extremes()).unwrap_or_default();
        let last = self.values.len().saturating_sub(1);
        self.values.iter().enumerate().map(move |(index, value)| {
            // A single value stands at the end, where the next one will push it from.
            let x = if last == 0 { WIDTH } else { as_f64(index) / as_f64(last) * WIDTH };
            // Halves, so that the distance of the largest and the smallest number is still one.
            let (value, low, high) = (value.is_finite().then_some(*value)? / 2.0, min / 2.0, max / 2.0);
            let share = if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
            Some((x, (1.0 - share) * HEIGHT))
        })
    }
}

/// A path of the drawing: numbers and letters only.
#[derive(Debug, Clone, Copy)]
enum Path {
    Area,
    Line,
    Last,
}

struct Drawn<'a>(&'a Sparkline, Path);

impl Display for Drawn<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(sparkline, path) = *self;
        if matches!(path, Path::Last) {
            return sparkline.points().flatten().last().map_or(Ok(()), |(x, y)| write!(f, "M{x:.2} {y:.2}h0"));
        }
        let mut previous = None;
        for point in sparkline.points() {
            match (previous, point, path) {
                // Of no length, but round: a value between two gaps is a dot.
                (None, Some((x, y)), Path::Line) => write!(f, "M{x:.2} {y:.2}h0")?,
                (None, Some((x, y)), _) => write!(f, "M{x:.2} {HEIGHT}V{y:.2}")?,
                (Some(_), Some((x, y)), _) => write!(f, "L{x:.2} {y:.2}")?,
                (Some(_), None, Path::Area) => write!(f, "V{HEIGHT}Z")?,
                (_, None, _) => {}
            }
            previous = point;
        }
        if matches!(path, Path::Area) && previous.is_some() {
            write!(f, "V{HEIGHT}Z")?;
        }
        Ok(())
    }
}

/// What stands for the drawing where it cannot be seen.
struct Summary<'a>(&'a Sparkline);

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.0.extremes(), self.0.finite().next_back()) {
            (Some((min, max)), Some(last)) => write!(f, "lowest {}, highest {}, last {}", Figure(min), Figure(max), Figure(last)),
            _ => f.write_str("no values"),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a position among values that fit into memory, drawn at a hundred points")]
fn as_f64(index: usize) -> f64 {
    index as f64
}

/// A value as one reads it aloud: two decimals at the most, and a power of ten for what is very large or very small.
struct Figure(f64);

impl Display for Figure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size >= 1e12 || (size < 0.005 && size > 0.0) {
            return write!(f, "{:.2e}", self.0);
        }
        // Adding nothing makes a zero of a negative one.
        write!(f, "{}", (self.0 * 100.0).round() / 100.0 + 0.0)
    }
}

impl Component for Sparkline {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        self.id.clone()
    }

    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Render for Sparkline {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sparkline(values: &[f64]) -> Sparkline {
        Sparkline::new(DomId::new("s").unwrap(), "<Load>", values.iter().copied())
    }

    #[track_caller]
    fn check(sparkline: &Sparkline, line: &str, area: &str, last: &str) {
        let drawn = [Path::Line, Path::Area, Path::Last].map(|path| Drawn(sparkline, path).to_string());
        assert_eq!(drawn, [line, area, last]);
    }

    #[test]
    fn a_line_goes_from_the_lowest_to_the_highest() {
        let (line, area) = ("M0.00 32.00h0L50.00 0.00L100.00 16.00", "M0.00 32V32.00L50.00 0.00L100.00 16.00V32Z");
        check(&sparkline(&[1.0, 3.0, 2.0]), line, area, "M100.00 16.00h0");
    }

    #[test]
    fn what_is_no_number_is_a_gap() {
        let (line, area) = ("M0.00 0.00h0M100.00 32.00h0", "M0.00 32V0.00V32ZM100.00 32V32.00V32Z");
        check(&sparkline(&[1.0, f64::NAN, 0.0]), line, area, "M100.00 32.00h0");
        check(&sparkline(&[f64::NAN, f64::INFINITY]), "", "", "");
        check(&sparkline(&[]), "", "", "");
    }

    #[test]
    fn one_value_or_equal_ones_lie_in_the_middle() {
        check(&sparkline(&[7.0]), "M100.00 16.00h0", "M100.00 32V16.00V32Z", "M100.00 16.00h0");
        check(&sparkline(&[7.0, 7.0]), "M0.00 16.00h0L100.00 16.00", "M0.00 32V16.00L100.00 16.00V32Z", "M100.00 16.00h0");
    }

    #[test]
    fn a_fixed_range_holds_what_lies_outside_at_its_edge() {
        let fixed = sparkline(&[-5.0, 15.0]).range(0.0, 10.0);
        check(&fixed, "M0.00 32.00h0L100.00 0.00", "M0.00 32V32.00L100.00 0.00V32Z", "M100.00 0.00h0");
        for (min, max) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert_eq!(sparkline(&[]).range(min, max).range, None);
        }
    }

    #[test]
    fn the_largest_numbers_have_a_place() {
        let (line, area) = ("M0.00 32.00h0L100.00 0.00", "M0.00 32V32.00L100.00 0.00V32Z");
        check(&sparkline(&[f64::MIN, f64::MAX]), line, area, "M100.00 0.00h0");
    }

    #[test]
    fn it_says_what_it_shows() {
        let html = sparkline(&[0.125, -2.0, 1.0]).render().into_string();
        assert!(html.contains(r#"role="img" aria-label="&lt;Load&gt;: lowest -2, highest 1, last 1""#), "{html}");
        assert_eq!(Summary(&sparkline(&[f64::NAN])).to_string(), "no values");
        let html = sparkline(&[1.0]).text("<up>").render().into_string();
        assert!(html.contains(r#"aria-label="&lt;up&gt;""#), "{html}");
    }

    #[test]
    fn figures_are_short() {
        let figures = [0.1 + 0.2, 100.0, -0.0, 0.004, 1e300, 1234.567].map(|value| Figure(value).to_string());
        assert_eq!(figures, ["0.3", "100", "0", "4.00e-3", "1.00e300", "1234.57"]);
    }
}
