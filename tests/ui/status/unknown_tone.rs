use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(tone = dangre)]
    Failed { reason: String },
}

fn main() {}
