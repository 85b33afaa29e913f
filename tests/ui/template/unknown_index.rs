use htmx_ws_components::ProgressBar;

#[derive(ProgressBar)]
#[component(id = "upload-{2}")]
struct Upload(u32, #[progress(value)] u8);

fn main() {}
