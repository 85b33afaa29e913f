use htmx_ws_components::Overlay;

#[derive(Overlay)]
#[component(id = "scan")]
struct Scan {
    #[overlay(open)]
    running: bool,
    #[overlay(title)]
    folder: Option<String>,
    #[overlay(stat = "Files found")]
    files: u64,
}

fn main() {}
