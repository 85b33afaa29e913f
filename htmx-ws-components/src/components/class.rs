//! The classes of the elements of a component, which an application may replace by its own.

use crate::components::status::Tone;

/// The classes of one element of a component: always the same, or more of them for a tone.
///
/// ```
/// use htmx_ws_components::{Class, Tone};
///
/// const BADGE: Class = Class::new("badge").tone(Tone::Success, "text-bg-success").tone(Tone::Danger, "text-bg-danger");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Class {
    always: &'static str,
    /// By the number of the tone.
    toned: [&'static str; Tone::ALL.len()],
}

impl Class {
    /// No classes: the element has no such attribute.
    pub const NONE: Self = Self { always: "", toned: [""; Tone::ALL.len()] };

    /// Classes, separated by spaces, as they stand in the attribute.
    ///
    /// # Panics
    /// With a `"` among them, which would end the attribute; write `'` there. In a constant that is an error of the compiler's:
    ///
    /// ```compile_fail,E0080
    /// # use htmx_ws_components::Class;
    /// const QUOTED: Class = Class::new(r#"before:content-["x"]"#);
    /// # let _ = QUOTED;
    /// ```
    pub const fn new(names: &'static str) -> Self {
        Self { always: checked(names), ..Self::NONE }
    }

    /// With more classes while the component has the tone.
    ///
    /// # Panics
    /// As [`Class::new`].
    pub const fn tone(mut self, tone: Tone, names: &'static str) -> Self {
        self.toned[tone as usize] = checked(names);
        self
    }

    /// Those of always and those of the tone.
    pub(super) fn names(&self, tone: Tone) -> [&'static str; 2] {
        [self.always, self.toned[tone as usize]]
    }
}

const fn checked(names: &'static str) -> &'static str {
    let bytes = names.as_bytes();
    // A `for` is not const.
    let mut index = 0;
    while index < bytes.len() {
        assert!(bytes[index] != b'"', "a class cannot hold a double quote; use single quotes");
        index += 1;
    }
    names
}

/// A struct with the classes of each element of a component, and, for a `Writer` with these classes, a method for each that opens the element:
/// `part: "<p" class="ours" " role=\"status\">"`. The method writes what stands there, or, where the application has classes of its own, those between the same two
/// texts. So built-in markup is one literal for each element. `class="ours" + more` are two parts in one attribute, the second where the method is told so. A part that
/// opens nothing by itself has only its class.
macro_rules! classes {
    ($(#[$attribute:meta])* $name:ident { $($(#[$doc:meta])* $part:ident: $($open:literal)? class=$class:tt $(+ $more:ident)? $($rest:literal)?,)* }) => {
        $(#[$attribute])*
        ///
        /// Begin with `BUILT_IN` to replace some, with `NONE` to have no class that is not yours. What an element *is* stays: ids, ARIA and the `data-`
        /// attributes, which can be styled as well.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name {
            $($(#[$doc])* pub $part: $crate::components::class::Class,)*
        }

        impl $name {
            /// Those of our own style sheet.
            pub const BUILT_IN: Self = Self { $($part: $crate::components::class::Class::new($class),)* };

            /// No classes at all.
            pub const NONE: Self = Self { $($part: $crate::components::class::Class::NONE,)* };
        }

        impl Default for $name {
            fn default() -> Self {
                Self::BUILT_IN
            }
        }

        impl $crate::components::writer::Writer<'_, $name> {
            $($crate::components::class::classes!(@open $part [$($open)?] $class [$($more)?] [$($rest)?]);)*
        }
    };
    (@open $part:ident [] $class:tt [] []) => {};
    (@open $part:ident [$open:literal] "" [] [$($rest:literal)?]) => {
        $crate::components::class::classes!(@method $part $open concat!($open $(, $rest)?), concat!($($rest)?));
    };
    (@open $part:ident [$open:literal] $class:tt [] [$($rest:literal)?]) => {
        $crate::components::class::classes!(@method $part $open concat!($open, " class=\"", $class, "\"" $(, $rest)?), concat!($($rest)?));
    };
    (@method $part:ident $open:literal $whole:expr, $rest:expr) => {
        #[inline]
        fn $part(&mut self) -> &mut Self {
            match self.classes() {
                None => self.raw($whole),
                Some(classes) => self.raw($open).class(&classes.$part).raw($rest),
            }
        }
    };
    (@open $part:ident [$open:literal] $class:tt [$more:ident] [$rest:literal]) => {
        #[inline]
        fn $part(&mut self, is_more: bool) -> &mut Self {
            match self.classes() {
                None => self.raw(concat!($open, " class=\"", $class, "\"", $rest)),
                Some(classes) if is_more => self.raw($open).both(&classes.$part, &classes.$more).raw($rest),
                Some(classes) => self.raw($open).class(&classes.$part).raw($rest),
            }
        }
    };
}

pub(crate) use classes;
