use htmx_ws_components::ProgressBar;

#[derive(ProgressBar)]
#[component(id = "upload-{file}", render = Self::markup)]
struct Upload {
    file: u32,
    #[progress(value)]
    percent: u8,
}

fn main() {}
