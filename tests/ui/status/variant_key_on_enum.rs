use htmx_ws_components::Status;

#[derive(Status)]
#[status(tone = info)]
enum State {
    #[status(terminal)]
    Failed { reason: String },
}

fn main() {}
