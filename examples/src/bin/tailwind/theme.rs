//! The components in Tailwind's classes.

use htmx_ws_components::{
    Class, ConnectionStateClasses, LiveCounterClasses, LogLineClasses, LogTailClasses, OverlayClasses, ProgressBarClasses,
    SparklineClasses, StatClasses, StatusBadgeClasses, TableRowClasses, TimelineStepClasses, ToastClasses, Tone,
};
use htmx_ws_examples::release::theme::Theme;
use maud::{Markup, html};

/// Text in the colour of the tone.
const fn ink(names: &'static str) -> Class {
    Class::new(names)
        .tone(Tone::Neutral, "text-slate-600 dark:text-slate-400")
        .tone(Tone::Info, "text-indigo-700 dark:text-indigo-300")
        .tone(Tone::Success, "text-emerald-700 dark:text-emerald-300")
        .tone(Tone::Warning, "text-amber-800 dark:text-amber-300")
        .tone(Tone::Danger, "text-rose-700 dark:text-rose-300")
}

/// A shape full of the colour of the tone.
const fn fill(names: &'static str) -> Class {
    Class::new(names)
        .tone(Tone::Neutral, "bg-slate-400 dark:bg-slate-500")
        .tone(Tone::Info, "bg-indigo-500 dark:bg-indigo-400")
        .tone(Tone::Success, "bg-emerald-500 dark:bg-emerald-400")
        .tone(Tone::Warning, "bg-amber-500 dark:bg-amber-400")
        .tone(Tone::Danger, "bg-rose-500 dark:bg-rose-400")
}

pub(crate) const BADGE: StatusBadgeClasses = StatusBadgeClasses {
    root: Class::new(
        "inline-flex items-center gap-2 rounded-full px-2.5 py-1 text-xs font-medium whitespace-nowrap ring-1 ring-inset transition-colors",
    )
    .tone(Tone::Neutral, "bg-slate-50 text-slate-700 ring-slate-500/20 dark:bg-slate-400/10 dark:text-slate-300 dark:ring-slate-400/20")
    .tone(Tone::Info, "bg-indigo-50 text-indigo-700 ring-indigo-600/20 dark:bg-indigo-400/10 dark:text-indigo-300 dark:ring-indigo-400/25")
    .tone(
        Tone::Success,
        "bg-emerald-50 text-emerald-800 ring-emerald-600/20 dark:bg-emerald-400/10 dark:text-emerald-300 dark:ring-emerald-400/20",
    )
    .tone(Tone::Warning, "bg-amber-50 text-amber-900 ring-amber-600/25 dark:bg-amber-400/10 dark:text-amber-300 dark:ring-amber-400/20")
    .tone(Tone::Danger, "bg-rose-50 text-rose-800 ring-rose-600/20 dark:bg-rose-400/10 dark:text-rose-300 dark:ring-rose-400/20"),
    dot: fill("relative size-1.5 rounded-full"),
    active: Class::new("before:absolute before:inset-0 before:animate-ping before:rounded-full before:bg-inherit"),
    ..StatusBadgeClasses::NONE
};

pub(crate) const BAR: ProgressBarClasses = ProgressBarClasses {
    root: Class::new("text-sm"),
    head: Class::new("flex items-baseline justify-between gap-4"),
    label: Class::new("min-w-0 truncate font-medium"),
    value: ink("font-semibold tabular-nums"),
    track: Class::new("mt-2 overflow-hidden rounded-full bg-slate-900/6 dark:bg-white/10"),
    fill: fill("h-1.5 rounded-full transition-[width,background-color] duration-500 ease-out"),
    indeterminate: Class::new("w-1/3 animate-slide motion-reduce:w-full motion-reduce:animate-pulse"),
    detail: Class::new("mt-1.5 text-xs text-slate-600 dark:text-slate-400"),
};

const GRADIENT: &str = "h-2.5 rounded-full bg-linear-to-r from-indigo-600 to-violet-500 transition-[width] duration-500 ease-out";

pub(crate) const LARGE_BAR: ProgressBarClasses = ProgressBarClasses {
    label: Class::new("text-slate-600 dark:text-slate-400"),
    value: Class::new("text-base font-semibold tabular-nums"),
    fill: Class::new(GRADIENT),
    ..BAR
};

/// The bar of an overlay has no tone.
pub(crate) const PLAIN_BAR: ProgressBarClasses = ProgressBarClasses {
    root: Class::new("mt-4 text-left"),
    head: Class::new("text-right text-xs font-semibold text-slate-600 tabular-nums dark:text-slate-400"),
    track: Class::new("mt-1 overflow-hidden rounded-full bg-slate-900/6 dark:bg-white/10"),
    fill: Class::new("h-1.5 rounded-full bg-indigo-500 transition-[width] duration-500 ease-out dark:bg-indigo-400"),
    ..BAR
};

