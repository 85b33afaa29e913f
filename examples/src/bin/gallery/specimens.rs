//! The derived components, state by state.

use htmx_ws_components::{DomId, InvalidDomId, Overlay, ProgressBar, Status, StatusBadge, TimelineStep, Tone};
use maud::{Markup, Render, html};

use crate::page::section;

#[derive(Status)]
enum State {
    #[status(label = "Waiting", tone = neutral)]
    Waiting,
    #[status(label = "Running", tone = info, active)]
    Running,
    #[status(label = "Done", tone = success, terminal)]
    Done,
    #[status(label = "Cancelled", tone = warning, terminal)]
    Cancelled,
    #[status(label = "Failed", tone = danger, terminal)]
    Failed,
    #[status(label = "Released", tone = success, terminal, icon = "★")]
    Released,
}

const STATES: [(&str, State); 6] = [
    ("neutral", State::Waiting),
    ("info, active", State::Running),
    ("success", State::Done),
    ("warning", State::Cancelled),
    ("danger", State::Failed),
    ("with a sign of its own", State::Released),
];

pub(crate) fn markup() -> Result<Markup, InvalidDomId> {
    Ok(html! { (badges()?) (bars()?) (steps()?) (overlays()?) })
}

fn badges() -> Result<Markup, InvalidDomId> {
    let mut specimens = Vec::new();
    for (index, (name, state)) in STATES.iter().enumerate() {
        specimens.push((*name, StatusBadge::new(&DomId::new(&format!("badge-{index}"))?, state).render()));
    }
    let labelled = StatusBadge::new(&DomId::new("badge-label")?, &State::Done).label(Some(&"Backup")).render();
    specimens.push(("with a label", labelled));
    Ok(section("badge", "Status badge", "One word about one thing, with a colour that means the same.", "is-small", &specimens))
}

fn bars() -> Result<Markup, InvalidDomId> {
    let mut specimens = Vec::new();
    for (tone, percent) in Tone::ALL.into_iter().zip([38.0, 12.0, 100.0, 71.0, 54.0]) {
        let id = DomId::new(&format!("bar-{}", tone.as_str()))?;
        specimens.push((tone.as_str(), ProgressBar::new(&id, Some(percent)).label(Some(&"report.pdf")).tone(tone).render()));
    }
    let (unknown, detailed) = (DomId::new("bar-unknown")?, DomId::new("bar-detail")?);
    specimens.push(("indeterminate", ProgressBar::new(&unknown, None).label(Some(&"Counting files")).render()));
    let bar = ProgressBar::new(&detailed, Some(3.0)).max(Some(8.0)).label(Some(&"Chapters")).detail(Some(&"3 of 8 · 12 minutes left"));
    specimens.push(("with a detail", bar.render()));
    let empty = DomId::new("bar-empty")?;
    specimens.push(("nothing yet", ProgressBar::new(&empty, Some(0.0)).label(Some(&"report.pdf")).render()));
    Ok(section("progress", "Progress bar", "How far something is. It glides where the page is morphed.", "", &specimens))
}

fn steps() -> Result<Markup, InvalidDomId> {
    let step = |key: &str, title: &str, state: &State, detail: &str| {
        let id = DomId::new(&format!("step-{key}"))?;
        Ok(TimelineStep::new(&id, &title, state).detail(Some(&detail)).render())
    };
    let under_way = html! {
        ol class="hw-timeline" role="list" {
            (step("a1", "Build", &State::Done, "214 crates in 48 s")?)
            (step("a2", "Test", &State::Running, "812 of 1,204 tests")?)
            (step("a3", "Release", &State::Waiting, "Once the tests have passed")?)
        }
    };
    let ended = html! {
        ol class="hw-timeline" role="list" {
            (step("b1", "Build", &State::Done, "214 crates in 48 s")?)
            (step("b2", "Lint", &State::Cancelled, "Took longer than a minute")?)
            (step("b3", "Test", &State::Failed, "3 of 1,204 tests failed")?)
        }
    };
    let numbered = html! {
        ol class="hw-timeline" role="list" {
            @for (order, (title, state)) in (1..).zip([("Checkout", State::Done), ("Build", State::Running), ("Test", State::Waiting), ("Release", State::Waiting)]) {
                (TimelineStep::new(&DomId::new(&format!("step-c{order}"))?, &title, &state).order(Some(order)))
            }
        }
    };
    let about = "One thing after another, each with its state. The active one is the list's current step.";
    Ok(section("timeline", "Timeline step", about, "is-half", &[("under way", under_way), ("ended", ended), ("numbered", numbered)]))
}

fn overlays() -> Result<Markup, InvalidDomId> {
    let [title, message, stats, bar, closed] =
        ["title", "message", "stats", "bar", "closed"].map(|name| DomId::new(&format!("overlay-{name}")));
    let (title, message, stats, bar, closed) = (title?, message?, stats?, bar?, closed?);
    let over = |overlay: Overlay<'_>| {
        html! {
            div class="hw-overlay-host region" {
                p { "What is below can be seen a little, so that nobody loses the place." }
                (overlay)
            }
        }
    };
    let name = "Looking for files";
    let specimens = [
        ("closed", over(Overlay::new(&closed, false, &name))),
        ("title", over(Overlay::new(&title, true, &name))),
        ("message", over(Overlay::new(&message, true, &name).message(Some(&"/srv/archive/2026/reports/october/summary.pdf")))),
        ("with a bar, can be put aside", over(Overlay::new(&bar, true, &name).progress(Some(64.0)).dismiss(Some(&"Hide")))),
        ("figures", over(Overlay::new(&stats, true, &name).stats(&[("Files", &"1,204"), ("Size", &"38 MB")]))),
    ];
    Ok(section("overlay", "Overlay", "Lies over a region whose content is not there yet.", "is-half", &specimens))
}
