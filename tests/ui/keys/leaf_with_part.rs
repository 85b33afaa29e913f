use htmx_ws_components::{Component, ProgressBar};
use maud::{Markup, html};

#[derive(ProgressBar)]
#[component(id = "progress")]
struct Progress {
    #[progress(value)]
    percent: u8,
}

#[derive(Component)]
#[component(id = "card", leaf, render = Self::markup)]
struct Card {
    #[component(part)]
    progress: Progress,
}

impl Card {
    fn markup(&self) -> Markup {
        html! { div { (self.progress) } }
    }
}

fn main() {}
