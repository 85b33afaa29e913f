//! What a busy topic costs a page: whether the browser still draws, and how late it shows what was published.
//!
//! Server, driver and browser share the processors of this machine, so a row is also what the others take; the first row is the browser at rest. Beside each
//! generation of htmx with our hub stands the same page as it is without: a frame for each publish, no pacing, nothing left out.

mod board;
mod frames;
mod site;

use std::error::Error;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use htmx_ws_benches::table::Table;
use htmx_ws_components::{Htmx, Hub};
use htmx_ws_tests::browser::{Browser, Tab};
use tokio::sync::watch;

use board::{COMPONENTS, PUBLISHES, Stamp};
use frames::Frames;
use site::Site;

/// How long each row is measured.
const MEASURED: Duration = Duration::from_secs(10);

/// How long a page may take to be right behind the last publish.
const PATIENCE: Duration = Duration::from_secs(60);

const GENERATIONS: [(Htmx, &str); 3] = [(Htmx::V2, "htmx 2"), (Htmx::V2Morph, "htmx 2, morph"), (Htmx::V4, "htmx 4")];

/// What a row is of.
#[derive(Clone, Copy)]
enum Case {
    /// Nothing is published.
    Rest,
    /// The hub as it is built by default, or with another flush interval.
    Hub(Option<Duration>),
    /// Without the hub and without our script.
    Plain,
}

fn main() -> Result<(), Box<dyn Error>> {
    let others = std::env::args().skip(1).map(|millis| Ok(Case::Hub(Some(Duration::from_millis(millis.parse()?)))));
    let others = others.collect::<Result<Vec<Case>, Box<dyn Error>>>()?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(measure_all(&others))
}

async fn measure_all(others: &[Case]) -> Result<(), Box<dyn Error>> {
    let cores = available_parallelism()?;
    println!("{COMPONENTS} components, {PUBLISHES} publishes a second for {} s", MEASURED.as_secs());
    println!("server, driver and browser share {cores} processors; the browser draws without a graphics card");
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!(
            "the load of the last minute, before: {}; what others take of the processors is missing here",
            load.split(' ').next().unwrap_or_default()
        );
    }
    println!();
    let mut table = Table::new([
        "",
        "frames/s",
        "worst second",
        "> 50 ms",
        "busy",
        "style",
        "newest p50 ms",
        "p99",
        "max",
        "oldest p50 ms",
        "p99",
        "max",
        "sent/s",
        "right after ms",
    ]);
    table.row(row("at rest".to_owned(), Htmx::V4, Case::Rest).await?);
    for (htmx, name) in GENERATIONS {
        table.row(row(format!("{name}, hub"), htmx, Case::Hub(None)).await?);
        for case in others {
            let Case::Hub(Some(interval)) = case else { continue };
            table.row(row(format!("{name}, hub, {} ms", interval.as_millis()), htmx, *case).await?);
        }
        if htmx != Htmx::V2Morph {
            table.row(row(format!("{name}, plain"), htmx, Case::Plain).await?);
        }
    }
    println!("{table}");
    println!("newest, oldest: the age of the newest and of the oldest publish that a frame shows, of fifty; max: the worst of all frames");
    println!("busy, style: the page's thread, in processor time; right after: from the last publish until the page shows it");
    Ok(())
}

/// Measures one page, in a browser of its own.
async fn row(name: String, htmx: Htmx, case: Case) -> Result<Vec<String>, Box<dyn Error>> {
    let builder = match case {
        Case::Hub(Some(interval)) => Hub::builder().flush_interval(interval),
        _ => Hub::builder(),
    };
    let (site, addr) = Site::start(builder, htmx).await;
    let browser = Browser::start().await;
    let path = if matches!(case, Case::Plain) { "plain" } else { "" };
    let tab = browser.tab(&format!("http://{addr}/{path}")).await;
    let (stop, stopped) = watch::channel(false);
    let way = match case {
        Case::Plain => site.by_frames(),
        _ => site.by_hub(),
    };
    let publisher = match case {
        Case::Rest => None,
        _ => Some(tokio::spawn(board::publish(way, stopped))),
    };
    Frames::note(&tab).await;
    if publisher.is_some() {
        tab.wait_until("all components were updated", "noted.length > 0 && noted[noted.length - 1][2] > 0").await;
    }
    let (sent, started) = (site.frames(), Instant::now());
    let frames = Frames::of(&tab, MEASURED).await;
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    let sent = (site.frames() - sent) as f64 / started.elapsed().as_secs_f64();
    stop.send_replace(true);
    let mut cells = vec![name, format!("{:.1}", frames.rate()), frames.worst_second().to_string(), frames.long().to_string()];
    cells.extend([frames.busy(), frames.style()].map(|part| format!("{:.0} %", part * 100.0)));
    let Some(publisher) = publisher else { return Ok(cells) };
    for ages in [frames.newest(), frames.oldest()] {
        cells.extend([50, 99, 100].map(|percent| format!("{:.0}", ages.percentile(percent))));
    }
    cells.push(format!("{sent:.0}"));
    cells.push(right_after(&tab, publisher.await?).await);
    Ok(cells)
}

/// How long behind the last publish the page shows it, in milliseconds.
async fn right_after(tab: &Tab, last: Stamp) -> String {
    let deadline = Instant::now() + PATIENCE;
    // What the page notes are milliseconds with a fraction.
    let shows = format!("(noted.find((frame) => Math.round(frame[1] * 1000) >= {last}) || [0])[0]");
    loop {
        let at: f64 = tab.eval(&shows).await;
        if at > 0.0 {
            #[allow(clippy::cast_precision_loss, reason = "microseconds of this century are exact")]
            return format!("{:.0}", (at - last as f64 / 1e3).max(0.0));
        }
        if Instant::now() > deadline {
            return format!("> {}", PATIENCE.as_millis());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
