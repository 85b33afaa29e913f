//! Writes markup straight into a buffer.

use crate::components::class::Class;
use crate::components::status::Tone;
use crate::components::text::Text;
use crate::html::dom_id::ElementId;
use crate::html::escape::escape;

/// Writes the markup of one component, whose elements have the classes `C`. What is not in our source is escaped: [`Writer::raw`] takes nothing else.
pub(crate) struct Writer<'b, C> {
    buffer: &'b mut String,
    tone: Tone,
    /// The application's own; or else those of our style sheet.
    classes: Option<&'b C>,
}

impl<'b, C> Writer<'b, C> {
    /// Appends to `buffer` a component that has the tone.
    pub(crate) fn new(buffer: &'b mut String, tone: Tone, classes: Option<&'b C>) -> Self {
        Self { buffer, tone, classes }
    }

    /// The application's own classes.
    #[inline]
    pub(crate) fn classes(&self) -> Option<&'b C> {
        self.classes
    }

    /// HTML as our source has it.
    #[inline]
    pub(crate) fn raw(&mut self, html: &'static str) -> &mut Self {
        self.buffer.push_str(html);
        self
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
        match self.tone {
            Tone::Neutral => self.raw(" data-tone=\"neutral\""),
            Tone::Info => self.raw(" data-tone=\"info\""),
            Tone::Success => self.raw(" data-tone=\"success\""),
            Tone::Warning => self.raw(" data-tone=\"warning\""),
            Tone::Danger => self.raw(" data-tone=\"danger\""),
        }
    }

    /// The attributes that say the tone, and that work is going on right now.
    #[inline]
    pub(crate) fn state(&mut self, is_active: bool) -> &mut Self {
        if !is_active {
            return self.tone();
        }
        match self.tone {
            Tone::Neutral => self.raw(" data-tone=\"neutral\" data-active"),
            Tone::Info => self.raw(" data-tone=\"info\" data-active"),
            Tone::Success => self.raw(" data-tone=\"success\" data-active"),
            Tone::Warning => self.raw(" data-tone=\"warning\" data-active"),
            Tone::Danger => self.raw(" data-tone=\"danger\" data-active"),
        }
    }

    /// The `class` attribute, where there are classes.
    pub(crate) fn class(&mut self, class: &Class) -> &mut Self {
        self.both(class, &Class::NONE)
    }

    /// The `class` attribute with the classes of two, where there are any.
    pub(crate) fn both(&mut self, class: &Class, more: &Class) -> &mut Self {
        let mut is_first = true;
        for names in class.names(self.tone).into_iter().chain(more.names(self.tone)).filter(|names| !names.is_empty()) {
            self.raw(if is_first { " class=\"" } else { " " }).raw(names);
            is_first = false;
        }
        self.raw(if is_first { "" } else { "\"" })
    }

    /// The classes, for an attribute that has been begun.
    pub(crate) fn names(&mut self, class: &Class) -> &mut Self {
        let [always, toned] = class.names(self.tone);
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
    pub(crate) fn display(&mut self, value: &dyn Text) -> &mut Self {
        value.write_escaped(self.buffer);
        self
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

    fn written(write: impl FnOnce(&mut Writer<'_, ()>)) -> String {
        let mut buffer = String::new();
        write(&mut Writer::new(&mut buffer, Tone::Info, None));
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
                writer.display(&text);
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
