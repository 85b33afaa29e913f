use htmx_ws_components::{Status, TimelineStep};

#[derive(Status)]
enum State {
    Done,
}

#[derive(TimelineStep)]
#[component(id = "step")]
struct Step {
    #[step(title)]
    title: &'static str,
    #[step(status)]
    state: State,
    #[step(order)]
    order: f32,
}

fn main() {}
