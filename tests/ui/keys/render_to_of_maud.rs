use htmx_ws_components::Component;

#[derive(Component)]
#[component(id = "clock", render = maud::Render::render_to)]
struct Clock;

fn main() {}
