use htmx_ws_components::Component;

#[derive(Component)]
#[component(id = "clock", render = "face")]
struct Clock;

fn main() {}
