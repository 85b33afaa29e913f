use htmx_ws_components::Component;

#[derive(Component)]
#[component(id = "clock")]
struct Clock;

fn main() {}
