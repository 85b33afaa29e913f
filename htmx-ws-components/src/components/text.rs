//! What can be shown as a text.

use std::fmt::{self, Display, Write};
use std::ops::Deref;

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

/// A field whose type is *called* like a text, as the derives hand it to a view. Only the compiler knows whether it is one: where it is, a method here is found, and the
/// text is written without a formatter, which costs more than the text; or else the one of `Shown` behind it.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(Shown<'a, T>);

/// Any other field.
#[derive(Debug)]
pub struct Shown<'a, T: ?Sized>(&'a T);

impl<'a, T: ?Sized> Probe<'a, T> {
    /// A field.
    pub fn new(field: &'a T) -> Self {
        Self(Shown(field))
    }
}

impl<'a, T: ?Sized> Deref for Probe<'a, T> {
    type Target = Shown<'a, T>;

    fn deref(&self) -> &Shown<'a, T> {
        &self.0
    }
}

macro_rules! plain {
    ($($type:ty)*) => {$(
        impl Probe<'_, $type> {
            /// The field.
            pub fn text(&self) -> &dyn Text {
                self
            }

            /// The field, for a role that may be without one.
            pub fn some(&self) -> Option<&dyn Text> {
                Some(self)
            }
        }

        #[diagnostic::do_not_recommend]
        impl Text for Probe<'_, $type> {
            fn write_escaped(&self, buffer: &mut String) {
                escape(buffer, self.0.0);
            }
        }

        impl Probe<'_, Option<$type>> {
            /// What is in the field.
            pub fn optional(&self) -> Option<&dyn Text> {
                self.0.0.is_some().then_some(self)
            }
        }

        #[diagnostic::do_not_recommend]
        impl Text for Probe<'_, Option<$type>> {
            fn write_escaped(&self, buffer: &mut String) {
                if let Some(text) = self.0.0 {
                    escape(buffer, text);
                }
            }
        }
    )*};
}

plain! { String &str }

impl<'a, T> Shown<'a, T> {
    /// The field.
    pub fn text(&self) -> &'a dyn Text
    where
        T: Text,
    {
        self.0
    }

    /// The field, for a role that may be without one.
    #[allow(clippy::unnecessary_wraps, reason = "the role takes an `Option`, and wrapping it here is less for the compiler in each derive")]
    pub fn some(&self) -> Option<&'a dyn Text>
    where
        T: Text,
    {
        Some(self.0)
    }
}

impl<'a, T: Text> Shown<'a, Option<T>> {
    /// What is in the field.
    pub fn optional(&self) -> Option<&'a dyn Text> {
        self.0.as_ref().map(|text| text as _)
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
        check(Probe::new(&text).text());
        check(Probe::new(&String::from(text)).text());
        check(Probe::new(&String::from(text)).some().unwrap());
        check(Probe::new(&Some(text)).optional().unwrap());
        check(Probe::new(&Own).text());
        check(Probe::new(&Own).some().unwrap());
        check(Probe::new(&Some(Own)).optional().unwrap());
        assert!(Probe::new(&None::<String>).optional().is_none() && Probe::new(&None::<Own>).optional().is_none());
    }
}
