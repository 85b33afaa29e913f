use htmx_ws_components::TimelineStep;

#[derive(TimelineStep)]
#[component(id = "step-{number}")]
struct Step {
    number: u32,
}

fn main() {}