/// The line to the next mark is in front of every step but the last.
pub(crate) const STEP: TimelineStepClasses = TimelineStepClasses {
    root: Class::new(
        "relative flex gap-4 pb-9 last:pb-0 not-last:before:absolute not-last:before:top-8 not-last:before:bottom-1 not-last:before:left-[11px] \
         not-last:before:w-0.5 not-last:before:rounded-full",
    )
    .tone(Tone::Neutral, "not-last:before:bg-slate-200 dark:not-last:before:bg-slate-700")
    .tone(Tone::Info, "not-last:before:bg-slate-200 dark:not-last:before:bg-slate-700")
    .tone(Tone::Success, "not-last:before:bg-emerald-500 dark:not-last:before:bg-emerald-400"),
    mark: Class::new("mt-0.5 size-6 shrink-0 rounded-full border-2 border-slate-300 dark:border-slate-600"),
    active: Class::new("animate-spin border-t-indigo-600 motion-reduce:animate-pulse dark:border-t-indigo-400"),
    icon: Class::new("mt-0.5 grid size-6 shrink-0 place-items-center rounded-full text-xs font-bold text-white dark:text-slate-950")
        .tone(Tone::Neutral, "bg-slate-500")
        .tone(Tone::Success, "bg-emerald-600 dark:bg-emerald-400")
        .tone(Tone::Warning, "bg-amber-600 dark:bg-amber-400")
        .tone(Tone::Danger, "bg-rose-600 dark:bg-rose-400"),
    body: Class::new("min-w-0 flex-1"),
    head: Class::new("flex items-baseline justify-between gap-4"),
    title: Class::new("font-medium"),
    status: ink("text-xs font-medium"),
    detail: Class::new("text-sm text-slate-600 dark:text-slate-400"),
    ..TimelineStepClasses::NONE
};

pub(crate) const OVERLAY: OverlayClasses = OverlayClasses {
    root: Class::new(
        "absolute inset-0 z-10 grid grid-cols-[minmax(0,1fr)] place-items-center bg-white/75 p-4 backdrop-blur-xs dark:bg-slate-900/75",
    ),
    card: Class::new(
        "relative w-full max-w-sm rounded-xl bg-white p-5 text-center shadow-lg ring-1 shadow-slate-900/5 ring-slate-900/5 dark:bg-slate-800 \
         dark:ring-white/10",
    ),
    dismiss: Class::new(
        "absolute top-2 right-2 grid size-8 cursor-pointer appearance-none place-items-center rounded-full text-slate-500 before:text-xl \
         before:leading-none before:content-['×'] hover:bg-slate-900/5 hover:text-slate-900 dark:text-slate-400 dark:hover:bg-white/10 \
         dark:hover:text-white",
    ),
    spinner: Class::new(
        "mx-auto mb-3 block size-8 animate-spin rounded-full border-3 border-slate-200 border-t-indigo-600 motion-reduce:animate-pulse \
         dark:border-slate-600 dark:border-t-indigo-400",
    ),
    title: Class::new("font-semibold"),
    message: Class::new("truncate text-sm text-slate-600 [direction:rtl] dark:text-slate-400"),
    stats: Class::new("mt-4 flex justify-around"),
    stat: Class::new("flex flex-col-reverse"),
    stat_label: Class::new("text-xs text-slate-600 dark:text-slate-400"),
    stat_value: Class::new("text-lg leading-tight font-semibold tabular-nums"),
};

/// The script writes the state to the root element; the sentence of the state shows.
pub(crate) const CONNECTION: ConnectionStateClasses = ConnectionStateClasses {
    root: Class::new("pointer-events-none fixed inset-x-0 top-3 z-30 grid justify-items-center px-4"),
    sentence: Class::new(
        "hidden rounded-full px-4 py-2 text-sm font-medium shadow-lg ring-1 in-data-[live=closed]:data-[state=closed]:block \
         in-data-[live=offline]:data-[state=offline]:block in-data-[live=reconnecting]:data-[state=reconnecting]:block \
         in-data-[live=stale]:data-[state=stale]:block",
    )
    .tone(Tone::Neutral, "bg-white text-slate-700 ring-slate-900/10 dark:bg-slate-800 dark:text-slate-200 dark:ring-white/10")
    .tone(Tone::Warning, "bg-amber-50 text-amber-900 ring-amber-600/25 dark:bg-amber-950 dark:text-amber-200 dark:ring-amber-400/30")
    .tone(Tone::Danger, "bg-rose-50 text-rose-800 ring-rose-600/25 dark:bg-rose-950 dark:text-rose-200 dark:ring-rose-400/30"),
};

/// What the views wear.
pub(crate) const VIEWS: Theme = Theme {
    counter: &COUNTER,
    stat: &STAT,
    sparkline: &SPARKLINE,
    row: &ROW,
    state,
    toasts: Class::new("pointer-events-none fixed right-0 bottom-0 z-20 w-full max-w-sm p-4"),
    toast: &TOAST,
    log: &LOG,
    line: &LINE,
};

