use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(tone = "danger")]
    Failed { reason: String },
}

fn main() {}
