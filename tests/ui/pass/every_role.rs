use htmx_ws_components::{
    Class, Component, Overlay, OverlayClasses, ProgressBar, ProgressBarClasses, Status, StatusBadge, StatusBadgeClasses, TimelineStep,
    TimelineStepClasses, Tone,
};

mod theme {
    use super::*;

    pub const BADGE: StatusBadgeClasses = StatusBadgeClasses { root: Class::new("badge"), ..StatusBadgeClasses::NONE };
    pub static BAR: ProgressBarClasses = ProgressBarClasses::NONE;
}

#[derive(Status)]
enum State {
    Queued,
    #[status(tone = info, active, icon = "…")]
    InProgress,
    #[status(tone = success, terminal)]
    Done(u32),
    #[status(tone = warning, label = "{0} of {1}, {0}%")]
    Partly(u32, u32),
    #[status(tone = danger, terminal, label = "Failed: {reason} {{sic}}")]
    Failed { reason: String, code: i32 },
    #[status(tone = neutral, label = "Held {type}")]
    Held { r#type: &'static str },
}

#[derive(Status)]
enum Never {}

#[derive(StatusBadge)]
#[component(id = "job-{job}-status", classes = theme::BADGE)]
struct Badge {
    job: u32,
    #[badge(status)]
    state: State,
    #[badge(label)]
    name: &'static str,
    #[badge(title)]
    title: Option<String>,
}

#[derive(ProgressBar)]
#[component(id = "job-{0}-progress", classes = theme::BAR)]
struct Bar(
    u32,
    #[progress(value)] f32,
    #[progress(max)] Option<u64>,
    #[progress(label)] String,
    #[progress(detail)] std::option::Option<u8>,
    #[progress(tone)] Tone,
);

#[derive(TimelineStep)]
#[component(id = "job-{job}-step-{title}", list = "job-{job}-steps", classes = Self::CLASSES)]
struct Step {
    job: u32,
    #[step(title, detail)]
    title: String,
    #[step(status)]
    state: State,
    #[step(at)]
    at: std::time::SystemTime,
    #[step(order)]
    order: u16,
}

impl Step {
    const CLASSES: TimelineStepClasses = TimelineStepClasses { title: Class::new("h5"), ..TimelineStepClasses::BUILT_IN };
}

#[derive(Overlay)]
#[component(id = "scan-{type}", classes = OverlayClasses::NONE, bar_classes = theme::BAR)]
struct Scan {
    #[overlay(open)]
    running: bool,
    r#type: char,
    #[overlay(title)]
    folder: String,
    #[overlay(progress)]
    done: Option<std::num::NonZeroU8>,
    #[overlay(message, dismiss)]
    message: Option<&'static str>,
    #[overlay(stat = "Files found")]
    #[overlay(stat = "Files \"seen\"")]
    files: u64,
    #[overlay(stat = "Bytes")]
    bytes: u64,
}

#[derive(Component)]
#[component(id = "clock", render = face, leaf)]
struct Clock;

fn face(_: &Clock) -> maud::Markup {
    maud::html! { p { "noon" } }
}

#[derive(Component)]
#[component(id = "card-{number}", render = Self::card)]
struct Card {
    number: u32,
}

impl Card {
    fn card(&self) -> maud::Markup {
        maud::html! { article { (self.number) } }
    }
}

fn check(component: &(impl Component + maud::Render), id: &str) {
    assert_eq!(component.id().as_str(), id);
    let html = maud::Render::render(component).into_string();
    assert!(html.contains(&format!("id=\"{id}\"")), "{html}");
}

fn main() {
    let partly = State::Partly(1, 2);
    assert_eq!((partly.label().as_ref(), partly.tone(), partly.is_active()), ("1 of 2, 1%", Tone::Warning, false));
    let failed = State::Failed { reason: "disk full".into(), code: 5 };
    assert_eq!((failed.label().as_ref(), failed.is_terminal()), ("Failed: disk full {sic}", true));
    assert_eq!(State::InProgress.label(), "In progress");
    assert!(State::InProgress.is_active() && State::Done(1).is_terminal() && State::Queued.tone() == Tone::Neutral);
    assert_eq!(State::Held { r#type: "back" }.label(), "Held back");
    let _: Option<Never> = None;
    let State::Failed { code: 5, .. } = failed else { unreachable!() };

    check(&Badge { job: 7, state: State::Queued, name: "Job", title: None }, "job-7-status");
    check(&Bar(7, 0.5, Some(1), "Upload".into(), None, Tone::Info), "job-7-progress");
    let step = Step { job: 7, title: "a b".into(), state: State::Done(1), at: std::time::UNIX_EPOCH, order: 3 };
    check(&step, "job-7-step-a_20b");
    let html = maud::Render::render(&step).into_string();
    assert!(html.contains(r#"value="3""#) && html.contains(r#"class="h5""#) && html.contains(r#"class="hw-step""#), "{html}");
    assert_eq!((State::InProgress.icon(), State::Queued.icon()), (Some("…"), None));
    assert_eq!(step.list().unwrap().as_str(), "job-7-steps");
    check(&Scan { running: true, r#type: 'x', folder: "/".into(), done: None, message: Some("m"), files: 1, bytes: 2 }, "scan-x");
    check(&Clock, "clock");
    check(&Card { number: 3 }, "card-3");
    assert_eq!(Clock::NESTING, htmx_ws_components::Nesting::Leaf);
    assert_eq!(Card::NESTING, htmx_ws_components::Nesting::Branch);
}