const COUNTER: LiveCounterClasses = LiveCounterClasses {
    root: Class::new("relative flex flex-col-reverse justify-end"),
    number: Class::new("mt-1 text-4xl font-semibold tracking-tight tabular-nums"),
    separator: Class::new("text-slate-400 dark:text-slate-500"),
    unseen: Class::new("sr-only"),
    label: Class::new("text-sm text-slate-600 first-letter:uppercase dark:text-slate-400"),
    ..LiveCounterClasses::NONE
};

const STAT: StatClasses = StatClasses {
    root: Class::new("relative"),
    label: Class::new("text-sm text-slate-600 dark:text-slate-400"),
    figure: Class::new("mt-1"),
    value: Class::new("text-3xl font-semibold tracking-tight tabular-nums"),
    unit: Class::new("text-sm text-slate-600 dark:text-slate-400"),
    trend: ink("mt-1 flex items-center gap-1 text-xs font-medium tabular-nums"),
    arrow: Class::new("size-3 fill-none stroke-current stroke-2 [stroke-linecap:round] [stroke-linejoin:round]"),
    word: Class::new("sr-only"),
    change: Class::NONE,
};

const SPARKLINE: SparklineClasses = SparklineClasses {
    root: Class::new("h-9 p-1")
        .tone(Tone::Neutral, "text-indigo-500 dark:text-indigo-400")
        .tone(Tone::Info, "text-sky-500 dark:text-sky-400")
        .tone(Tone::Success, "text-emerald-500 dark:text-emerald-400")
        .tone(Tone::Warning, "text-amber-500 dark:text-amber-400")
        .tone(Tone::Danger, "text-rose-500 dark:text-rose-400"),
    drawing: Class::new(
        "block size-full overflow-visible fill-none stroke-current stroke-2 [stroke-linecap:round] [stroke-linejoin:round]",
    ),
    area: Class::new("fill-current stroke-none opacity-10"),
    line: Class::new("[vector-effect:non-scaling-stroke]"),
    last: Class::new("stroke-6 [vector-effect:non-scaling-stroke]"),
};

const ROW: TableRowClasses = TableRowClasses {
    root: Class::new("border-t border-slate-900/5 dark:border-white/10"),
    header: Class::new("py-3 pr-4 pl-6 text-left font-medium whitespace-nowrap"),
    cell: Class::new("px-4 py-1.5 whitespace-nowrap text-slate-600 dark:text-slate-400"),
    number: Class::new("py-3 pr-6 pl-4 text-right whitespace-nowrap tabular-nums"),
};

fn state(word: &'static str, tone: Tone) -> Markup {
    let (ink, dot) = match tone {
        Tone::Warning => ("text-amber-800 dark:text-amber-300", "bg-amber-500 dark:bg-amber-400"),
        _ => ("text-emerald-700 dark:text-emerald-300", "bg-emerald-500 dark:bg-emerald-400"),
    };
    html! { span class={ "inline-flex items-center gap-2 font-medium " (ink) } { span class={ "size-1.5 rounded-full " (dot) } {} (word) } }
}

/// The card is a box only while it is open: a dialog that was closed is gone.
const TOAST: ToastClasses = ToastClasses {
    root: Class::NONE,
    card: Class::new(
        "pointer-events-auto static mt-3 w-full max-w-none items-start gap-3 rounded-xl bg-white p-4 text-sm text-slate-900 shadow-xl ring-1 \
         shadow-slate-900/10 ring-slate-900/5 open:flex dark:bg-slate-800 dark:text-white dark:ring-white/10",
    ),
    mark: fill("mt-1.5 size-2 shrink-0 rounded-full"),
    body: Class::new("min-w-0 flex-1"),
    title: Class::new("font-semibold"),
    message: Class::new("text-slate-600 dark:text-slate-400"),
    form: Class::new("-m-1.5 shrink-0"),
    dismiss: Class::new(
        "grid size-8 cursor-pointer place-items-center rounded-full text-slate-500 before:text-xl before:leading-none before:content-['×'] \
         hover:bg-slate-900/5 hover:text-slate-900 dark:text-slate-400 dark:hover:bg-white/10 dark:hover:text-white",
    ),
};

const LOG: LogTailClasses = LogTailClasses {
    root: Class::new(
        "flex h-64 flex-col-reverse overflow-auto overscroll-contain px-6 pb-5 font-mono text-xs leading-6 [scrollbar-width:thin]",
    ),
    lines: Class::new("mb-auto"),
};

const LINE: LogLineClasses = LogLineClasses {
    root: Class::new("flex flex-wrap gap-x-3"),
    time: Class::new("text-slate-500 tabular-nums dark:text-slate-400"),
    level: ink("min-w-[5ch] font-semibold"),
    text: Class::new("min-w-0 flex-1 basis-60 break-words"),
};
