use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(label = "Failed: {reason}")]
    Failed,
}

fn main() {}
