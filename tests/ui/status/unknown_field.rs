use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(label = "Failed: {raeson}")]
    Failed { reason: String },
}

fn main() {}
