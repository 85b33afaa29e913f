//! This machine, ten times a second: processor, memory and disks.
//!
//! [`machine`] measures, [`view`] makes components of it, [`page`] shows them. Nobody measures while nobody looks.

mod machine;
mod page;
mod view;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use htmx_ws_components::{Hub, HubBuilder, Topic};
use htmx_ws_examples::args::{self, Args};
use htmx_ws_examples::site::Site;
use tokio::time::MissedTickBehavior;

use crate::machine::Shared;
use crate::page::App;
use crate::view::TOPIC;

const USAGE: &str = "\
Shows the processor, the memory and the disks of this machine, live in the browser.

usage: monitor [options]

";

/// Ten times a second: faster than one can read, and still glides.
const INTERVAL: Duration = Duration::from_millis(100);

/// Longer than a page takes to load anew.
const LINGER: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> ExitCode {
    let parsed = args::parse(std::env::args_os().skip(1), |_, _| Ok(false));
    let args = match args::or_exit(parsed, USAGE) {
        Ok(args) => args,
        Err(code) => return code,
    };
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> io::Result<()> {
    let machine = Shared::default();
    let site = Site::of(hub(&machine), args)?;
    let app = App { hub: site.hub().clone(), machine, policy: site.policy() };
    site.serve(page::routes(), app, || ()).await
}

fn hub(machine: &Shared) -> HubBuilder {
    let machine = machine.clone();
    // The task is dropped when the last page has gone, and made again for the next one.
    let measure = move |hub: Hub, topic: &Topic| (topic.as_str() == TOPIC).then(|| measure(hub, machine.clone()));
    Hub::builder().producer(measure).producer_linger(LINGER)
}

async fn measure(hub: Hub, machine: Shared) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let (hub, machine) = (hub.clone(), machine.clone());
        // It reads files, and asks file systems, which may take their time.
        let measured = tokio::task::spawn_blocking(move || {
            let mut machine = machine.lock();
            machine.measure();
            view::publish(&hub, &machine)
        });
        if let Ok(Err(error)) = measured.await {
            eprintln!("nothing can be shown: {error}");
            return;
        }
    }
}
