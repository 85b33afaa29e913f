use htmx_ws_components::Status;

#[derive(Status)]
#[status(krate = std)]
enum State {
    #[status(terminal)]
    Failed { reason: String },
}

fn main() {}
