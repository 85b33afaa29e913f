use htmx_ws_components::ProgressBar;

#[derive(ProgressBar)]
#[component(id = "upload-{file..number}")]
struct Upload {
    file: File,
    #[progress(value)]
    percent: u8,
}

struct File {
    number: u32,
}

fn main() {}
