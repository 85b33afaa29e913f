//! Generated code gives no warnings to a crate that denies them all.
#![deny(
    warnings,
    missing_docs,
    trivial_casts,
    unused_qualifications,
    single_use_lifetimes,
    elided_lifetimes_in_paths,
    let_underscore_drop,
    unused_results,
    unsafe_code
)]

use htmx_ws_components::{Component, Overlay, ProgressBar, Status, StatusBadge, TimelineStep, Tone};

/// A state.
#[derive(Status)]
pub enum State {
    /// One.
    #[deprecated]
    Old,
    /// Two.
    #[status(label = "{reason}", terminal)]
    Failed {
        /// Why.
        reason: String,
        /// Where.
        code: u8,
    },
}

/// A badge.
#[derive(StatusBadge)]
#[component(id = "badge-{number}")]
pub struct Badge<'a> {
    /// A number.
    #[deprecated]
    pub number: u8,
    /// A state.
    #[badge(status)]
    pub state: State,
    /// A label.
    #[badge(label)]
    pub label: Option<&'a str>,
}

/// A bar.
#[derive(ProgressBar)]
#[component(id = "bar")]
pub struct Bar {
    /// A value.
    #[progress(value, label)]
    pub percent: u8,
    /// A tone.
    #[progress(tone)]
    pub tone: Tone,
}

/// A step.
#[derive(TimelineStep)]
#[component(id = "step", list = "steps")]
pub struct Step {
    /// A title.
    #[step(title)]
    pub title: String,
    /// A state.
    #[step(status)]
    pub state: State,
}

/// An overlay.
#[derive(Overlay)]
#[component(id = "overlay")]
pub struct Over {
    /// Whether.
    #[overlay(open)]
    pub open: bool,
    /// A title.
    #[overlay(title, stat = "Title")]
    pub title: String,
}

/// Its own markup.
#[derive(Component)]
#[component(id = "own", render = Self::own)]
pub struct Own;

impl Own {
    fn own(&self) -> maud::Markup {
        maud::html! { p {} }
    }
}

/// A bound.
#[deprecated]
pub trait Old {}

/// What the impls repeat of this was complained of here.
#[allow(deprecated)]
#[deprecated]
#[derive(Component)]
#[component(id = "bound", render = own)]
pub struct Bound<T: Old>(
    /// A field.
    pub T,
);

/// The same without a bound.
#[deprecated]
#[derive(StatusBadge)]
#[component(id = "alone")]
pub struct Alone {
    /// A state.
    #[badge(status)]
    pub state: State,
}

/// A function that goes away, by a longer name than it needs.
#[derive(Component)]
#[component(id = "call", render = crate::own)]
pub struct Call;

/// The markup of both.
#[deprecated]
pub fn own<T>(_: &T) -> maud::Markup {
    maud::html! { p {} }
}

fn main() {
    assert!(Own.list().is_none());
}
