//! A bad line, on request.

use std::time::Duration;

use maud::{Markup, html};
use serde::Deserialize;

use crate::inspector::overview::{Line, percent};
use crate::transport::simulation::Simulation;
use crate::web::hub::Hub;
use crate::web::inbound::Inbound;

/// What the form asks for.
#[derive(Debug, Deserialize)]
pub(super) struct Simulate {
    latency_ms: u64,
    /// In percent.
    drops: f64,
}

impl Simulate {
    /// Does it, with the hub that is looked at.
    pub(super) fn act(message: &Inbound<Self>, watched: &Hub) -> Result<(), String> {
        let Self { latency_ms, drops } = message.value();
        let (latency, probability) = (Duration::from_millis(*latency_ms), drops / 100.0);
        if latency > Simulation::MAX_LATENCY || !(0.0..=Simulation::MAX_DROPS).contains(&probability) {
            let (most, highest) = (Simulation::MAX_LATENCY.as_millis(), Simulation::MAX_DROPS * 100.0);
            return Err(format!("A line can be up to {most} ms late, and break with up to {highest} %"));
        }
        watched.simulate(Simulation::OFF.latency(latency).drops(probability));
        Ok(())
    }
}

pub(super) fn markup(simulation: Simulation) -> Markup {
    let (most, highest) = (Simulation::MAX_LATENCY.as_millis(), Simulation::MAX_DROPS * 100.0);
    html! {
        section class="card simulator" aria-labelledby="simulator-heading" {
            header {
                h2 id="simulator-heading" { "A bad line" }
                (Line(simulation))
            }
            p class="hint" { "For development: what all pages of this hub would be like on a train. Nothing gets lost by it; a page resumes where it was." }
            form data-ws-send hx-ws:send {
                input type="hidden" name="action" value="simulate";
                label { "Late by" span class="field" { input type="number" name="latency_ms" value=(simulation.delay().as_millis()) min="0" max=(most) step="10" required; "ms" } }
                label { "Breaks at" span class="field" { input type="number" name="drops" value=(percent(simulation)) min="0" max=(highest) step="any" required; "% of frames" } }
                button class="button is-primary" type="submit" { "Simulate" }
            }
            form data-ws-send hx-ws:send {
                @for (name, value) in [("action", "simulate"), ("latency_ms", "0"), ("drops", "0")] { input type="hidden" name=(name) value=(value); }
                button class="button" type="submit" { "Off" }
            }
        }
    }
}
