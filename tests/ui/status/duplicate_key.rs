use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(terminal, tone = info, terminal)]
    Failed { reason: String },
}

fn main() {}
