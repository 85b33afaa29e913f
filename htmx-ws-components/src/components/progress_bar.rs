//! The markup of a progress bar, and what counts as its value.

use std::fmt::{self, Debug};
use std::num::NonZero;

use maud::Render;

use crate::components::class::classes;
use crate::components::status::Tone;
use crate::components::text::Text;
use crate::components::writer::Writer;
use crate::html::dom_id::ElementId;

classes! {
    /// The classes of a [`ProgressBar`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, ProgressBarClasses};
    ///
    /// const BAR: ProgressBarClasses = ProgressBarClasses {
    ///     track: Class::new("progress"),
    ///     fill: Class::new("progress-bar"),
    ///     indeterminate: Class::new("w-100 progress-bar-striped progress-bar-animated"),
    ///     ..ProgressBarClasses::NONE
    /// };
    /// ```
    ProgressBarClasses {
        /// The whole.
        root: "" class="hw-progress",
        /// The line above the bar.
        head: "<div" class="hw-progress-head" " aria-hidden=\"true\">",
        /// What makes progress, in the head.
        label: "<span" class="hw-progress-label" ">",
        /// The percentage, in the head.
        value: "</span><span" class="hw-progress-value" ">",
        /// The bar.
        track: "</span></div><div" class="hw-progress-track" " role=\"progressbar\" aria-label=\"",
        /// The part of the bar that grows. It always has one class more, `hw-w0` to `hw-w100`: our style sheet makes a width of it.
        fill: class="hw-progress-fill",
        /// More for that part, while the bar is indeterminate.
        indeterminate: class="",
        /// The line below the bar.
        detail: "<p" class="hw-progress-detail" ">",
    }
}

/// How far something is: what `#[derive(ProgressBar)]` renders.
///
/// A value outside `0..=max` is clamped. No value, or one that is not a number, or a `max` that is not finite and above zero, makes the
/// bar indeterminate: it moves, but shows no figure. Percentages are cut, not rounded, so `100%` is said only of what is complete.
///
/// The bar's width is a class of the style sheet, not an inline style, so it works under `default-src 'self'`; and the part that grows keeps its
/// place in the markup, so it glides where the page is morphed. The bar is no live region: a screen reader tells the figure when asked.
///
/// ```
/// use htmx_ws_components::{DomId, ProgressBar};
///
/// let mut html = String::new();
/// ProgressBar::new(&DomId::new("upload")?, Some(3.0)).max(Some(8.0)).label(Some(&"report.pdf")).render_to(&mut html);
/// assert!(html.contains(r#"aria-valuenow="37""#));
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Clone, Copy)]
pub struct ProgressBar<'a> {
    id: &'a dyn ElementId,
    value: Option<f64>,
    max: Option<f64>,
    label: Option<&'a dyn Text>,
    detail: Option<&'a dyn Text>,
    tone: Tone,
    classes: Option<&'a ProgressBarClasses>,
}

impl<'a> ProgressBar<'a> {
    /// A bar filled up to `value` of 100.
    pub fn new(id: &'a dyn ElementId, value: Option<f64>) -> Self {
        Self { id, value, max: Some(100.0), label: None, detail: None, tone: Tone::default(), classes: None }
    }

    /// The value that means complete. `None`: not known yet, so the bar is indeterminate.
    pub fn max(mut self, max: Option<f64>) -> Self {
        self.max = max;
        self
    }

    /// What makes progress. It is also the bar's name for a screen reader, which is `Progress` without it.
    pub fn label(mut self, label: Option<&'a dyn Text>) -> Self {
        self.label = label;
        self
    }

    /// A line below the bar.
    pub fn detail(mut self, detail: Option<&'a dyn Text>) -> Self {
        self.detail = detail;
        self
    }

    /// The meaning behind the bar's colour.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'a ProgressBarClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the bar's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, value, max, label, detail, tone, classes } = *self;
        let percent = percent(value, max);
        let mut writer = Writer::new(buffer, tone, classes);
        writer.raw("<div id=\"").id(id).raw("\"");
        content(&mut writer, percent, label, label.unwrap_or(&"Progress"));
        if let Some(detail) = detail {
            writer.detail().display(detail).raw("</p>");
        }
        writer.raw("</div>");
    }
}

/// A bar inside of another component: without an id, so that nobody patches it on its own. `name` is for a screen reader.
pub(crate) fn nested(buffer: &mut String, value: Option<f64>, name: &dyn Text, classes: Option<&ProgressBarClasses>) {
    let mut writer = Writer::new(buffer, Tone::default(), classes);
    content(writer.raw("<div"), percent(value, Some(100.0)), None, name);
    writer.raw("</div>");
}

/// The rest of the root's tag, and what is in it.
fn content(writer: &mut Writer<'_, ProgressBarClasses>, percent: Option<u8>, label: Option<&dyn Text>, name: &dyn Text) {
    writer.root().tone().raw(if percent.is_none() { " data-indeterminate>" } else { ">" });
    // The bar itself says both to a screen reader.
    writer.head().label();
    if let Some(label) = label {
        writer.display(label);
    }
    writer.value();
    if let Some(percent) = percent {
        writer.percent(percent).raw("%");
    }
    writer.track().display(name).raw("\" aria-valuemin=\"0\" aria-valuemax=\"100\"");
    if let Some(percent) = percent {
        writer.raw(" aria-valuenow=\"").percent(percent).raw("\" aria-valuetext=\"").percent(percent).raw("%\"");
    }
    fill(writer, percent);
    writer.raw("></div></div>");
}

