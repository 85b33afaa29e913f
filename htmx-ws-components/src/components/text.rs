//! What can be shown as a text.

use std::fmt::{self, Display, Write};

use crate::html::escape::escape;

/// A text: whatever implements [`Display`]. Nothing else has to implement it.
///
/// ```
/// use htmx_ws_components::{DomId, ProgressBar, Text};
///
/// let id = DomId::new("upload")?;
/// let label: &dyn Text = &"report.pdf";
/// let bar = ProgressBar::new(&id, Some(40.0)).label(Some(label)).detail(Some(&7));
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shown as a text",
    label = "does not implement `Display`",
    note = "implement `std::fmt::Display` for it, or make a text of it in a field of its own"
)]
pub trait Text {
    /// Appends the text to `buffer`, escaped for content and for an attribute in double quotes.
    fn write_escaped(&self, buffer: &mut String);
}

// What is missing is a way to show the type, not one of the ways that there are.
#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> Text for T {
    fn write_escaped(&self, buffer: &mut String) {
        // Writing to a `String` fails only when `self` itself says so; what it wrote until then is kept.
        let _ = write!(Escaped(buffer), "{self}");
    }
}

struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(self.0, text);
        Ok(())
    }
}

/// A text that is there already: it is written without a formatter, which costs more than the text.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a>(&'a str);

#[diagnostic::do_not_recommend]
impl Text for Plain<'_> {
    fn write_escaped(&self, buffer: &mut String) {
        escape(buffer, self.0);
    }
}

/// Finds the way to write a field whose type is *called* like a text: `(&&Probe(&field)).text()` with both traits in scope. Only the compiler knows whether it is one.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// A field that is a text.
pub trait IsPlain<'a> {
    /// The field.
    fn text(&self) -> Plain<'a>;
}

macro_rules! plain {
    ($($type:ty)*) => {$(
        impl<'a> IsPlain<'a> for &Probe<'a, $type> {
            fn text(&self) -> Plain<'a> {
                Plain(self.0)
            }
        }
    )*};
}

plain! { str String &str }

/// Any other field. It is found behind [`IsPlain`], since it takes one reference less.
pub trait IsShown<'a> {
    /// What the field is.
    type Field: ?Sized;

    /// The field.
    fn text(&self) -> &'a Self::Field;
}

impl<'a, T: Display + ?Sized> IsShown<'a> for Probe<'a, T> {
    type Field = T;

    fn text(&self) -> &'a T {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Own;
    impl Display for Own {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(r#"a<b>&"ü'"#)
        }
    }

    #[track_caller]
    fn check(text: &dyn Text) {
        let mut buffer = "x".to_owned();
        text.write_escaped(&mut buffer);
        assert_eq!(buffer, "xa&lt;b&gt;&amp;&quot;ü'");
    }

    #[test]
    fn a_text_is_escaped_whichever_way_it_is_written() {
        let text = r#"a<b>&"ü'"#;
        check(&text);
        check(&format_args!("{text}"));
        check(&(&&Probe(text)).text());
        check(&(&&Probe(&String::from(text))).text());
        check(&Probe(&Own).text());
    }
}
