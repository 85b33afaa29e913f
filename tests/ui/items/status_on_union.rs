use htmx_ws_components::Status;

#[derive(Status)]
union State {
    code: u8,
}

fn main() {}
