use htmx_ws_components::{ProgressBar, StatusBadgeClasses};

#[derive(ProgressBar)]
#[component(id = "upload", classes = StatusBadgeClasses::NONE)]
struct Upload {
    #[progress(value)]
    percent: u8,
}

fn main() {}
