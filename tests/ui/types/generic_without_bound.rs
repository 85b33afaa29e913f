use htmx_ws_components::StatusBadge;

#[derive(StatusBadge)]
#[component(id = "server")]
struct Server<S> {
    #[badge(status)]
    status: S,
}

fn main() {}
