use htmx_ws_components::ProgressBar;

#[derive(ProgressBar)]
#[component(id = "upload-{file}")]
struct Upload {
    file: u32,
    #[progress(valeu)]
    percent: u8,
}

fn page(upload: &Upload) -> maud::Markup {
    // The mistake is above; what uses the component gives no message of its own.
    maud::html! { (upload) }
}

fn show<C: htmx_ws_components::Component>(_: &C) {}

fn use_it(upload: &Upload) {
    show(upload);
    page(upload);
}

fn main() {
    use_it(&Upload { file: 1, percent: 2 });
}
