use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(active = true)]
    Failed { reason: String },
}

fn main() {}
