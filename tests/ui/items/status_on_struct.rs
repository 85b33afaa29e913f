use htmx_ws_components::Status;

#[derive(Status)]
#[status(tone = info)]
struct State;

fn main() {}