/// The tag of the part that grows, with its width for a class.
fn fill(writer: &mut Writer<'_, ProgressBarClasses>, percent: Option<u8>) {
    match (writer.classes(), percent) {
        (None, Some(percent)) => writer.raw("><div class=\"hw-progress-fill hw-w").percent(percent).raw("\""),
        (None, None) => writer.raw("><div class=\"hw-progress-fill\""),
        (Some(classes), Some(percent)) => writer.raw("><div class=\"").names(&classes.fill).raw(" hw-w").percent(percent).raw("\""),
        (Some(classes), None) => writer.raw("><div").both(&classes.fill, &classes.indeterminate),
    };
}

/// The whole percentage of `value` in `max`, if there is one.
fn percent(value: Option<f64>, max: Option<f64>) -> Option<u8> {
    let (value, max) = (value?, max?);
    if value.is_nan() || !max.is_finite() || max <= 0.0 {
        return None;
    }
    // Binary fractions fall just short: 0.29 * 100 is 28.999999999999996.
    let cut = (value.clamp(0.0, max) / max * 100.0 + 1e-9).floor();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a whole number from 0 to 100")]
    Some(cut as u8)
}

impl Render for ProgressBar<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Debug for ProgressBar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressBar").field("value", &self.value).field("max", &self.max).finish_non_exhaustive()
    }
}

/// A number that a progress bar can show; `None` while it is not known.
///
/// ```
/// use htmx_ws_components::ProgressValue;
///
/// assert_eq!(7_u64.progress(), Some(7.0));
/// assert_eq!(None::<u8>.progress(), None);
///
/// struct Bytes(u64);
///
/// impl ProgressValue for Bytes {
///     fn progress(&self) -> Option<f64> {
///         self.0.progress()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value of a progress bar",
    label = "neither a number nor an `Option` of one",
    note = "use an integer, a `NonZero`, `f32`, `f64` or an `Option` of one, or implement `ProgressValue` for your type"
)]
pub trait ProgressValue {
    /// The number.
    fn progress(&self) -> Option<f64>;
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl ProgressValue for $number {
            #[allow(
                clippy::cast_precision_loss,
                clippy::cast_lossless,
                reason = "a bar has 101 widths: 53 bits are more than it can show; and `From` does not exist for the wide integers"
            )]
            fn progress(&self) -> Option<f64> {
                Some(*self as f64)
            }
        }
    )*};
}

/// `max` in particular is often known not to be zero.
macro_rules! non_zero_numbers {
    ($($number:ty)*) => {$(
        impl ProgressValue for NonZero<$number> {
            fn progress(&self) -> Option<f64> {
                self.get().progress()
            }
        }
    )*};
}

numbers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 }
non_zero_numbers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

impl<T: ProgressValue> ProgressValue for Option<T> {
    fn progress(&self) -> Option<f64> {
        self.as_ref().and_then(T::progress)
    }
}

impl<T: ProgressValue + ?Sized> ProgressValue for &T {
    fn progress(&self) -> Option<f64> {
        T::progress(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::dom_id::DomId;

    #[track_caller]
    fn check(value: impl ProgressValue, max: impl ProgressValue, expected: Option<u8>) {
        assert_eq!(percent(value.progress(), max.progress()), expected);
    }

    #[test]
    fn a_percentage_is_cut_so_that_only_the_complete_is_100() {
        check(3, 8, Some(37));
        check(999, 1000, Some(99));
        check(1000, 1000, Some(100));
        check(3_u64, NonZero::<u64>::MIN.saturating_add(7), Some(37));
        for percent in 0..=100_u8 {
            check(percent, 100, Some(percent));
            check(f64::from(percent) / 100.0, 1.0, Some(percent));
        }
    }

    #[test]
    fn out_of_range_is_clamped() {
        check(-1, 100, Some(0));
        check(101, 100, Some(100));
        check(f64::INFINITY, 100, Some(100));
        check(f64::NEG_INFINITY, 100, Some(0));
        check(u64::MAX, u64::MAX, Some(100));
        check(u64::MAX / 2, u64::MAX, Some(50));
    }

    #[test]
    fn what_is_not_known_is_indeterminate() {
        check(None::<u8>, 100, None);
        check(50, None::<u8>, None);
        check(f64::NAN, 100, None);
        check(50, f32::NAN, None);
        check(0, 0, None);
        check(50, -1, None);
        check(f64::INFINITY, f64::INFINITY, None);
    }

    #[test]
    fn every_value_is_escaped() {
        let id = DomId::new("p").unwrap();
        let html = ProgressBar::new(&id, Some(42.0)).label(Some(&"<\">")).detail(Some(&"<i>")).render().into_string();
        assert!(html.contains(r#"aria-label="&lt;&quot;&gt;""#), "{html}");
        assert!(html.contains(r#"<p class="hw-progress-detail">&lt;i&gt;</p>"#), "{html}");
    }

    #[test]
    fn an_indeterminate_bar_says_no_figure() {
        let id = DomId::new("p").unwrap();
        let html = ProgressBar::new(&id, None).render().into_string();
        assert!(html.contains(r#" data-tone="neutral" data-indeterminate>"#), "{html}");
        assert!(html.contains(r#"aria-label="Progress" aria-valuemin="0" aria-valuemax="100"><div class="hw-progress-fill">"#), "{html}");
    }
}
