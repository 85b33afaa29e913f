use htmx_ws_components::Component;

#[derive(Component)]
#[component(id = "clock", render = Self::face, leaf = true)]
struct Clock;

impl Clock {
    fn face(&self) -> maud::Markup {
        maud::html! { p { "noon" } }
    }
}

fn main() {}
