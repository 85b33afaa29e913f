//! The views, state by state.

use htmx_ws_components::{
    ConnectionState, DomId, InvalidDomId, LiveCounter, LogTail, ReaderList, Sparkline, Stat, TableRow, Toast, ToastList, Tone, Trend,
};
use maud::{Markup, Render, html};

use crate::page::section;

pub(crate) fn markup() -> Result<Markup, InvalidDomId> {
    Ok(html! { (stats()?) (counters()?) (sparklines()?) (toasts()?) (tables()?) (logs()?) (readers()?) (connections()) })
}

fn id(text: &str) -> Result<DomId, InvalidDomId> {
    DomId::new(text)
}

fn stats() -> Result<Markup, InvalidDomId> {
    let stat = |key: &str, label: &str, value: &str| Ok(Stat::new(id(&format!("stat-{key}"))?, label, value));
    let specimens = [
        ("up is good", stat("up", "Visitors", "4,213")?.trend(Trend::Up, "12 % since Monday").tone(Tone::Success).render()),
        ("up is bad", stat("bad", "Latency", "187")?.unit("ms").trend(Trend::Up, "31 ms").tone(Tone::Danger).render()),
        ("down", stat("down", "Open issues", "48")?.trend(Trend::Down, "7 this week").tone(Tone::Success).render()),
        ("flat", stat("flat", "Uptime", "99.98")?.unit("%").trend(Trend::Flat, "as last month").render()),
        ("number and unit", stat("unit", "Storage", "1.7")?.unit("of 4 TB").render()),
    ];
    Ok(section("stat", "Stat", "One figure that matters, and where it is going.", "is-fifth", &specimens))
}

fn counters() -> Result<Markup, InvalidDomId> {
    let counter = |key: &str, label: &str, count| Ok(LiveCounter::new(id(&format!("counter-{key}"))?, label, count));
    let specimens = [
        ("grouped digits", counter("plain", "lines of Rust", 1_284_907)?.render()),
        ("tone", counter("tone", "tests passed", 1_204)?.tone(Tone::Success).render()),
        ("another separator", counter("space", "Bestellungen heute", 48_213)?.separator('\u{202f}').tone(Tone::Info).render()),
    ];
    let about = "A count that runs. A screen reader hears of it at every thousandth, or whenever you say.";
    Ok(section("counter", "Live counter", about, "is-third", &specimens))
}

fn sparklines() -> Result<Markup, InvalidDomId> {
    let course = |phase: u32| (0..32_u32).map(move |x| 3.0 + (f64::from(x + phase) / 4.1).sin() + (f64::from(x * x + phase) / 37.0).cos());
    let sparkline = |key: &str, values: Vec<f64>| Ok(Sparkline::new(id(&format!("sparkline-{key}"))?, "Load", values));
    let mut specimens = Vec::new();
    for (tone, phase) in Tone::ALL.into_iter().zip([0, 7, 13, 19, 25]) {
        specimens.push((tone.as_str(), sparkline(tone.as_str(), course(phase).collect())?.tone(tone).render()));
    }
    let gaps = course(3).enumerate().map(|(index, value)| if (11..15).contains(&index) { f64::NAN } else { value });
    specimens.push(("a gap where there is no number", sparkline("gap", gaps.collect())?.render()));
    specimens.push(("one value", sparkline("one", vec![1.0])?.render()));
    specimens.push(("fixed range", sparkline("range", course(5).collect())?.range(0.0, 12.0).render()));
    let about = "The course of a figure in the size of a word, with its text for those who do not see it.";
    Ok(section("sparkline", "Sparkline", about, "", &specimens))
}

