use htmx_ws_components::Component;
use maud::{Markup, Render};

#[derive(Component)]
#[component(id = "7-clock", render = Render::render)]
struct Clock;

impl Render for Clock {
    fn render(&self) -> Markup {
        maud::html! { p id="clock" {} }
    }
}

fn main() {}
