use htmx_ws_components::{Status, TimelineStep};

#[derive(TimelineStep)]
#[component(id = "step-{job}", list = "steps of {job}")]
struct Step {
    job: u32,
    #[step(title)]
    title: String,
    #[step(status)]
    status: State,
}

#[derive(Status)]
enum State {
    Open,
}

fn main() {}
