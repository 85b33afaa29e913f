use htmx_ws_components::Component;

#[derive(Component)]
#[component(id = "clock", render = Self::at)]
struct Clock;

impl Clock {
    fn face(&self) -> String {
        String::from("noon")
    }

    fn at(&self, hour: u8) -> maud::Markup {
        maud::html! { p { (hour) } }
    }
}

fn main() {}
