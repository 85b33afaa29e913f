//! One schedule, between a page and a server of its own.

use std::time::{Duration, Instant};

use htmx_ws_components::{Counter, Htmx, Hub};
use htmx_ws_tests::browser::Tab;
use htmx_ws_tests::proxy::{Kind, Proxy};
use htmx_ws_tests::site::Site;
use htmx_ws_tests::socket::serve;

use super::schedule::{Fault, Publish, Schedule, Step};
use super::tally::Tally;
use crate::witness::{self, Seen};

/// Longer than any page needs. A browser keeps up to six connections for its next requests; where the network has forgotten them all, and lets no socket
/// through, a page finds that out of one after the other, and for each it waits eight seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a silent connection is used, so that a page notices soon when it is dead.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// A page, and what it is between.
struct Run<'run> {
    tab: &'run Tab,
    site: Site,
    proxy: Proxy,
    tally: Tally,
    ticks: u32,
}

/// How the page differs from what the server says.
type Difference = String;

/// Takes all steps, makes the wire whole, and waits until the page is right and follows again.
pub(super) async fn run(tab: &Tab, htmx: Htmx, schedule: &Schedule) -> Result<Tally, Difference> {
    let site = Site::new(Hub::builder().heartbeat(HEARTBEAT, 3 * HEARTBEAT), htmx);
    let proxy = Proxy::start(serve(site.router()).await).await;
    tab.goto(&proxy.url("/")).await;
    let mut run = Run { tab, site, proxy, tally: Tally::default(), ticks: 0 };
    run.until("it is connected", Seen::is_connected).await?;
    for step in &schedule.steps {
        run.take(step).await?;
    }
    run.proxy.restore();
    run.until_right().await?;
    // It is right because it is connected.
    run.publish(&Publish::Count(121));
    run.publish(&Publish::Event);
    run.until_right().await?;
    let gaps = run.site.hub().stats().get(Counter::Gap);
    if gaps > 0 {
        return Err(format!("the log had {gaps} gaps, and it holds everything"));
    }
    // One that was asked for waits for the next piece, and there may be none before the wire is restored.
    run.tally.faults[Fault::Reset { percent: 0 }.index()] = run.proxy.resets();
    Ok(Tally { schedules: 1, ..run.tally })
}

impl Run<'_> {
    async fn take(&mut self, step: &Step) -> Result<(), Difference> {
        match step {
            Step::Publish(publish) => self.publish(publish),
            Step::Burst(count) => (0..*count).for_each(|number| self.publish(&Publish::Count(number))),
            Step::Fault(fault) => self.fail(*fault).await,
            Step::Restore => self.proxy.restore(),
            Step::Pause(time) => tokio::time::sleep(*time).await,
            Step::UntilNoticed => self.until("it has noticed", |seen| !seen.is_connected()).await?,
            Step::UntilRight => self.until_right().await?,
        }
        Ok(())
    }

    fn publish(&mut self, publish: &Publish) {
        match publish {
            Publish::Count(count) => self.site.count(*count),
            Publish::Step(name) => self.site.step(name),
            Publish::RemoveStep(name) => self.site.remove_step(name),
            Publish::Card { title, count, rows } => self.site.card(title, *count, rows),
            Publish::Line(number) => self.site.line(&number.to_string()),
            Publish::Event => self.ticks = self.site.tick(),
        }
        self.tally.publishes += 1;
    }

    async fn fail(&mut self, fault: Fault) {
        self.tally.faults[fault.index()] += 1;
        let proxy = &self.proxy;
        match fault {
            Fault::Cut => proxy.cut().await,
            Fault::Stall => proxy.stall(),
            Fault::Delay { most, seed } => proxy.delay(Duration::ZERO..=most, seed),
            Fault::HalfOpen => proxy.half_open(),
            Fault::Reset { percent } => proxy.reset_in_the_middle(percent),
            Fault::HoldOpen => proxy.hold_open_connections(),
            Fault::HoldNew => proxy.hold_new_connections(),
            Fault::EndLate => proxy.end_late().await,
            Fault::BlockUpgrades => proxy.block(Kind::Upgrade),
            Fault::BlockEventStreams => proxy.block(Kind::EventStream),
        }
    }

    async fn until_right(&self) -> Result<(), Difference> {
        let ticks = self.ticks;
        self.until("it is right", |seen| seen.is_right(ticks)).await
    }

    /// Looks at the page until it is as it should be. What can never come right is told at once.
    async fn until(&self, what: &str, is_so: impl Fn(&Seen) -> bool) -> Result<(), Difference> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = witness::look(self.tab, &self.site).await;
            let problem = if seen.loads != 1 {
                "the page was loaded anew".to_owned()
            } else if !(1..).zip(&seen.ticks).all(|(number, tick)| number == *tick) {
                "the page has an event twice, not at all, or too early".to_owned()
            } else if is_so(&seen) {
                return Ok(());
            } else if Instant::now() > deadline {
                format!("waited {PATIENCE:?} until {what}")
            } else {
                tokio::time::sleep(witness::POLL_INTERVAL).await;
                continue;
            };
            return Err(format!("{problem}; of {} events {seen}", self.ticks));
        }
    }
}
