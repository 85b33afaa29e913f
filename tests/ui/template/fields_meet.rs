use htmx_ws_components::StatusBadge;

#[derive(StatusBadge)]
#[component(id = "cell-{row}_{column}")]
struct Cell {
    row: u32,
    column: u32,
    #[badge(status)]
    status: State,
}

#[derive(htmx_ws_components::Status)]
enum State {
    Full,
}

fn main() {}
