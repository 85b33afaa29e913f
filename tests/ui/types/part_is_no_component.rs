use htmx_ws_components::Component;
use maud::{Markup, html};

#[derive(Component)]
#[component(id = "card", render = Self::markup)]
struct Card {
    #[component(part)]
    title: String,
}

impl Card {
    fn markup(&self) -> Markup {
        html! { div { (self.title) } }
    }
}

fn main() {}
