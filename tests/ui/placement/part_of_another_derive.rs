use htmx_ws_components::ProgressBar;

#[derive(ProgressBar)]
#[component(id = "progress")]
struct Progress {
    #[progress(value)]
    #[component(part)]
    percent: u8,
}

fn main() {}
