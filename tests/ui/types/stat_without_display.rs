use htmx_ws_components::Overlay;

#[derive(Overlay)]
#[component(id = "scan")]
struct Scan {
    #[overlay(open)]
    running: bool,
    #[overlay(title)]
    folder: String,
    #[overlay(stat = "Files found")]
    files: Vec<u64>,
}

fn main() {}
