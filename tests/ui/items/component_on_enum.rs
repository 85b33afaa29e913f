use htmx_ws_components::ProgressBar;

#[derive(ProgressBar)]
#[component(id = "upload")]
enum Upload {
    Running,
}

fn main() {}
