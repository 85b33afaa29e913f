use htmx_ws_components::Overlay;

#[derive(Overlay)]
#[component(id = "scan")]
struct Scan {
    #[overlay(open)]
    running: Option<bool>,
    #[overlay(title)]
    folder: String,
    #[overlay(stat = "Files found")]
    files: u64,
}

fn main() {}