fn toasts() -> Result<Markup, InvalidDomId> {
    let words = [
        ("New version", "It is loaded with the next page."),
        ("Ada is editing", "You see what she writes."),
        ("Saved", "report.pdf, 3 MB"),
        ("Almost full", "0.2 of 4 TB are left."),
        ("Not sent", "The server does not know this address."),
    ];
    let mut specimens = Vec::new();
    for (tone, (title, message)) in Tone::ALL.into_iter().zip(words) {
        let list = id(&format!("toasts-{}", tone.as_str()))?;
        let toast = Toast::new(id(&format!("toast-{}", tone.as_str()))?, &list, title).message(message).tone(tone).dismiss("Dismiss");
        specimens.push((tone.as_str(), ToastList::new(list, tone.as_str()).toast(toast).render()));
    }
    let list = id("toasts-title")?;
    let short = Toast::new(id("toast-title")?, &list, "Copied");
    specimens.push(("title only, not to be closed", ToastList::new(list, "title only").toast(short).render()));
    Ok(section("toast", "Toast", "What has just happened. It can be closed without a script.", "is-third", &specimens))
}

fn tables() -> Result<Markup, InvalidDomId> {
    let rows = [
        ("neutral", "archive.zip", "Waiting", "1.2 GB"),
        ("info", "photos.tar", "Uploading", "812 MB"),
        ("success", "report.pdf", "Done", "3.1 MB"),
        ("warning", "notes.txt", "Renamed", "4 kB"),
        ("danger", "video.mov", "Too large", "48 GB"),
    ];
    let body = id("table-rows")?;
    let row = |(tone, name, word, size): (&str, &'static str, &'static str, &'static str)| {
        let tone = Tone::ALL.into_iter().find(|known| known.as_str() == tone).unwrap_or_default();
        Ok(TableRow::new(id(&format!("table-{}", tone.as_str()))?, &body).header(name).cell(word).number(size).tone(tone))
    };
    let table = html! {
        div class="hw-table-scroll" role="region" aria-label="Files" tabindex="0" {
            table class="hw-table" {
                thead { tr { th scope="col" { "File" } th scope="col" { "State" } th scope="col" class="hw-number" { "Size" } } }
                tbody id=(body) { @for values in rows { (row(values)?) } }
            }
        }
    };
    let about = "A row that comes, changes and goes by itself, in a table of yours.";
    Ok(section("table", "Table row", about, "is-one", &[("every tone", table)]))
}

fn logs() -> Result<Markup, InvalidDomId> {
    let mut full = LogTail::new("log-full", "Build", 50)?;
    let lines = [
        ("info", Tone::Info, "building release 4.1"),
        ("debug", Tone::Neutral, "GET /orders 200 in 42 ms"),
        ("ok", Tone::Success, "1,204 tests passed"),
        ("warn", Tone::Warning, "linking took 3.2 s, which is longer than the last ten times; see /var/log/build/4.1/link.log"),
        ("error", Tone::Danger, "web-5: connection reset by peer"),
    ];
    for (second, (level, tone, text)) in (1..).zip(lines) {
        // Part of the page from the start, so there is nothing to publish.
        let _ = full.push(text, |line| line.time(format_args!("12:00:0{second}")).level(level, tone));
    }
    let mut plain = LogTail::new("log-plain", "Plain", 50)?;
    for number in 1..=40 {
        let _ = plain.push(format_args!("line {number}, in an area that begins at its end"), |line| line);
    }
    let about = "The last lines of a log. The area stays at the newest one by CSS alone.";
    let specimens = [("times and levels", full.render()), ("more than fits", plain.render())];
    Ok(section("log", "Log tail", about, "is-half", &specimens))
}

fn readers() -> Result<Markup, InvalidDomId> {
    let list = |key: &str, names: &[&str]| Ok(ReaderList::new(id(&format!("readers-{key}"))?, names));
    let many = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Frances", "Alan", "Margaret", "Niklaus", "Radia"];
    let specimens = [
        ("a few", list("few", &many[..3])?.render()),
        ("more than fit", list("many", &many)?.at_most(4).render()),
        ("a long name", list("long", &["Ada", "Augusta Ada King, Countess of Lovelace"])?.render()),
    ];
    Ok(section("readers", "Reader list", "Who reads this page, from join to leave.", "is-third", &specimens))
}

fn connections() -> Markup {
    let banner = |state: &'static str| (state, html! { div data-live=(state) { (ConnectionState::new()) } });
    let about = "Says when the page is not live any more, and nothing while it is.";
    section("connection", "Connection state", about, "is-half", &["offline", "reconnecting", "stale", "closed"].map(banner))
}
