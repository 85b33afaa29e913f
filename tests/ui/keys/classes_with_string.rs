use htmx_ws_components::ProgressBar;

#[derive(ProgressBar)]
#[component(id = "upload", classes = "progress")]
struct Upload {
    #[progress(value)]
    percent: u8,
}

fn main() {}
