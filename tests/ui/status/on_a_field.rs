use htmx_ws_components::Status;

#[derive(Status)]
enum State {
    #[status(terminal)]
    Failed {
        #[status(label)]
        reason: String,
    },
}

fn main() {}
