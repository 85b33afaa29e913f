use htmx_ws_components::{Status, TimelineStep};

#[derive(Status)]
enum State {
    Done,
}

#[derive(TimelineStep)]
#[component(id = "step-{name}")]
struct Step {
    #[step(title)]
    name: String,
    #[step(status)]
    state: State,
    #[step(at)]
    finished: Option<u64>,
}

fn main() {}
