use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(icon = rocket)]
    Released,
}

fn main() {}
