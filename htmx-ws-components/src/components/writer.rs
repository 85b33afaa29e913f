//! Writes markup straight into a buffer.

use crate::components::class::Class;
use crate::components::status::Tone;
use crate::components::text::Text;
use crate::html::dom_id::ElementId;
use crate::html::escape::escape;

/// Writes the markup of one component. What is not in our source is escaped: [`Writer::raw`] takes nothing else.
pub(crate) struct Writer<'b> {
    buffer: &'b mut String,
    tone: Tone,
}

impl<'b> Writer<'b> {
    /// Appends to `buffer` a component that has the tone.
    pub(crate) fn new(buffer: &'b mut String, tone: Tone) -> Self {
        Self { buffer, tone }
    }

    /// HTML as our source has it.
    #[inline]
    pub(crate) fn raw(&mut self, html: &'static str) -> &mut Self {
        self.buffer.push_str(html);
        self
    }

    /// Begins the root: its tag, id and classes.
    #[inline]
    pub(crate) fn root(&mut self, tag: &'static str, id: &dyn ElementId, class: &Class) -> &mut Self {
        self.raw(tag).raw(" id=\"").id(id).raw("\"").class(class)
    }

    /// An id, for an attribute that has been begun.
    #[inline]
    pub(crate) fn id(&mut self, id: &dyn ElementId) -> &mut Self {
        id.write_id(self.buffer);
        self
    }

    /// The attribute that says the tone.
    #[inline]
    pub(crate) fn tone(&mut self) -> &mut Self {
        self.raw(match self.tone {
            Tone::Neutral => " data-tone=\"neutral\"",
            Tone::Info => " data-tone=\"info\"",
            Tone::Success => " data-tone=\"success\"",
            Tone::Warning => " data-tone=\"warning\"",
            Tone::Danger => " data-tone=\"danger\"",
        })
    }

    /// The `class` attribute, where there are classes.
    #[inline]
    pub(crate) fn class(&mut self, class: &Class) -> &mut Self {
        match class.attribute() {
            Some(attribute) => self.raw(attribute),
            None if class.is_empty(self.tone) => self,
            None => self.raw(" class=\"").names(class).raw("\""),
        }
    }

    /// As [`Writer::class`], with those of `more` where it is so.
    #[inline]
    pub(crate) fn classes(&mut self, class: &Class, more: &Class, is_so: bool) -> &mut Self {
        if !is_so || more.is_empty(self.tone) {
            return self.class(class);
        }
        let between = if class.is_empty(self.tone) { "" } else { " " };
        self.raw(" class=\"").names(class).raw(between).names(more).raw("\"")
    }

    /// The classes, for an attribute that has been begun.
    pub(crate) fn names(&mut self, class: &Class) -> &mut Self {
        let (always, toned) = class.names(self.tone);
        let between = if always.is_empty() || toned.is_empty() { "" } else { " " };
        self.raw(always).raw(between).raw(toned)
    }

    /// A text, escaped for content and for an attribute in double quotes.
    #[inline]
    pub(crate) fn str(&mut self, text: &str) -> &mut Self {
        escape(self.buffer, text);
        self
    }

    /// As [`Writer::str`], whatever displays as a text.
    #[inline]
    pub(crate) fn text(&mut self, value: &dyn Text) -> &mut Self {
        value.write_escaped(self.buffer);
        self
    }

    /// A whole element with a text: `<p`, its classes, the text, `</p>`.
    #[inline]
    pub(crate) fn element(&mut self, open: &'static str, class: &Class, text: &dyn Text, close: &'static str) -> &mut Self {
        self.raw(open).class(class).raw(">").text(text).raw(close)
    }

    /// As [`Writer::element`], where there is a text.
    #[inline]
    pub(crate) fn optional(&mut self, open: &'static str, class: &Class, text: Option<&dyn Text>, close: &'static str) -> &mut Self {
        match text {
            Some(text) => self.element(open, class, text, close),
            None => self,
        }
    }

    /// Numbers of at most three digits, which is all that a percentage has.
    #[inline]
    pub(crate) fn percent(&mut self, percent: u8) -> &mut Self {
        for (place, digit) in [(100, percent / 100), (10, percent / 10 % 10), (1, percent % 10)] {
            if percent >= place || place == 1 {
                self.buffer.push(char::from(b'0' + digit));
            }
        }
        self
    }

    /// What writes itself: a component inside of this one.
    pub(crate) fn nested(&mut self, write: impl FnOnce(&mut String)) -> &mut Self {
        write(self.buffer);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> String {
        let mut buffer = String::new();
        write(&mut Writer::new(&mut buffer, Tone::Info));
        buffer
    }

    #[test]
    fn what_could_end_a_text_or_an_attribute_is_escaped() {
        let text = r#"a<b>&"ü'"#;
        let expected = "a&lt;b&gt;&amp;&quot;ü'";
        assert_eq!(
            written(|writer| {
                writer.str(text);
            }),
            expected
        );
        assert_eq!(
            written(|writer| {
                writer.text(&text);
            }),
            expected
        );
        assert_eq!(
            written(|writer| {
                writer.str("");
            }),
            ""
        );
    }

    #[test]
    fn percentages_have_no_leading_zeros() {
        let shown = [0, 7, 10, 42, 99, 100].map(|percent| {
            written(|writer| {
                writer.percent(percent);
            })
        });
        assert_eq!(shown, ["0", "7", "10", "42", "99", "100"]);
    }

    #[test]
    fn classes_are_those_of_always_and_of_the_tone() {
        let class = |class: Class| {
            written(|writer| {
                writer.class(&class);
            })
        };
        assert_eq!(class(Class::NONE), "");
        assert_eq!(class(Class::new("a b")), r#" class="a b""#);
        assert_eq!(class(Class::new("a").tone(Tone::Info, "i").tone(Tone::Danger, "d")), r#" class="a i""#);
        assert_eq!(class(Class::NONE.tone(Tone::Info, "i")), r#" class="i""#);
        assert_eq!(class(Class::NONE.tone(Tone::Danger, "d")), "");
    }
}
