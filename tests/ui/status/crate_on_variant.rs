use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(crate = htmx_ws_components)]
    Failed { reason: String },
}

fn main() {}
