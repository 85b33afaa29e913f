use htmx_ws_components::Component;

#[derive(Component)]
#[component(id = "clock-{zone}", render = Self::face)]
struct Clock;

impl Clock {
    fn face(&self) -> maud::Markup {
        maud::html! { p { "noon" } }
    }
}

fn main() {}
