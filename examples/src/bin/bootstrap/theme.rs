//! The components in Bootstrap's classes, and in the few of `bootstrap.css`.

use htmx_ws_components::{
    Class, ConnectionStateClasses, LiveCounterClasses, LogLineClasses, LogTailClasses, OverlayClasses, ProgressBarClasses,
    SparklineClasses, StatClasses, StatusBadgeClasses, TableRowClasses, TimelineStepClasses, ToastClasses, Tone,
};
use htmx_ws_examples::release::theme::Theme;
use maud::{Markup, html};

/// Text in the colour of the tone.
const fn ink(names: &'static str) -> Class {
    Class::new(names)
        .tone(Tone::Neutral, "text-body-secondary")
        .tone(Tone::Info, "text-primary-emphasis")
        .tone(Tone::Success, "text-success-emphasis")
        .tone(Tone::Warning, "text-warning-emphasis")
        .tone(Tone::Danger, "text-danger-emphasis")
}

/// Text in the colour of the tone, on a tint of it.
const fn tint(names: &'static str) -> Class {
    Class::new(names)
        .tone(Tone::Neutral, "text-secondary-emphasis bg-secondary-subtle border-secondary-subtle")
        .tone(Tone::Info, "text-primary-emphasis bg-primary-subtle border-primary-subtle")
        .tone(Tone::Success, "text-success-emphasis bg-success-subtle border-success-subtle")
        .tone(Tone::Warning, "text-warning-emphasis bg-warning-subtle border-warning-subtle")
        .tone(Tone::Danger, "text-danger-emphasis bg-danger-subtle border-danger-subtle")
}

/// A shape full of the colour of the tone.
const fn fill(names: &'static str) -> Class {
    Class::new(names)
        .tone(Tone::Neutral, "bg-secondary")
        .tone(Tone::Info, "bg-primary")
        .tone(Tone::Success, "bg-success")
        .tone(Tone::Warning, "bg-warning")
        .tone(Tone::Danger, "bg-danger")
}

pub(crate) const BADGE: StatusBadgeClasses = StatusBadgeClasses {
    root: tint("badge rounded-pill border fw-semibold d-inline-flex align-items-center gap-2 px-3 py-2"),
    dot: fill("dot rounded-circle"),
    active: Class::new("spinner-grow"),
    ..StatusBadgeClasses::NONE
};

pub(crate) const BAR: ProgressBarClasses = ProgressBarClasses {
    head: Class::new("d-flex justify-content-between align-items-baseline gap-3 mb-1"),
    label: Class::new("fw-medium text-truncate"),
    value: ink("small fw-semibold"),
    track: Class::new("progress rounded-pill"),
    fill: fill("progress-bar rounded-pill"),
    indeterminate: Class::new("w-100 progress-bar-striped progress-bar-animated"),
    detail: Class::new("small text-body-secondary mb-0 mt-1"),
    ..ProgressBarClasses::NONE
};

pub(crate) const LARGE_BAR: ProgressBarClasses = ProgressBarClasses {
    head: Class::new("d-flex justify-content-between align-items-baseline gap-3 mb-2"),
    label: Class::new("text-body-secondary"),
    value: Class::new("fw-semibold"),
    track: Class::new("progress progress-large rounded-pill"),
    ..BAR
};

/// The bar of an overlay has no tone.
pub(crate) const PLAIN_BAR: ProgressBarClasses = ProgressBarClasses {
    head: Class::new("small fw-semibold text-body-secondary text-end"),
    fill: Class::new("progress-bar rounded-pill"),
    ..BAR
};

pub(crate) const STEP: TimelineStepClasses = TimelineStepClasses {
    root: Class::new("list-group-item d-flex gap-3 px-0 py-3 bg-transparent"),
    mark: Class::new("step-mark flex-shrink-0 rounded-circle")
        .tone(Tone::Neutral, "border border-2")
        .tone(Tone::Info, "text-primary")
        .tone(Tone::Success, "bg-success")
        .tone(Tone::Warning, "bg-warning")
        .tone(Tone::Danger, "bg-danger"),
    active: Class::new("spinner-border"),
    icon: Class::new("step-mark flex-shrink-0 rounded-circle")
        .tone(Tone::Neutral, "text-bg-secondary")
        .tone(Tone::Success, "text-bg-success")
        .tone(Tone::Warning, "text-bg-warning")
        .tone(Tone::Danger, "text-bg-danger"),
    body: Class::new("flex-grow-1"),
    head: Class::new("d-flex justify-content-between align-items-baseline gap-3 mb-0"),
    title: Class::new("fw-medium"),
    status: ink("small"),
    detail: Class::new("small text-body-secondary mb-0"),
    ..TimelineStepClasses::NONE
};

