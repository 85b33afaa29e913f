use htmx_ws_components::ProgressBar;

#[derive(ProgressBar)]
#[component(id = "upload")]
union Upload {
    percent: u8,
}

fn main() {}
