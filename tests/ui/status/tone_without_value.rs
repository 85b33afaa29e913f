use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(tone)]
    Failed { reason: String },
}

fn main() {}
