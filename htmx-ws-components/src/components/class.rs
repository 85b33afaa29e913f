//! The classes of the elements of a component, which an application may replace by its own.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::components::status::Tone;

/// The classes of one element of a component: always the same, or more of them for a tone.
///
/// ```
/// use htmx_ws_components::{Class, Tone};
///
/// const BADGE: Class = Class::new("badge").tone(Tone::Success, "text-bg-success").tone(Tone::Danger, "text-bg-danger");
/// ```
#[derive(Clone, Copy)]
pub struct Class {
    always: &'static str,
    /// The whole attribute, where it is known and never another; or else nothing.
    attribute: &'static str,
    /// By the number of the tone.
    toned: [&'static str; Tone::ALL.len()],
}

impl Class {
    /// No classes: the element has no such attribute.
    pub const NONE: Self = Self { always: "", attribute: "", toned: [""; Tone::ALL.len()] };

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

    /// One of our own style sheet, with its attribute: one piece to write instead of three.
    pub(crate) const fn built_in(names: &'static str, attribute: &'static str) -> Self {
        if names.is_empty() { Self::NONE } else { Self { always: names, attribute, ..Self::NONE } }
    }

    /// With more classes while the component has the tone.
    ///
    /// # Panics
    /// As [`Class::new`].
    pub const fn tone(mut self, tone: Tone, names: &'static str) -> Self {
        self.toned[tone as usize] = checked(names);
        self.attribute = "";
        self
    }

    /// The whole attribute, where it is known.
    #[inline]
    pub(super) fn attribute(&self) -> Option<&'static str> {
        (!self.attribute.is_empty()).then_some(self.attribute)
    }

    pub(super) fn names(&self, tone: Tone) -> (&'static str, &'static str) {
        (self.always, self.toned[tone as usize])
    }

    pub(super) fn is_empty(&self, tone: Tone) -> bool {
        self.always.is_empty() && self.toned[tone as usize].is_empty()
    }
}

impl PartialEq for Class {
    fn eq(&self, other: &Self) -> bool {
        (self.always, self.toned) == (other.always, other.toned)
    }
}

impl Eq for Class {}

impl Hash for Class {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.always, self.toned).hash(state);
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Class").field("always", &self.always).field("toned", &self.toned).finish_non_exhaustive()
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

/// A struct with the classes of each element of a component.
macro_rules! classes {
    ($(#[$attribute:meta])* $name:ident { $($(#[$doc:meta])* $part:ident: $class:literal,)* }) => {
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
            pub const BUILT_IN: Self = Self {
                $($part: $crate::components::class::Class::built_in($class, concat!(" class=\"", $class, "\"")),)*
            };

            /// No classes at all.
            pub const NONE: Self = Self { $($part: $crate::components::class::Class::NONE,)* };
        }

        impl Default for $name {
            fn default() -> Self {
                Self::BUILT_IN
            }
        }
    };
}

pub(crate) use classes;
