use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(terminl)]
    Failed { reason: String },
}

fn main() {}