/// The root is a flex box by `hstack`, not by `d-flex`: that one is `!important`, and would show the overlay while it is hidden.
pub(crate) const OVERLAY: OverlayClasses = OverlayClasses {
    root: Class::new("position-absolute top-0 start-0 w-100 h-100 z-1 hstack justify-content-center bg-body bg-opacity-75"),
    card: Class::new("card rounded-3 w-100 h-100 justify-content-center p-3 text-center"),
    dismiss: Class::new("form-check-input btn-close position-absolute top-0 end-0 m-2"),
    spinner: Class::new("spinner-border text-primary mx-auto mb-2"),
    title: Class::new("h6 mb-1"),
    message: Class::new("small text-body-secondary text-truncate mb-0"),
    stats: Class::new("row g-0 mt-2 mb-0"),
    stat: Class::new("col d-flex flex-column-reverse"),
    stat_label: Class::new("small fw-normal text-body-secondary"),
    stat_value: Class::new("h5 mb-0"),
};

pub(crate) const CONNECTION: ConnectionStateClasses = ConnectionStateClasses {
    root: Class::new("connection position-fixed top-0 start-50 translate-middle-x z-3 mt-3"),
    sentence: Class::new("alert shadow py-2 px-3 mb-0")
        .tone(Tone::Neutral, "alert-secondary")
        .tone(Tone::Warning, "alert-warning")
        .tone(Tone::Danger, "alert-danger"),
};

/// What the views wear.
pub(crate) const VIEWS: Theme = Theme {
    counter: &COUNTER,
    stat: &STAT,
    sparkline: &SPARKLINE,
    row: &ROW,
    state,
    toasts: Class::new("toasts position-fixed bottom-0 end-0 z-3 list-unstyled p-3 mb-0 pe-none"),
    toast: &TOAST,
    log: &LOG,
    line: &LINE,
};

const COUNTER: LiveCounterClasses = LiveCounterClasses {
    root: Class::new("position-relative d-flex flex-column-reverse justify-content-end"),
    number: Class::new("figure-large fs-1 fw-semibold mb-0"),
    unseen: Class::new("visually-hidden"),
    label: Class::new("sentence small text-body-secondary mb-0"),
    ..LiveCounterClasses::NONE
};

const STAT: StatClasses = StatClasses {
    root: Class::new("position-relative mb-0"),
    label: Class::new("small fw-normal text-body-secondary"),
    figure: Class::new("mb-0"),
    value: Class::new("figure-large fs-2 fw-semibold"),
    unit: Class::new("text-body-secondary"),
    trend: ink("small d-flex align-items-center gap-1 mb-0"),
    arrow: Class::new("stroke arrow"),
    word: Class::new("visually-hidden"),
    change: Class::NONE,
};

const SPARKLINE: SparklineClasses = SparklineClasses {
    root: Class::new("sparkline")
        .tone(Tone::Neutral, "text-primary")
        .tone(Tone::Info, "text-info")
        .tone(Tone::Success, "text-success")
        .tone(Tone::Warning, "text-warning")
        .tone(Tone::Danger, "text-danger"),
    drawing: Class::new("d-block w-100 h-100 overflow-visible"),
    area: Class::new("area"),
    line: Class::new("stroke"),
    last: Class::new("stroke point"),
};

const ROW: TableRowClasses = TableRowClasses {
    root: Class::NONE,
    header: Class::new("fw-semibold text-nowrap ps-4"),
    cell: Class::new("text-nowrap"),
    number: Class::new("text-end text-nowrap pe-4"),
};

fn state(word: &'static str, tone: Tone) -> Markup {
    let colour = if tone == Tone::Warning { "text-warning-emphasis bg-warning-subtle" } else { "text-success-emphasis bg-success-subtle" };
    html! { span class={ "badge rounded-pill fw-semibold " (colour) } { (word) } }
}

/// No class displays the card: a dialog that was closed is gone.
const TOAST: ToastClasses = ToastClasses {
    root: Class::NONE,
    card: Class::new("toast show bg-body position-relative overflow-hidden rounded-3 p-0 m-0 mb-2"),
    mark: fill("position-absolute top-0 bottom-0 start-0 p-1"),
    body: Class::new("toast-body ps-4 pe-5"),
    title: Class::new("fw-semibold mb-0"),
    message: Class::new("text-body-secondary mb-0"),
    form: Class::new("position-absolute top-0 end-0 p-2"),
    dismiss: Class::new("btn-close"),
};

const LOG: LogTailClasses = LogTailClasses {
    root: Class::new("log d-flex flex-column-reverse overflow-auto font-monospace"),
    lines: Class::new("list-unstyled mb-auto"),
};

const LINE: LogLineClasses = LogLineClasses {
    root: Class::new("d-flex flex-wrap column-gap-3"),
    time: Class::new("text-body-secondary"),
    level: ink("level fw-semibold"),
    text: Class::new("text-break"),
};
