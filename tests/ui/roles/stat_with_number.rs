use htmx_ws_components::Overlay;

#[derive(Overlay)]
#[component(id = "scan")]
struct Scan {
    #[overlay(open)]
    running: bool,
    #[overlay(title)]
    folder: String,
    #[overlay(stat = 5)]
    files: u64,
}

fn main() {}
