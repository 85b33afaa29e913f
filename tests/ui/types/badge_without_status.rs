use htmx_ws_components::StatusBadge;

#[derive(StatusBadge)]
#[component(id = "server")]
struct Server {
    #[badge(status)]
    status: std::vec::Vec<u8>,
}

fn main() {}
