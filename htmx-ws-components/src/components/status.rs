//! The domain's own states, as a component shows them.

use std::borrow::Cow;

/// A state of the domain: its words, its colour, and whether it is the last one.
///
/// ```
/// use htmx_ws_components::{Status, Tone};
///
/// #[derive(Status)]
/// enum Job {
///     #[status(tone = info, active)]
///     Running,
///     #[status(tone = danger, terminal, label = "Failed: {reason}")]
///     Failed { reason: String },
/// }
///
/// let failed = Job::Failed { reason: "disk full".into() };
/// assert_eq!(failed.label(), "Failed: disk full");
/// assert_eq!(failed.tone(), Tone::Danger);
/// assert!(failed.is_terminal() && Job::Running.is_active());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a status",
    label = "not a status",
    note = "derive `Status` for it, or implement the trait: a label and a tone"
)]
pub trait Status {
    /// What people read.
    fn label(&self) -> Cow<'_, str>;

    /// The meaning behind the colour.
    fn tone(&self) -> Tone;

    /// A sign in front of it, such as `✓` or an emoji, in place of the one that the component has for its tone. It says nothing that the label does not: it is hidden
    /// from screen readers.
    fn icon(&self) -> Option<&str> {
        None
    }

    /// Whether work is going on right now: shown as movement.
    fn is_active(&self) -> bool {
        false
    }

    /// Whether no other state follows.
    fn is_terminal(&self) -> bool {
        false
    }

    /// All that a component shows of it, in one call instead of one for each.
    #[doc(hidden)]
    fn look(&self) -> Look<'_> {
        Look { label: self.label(), tone: self.tone(), icon: self.icon(), is_active: self.is_active() }
    }
}

/// What a component shows of a status.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Look<'a> {
    pub(crate) label: Cow<'a, str>,
    pub(crate) tone: Tone,
    pub(crate) icon: Option<&'a str>,
    pub(crate) is_active: bool,
}

impl<S: Status + ?Sized> Status for &S {
    fn label(&self) -> Cow<'_, str> {
        S::label(self)
    }

    fn tone(&self) -> Tone {
        S::tone(self)
    }

    fn icon(&self) -> Option<&str> {
        S::icon(self)
    }

    fn is_active(&self) -> bool {
        S::is_active(self)
    }

    fn is_terminal(&self) -> bool {
        S::is_terminal(self)
    }

    fn look(&self) -> Look<'_> {
        S::look(self)
    }
}

/// What a state means to the reader; a style sheet gives it a colour.
///
/// ```
/// use htmx_ws_components::Tone;
///
/// assert_eq!(Tone::Success.as_str(), "success");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Tone {
    /// Nothing to say about it.
    #[default]
    Neutral,
    /// Worth knowing.
    Info,
    /// Good.
    Success,
    /// Needs a look.
    Warning,
    /// Went wrong.
    Danger,
}

impl Tone {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Neutral, Self::Info, Self::Success, Self::Warning, Self::Danger];

    /// The tone as it stands in a `data-tone` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}
