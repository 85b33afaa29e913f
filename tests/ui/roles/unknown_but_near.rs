use htmx_ws_components::ProgressBar;

#[derive(ProgressBar)]
#[component(id = "upload-{file}")]
struct Upload {
    file: u32,
    #[progress(valeu)]
    percent: u8,
}

fn main() {}
