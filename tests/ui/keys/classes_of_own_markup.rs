use htmx_ws_components::{Component, StatusBadgeClasses};

#[derive(Component)]
#[component(id = "clock", render = face, classes = StatusBadgeClasses::NONE)]
struct Clock;

fn face(_: &Clock) -> maud::Markup {
    maud::html! { p { "noon" } }
}

fn main() {}
