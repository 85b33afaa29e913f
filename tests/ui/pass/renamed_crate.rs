mod inner {
    pub use htmx_ws_components as live;
}

/// Nothing of the default path is used: the crate is found where `crate =` says.
mod app {
    use crate::inner::live::{self, Component as _};

    #[derive(live::Status)]
    #[status(crate = crate::inner::live)]
    enum State {
        Up,
    }

    #[derive(live::StatusBadge)]
    #[component(id = "server", crate = crate::inner::live)]
    struct Server {
        #[badge(status)]
        state: State,
    }

    #[derive(live::Component)]
    #[component(crate = live, id = "own", render = <Own as Face>::face)]
    struct Own;

    trait Face {
        fn face(&self) -> maud::Markup;
    }

    impl Face for Own {
        fn face(&self) -> maud::Markup {
            maud::html! { p {} }
        }
    }

    pub fn check() {
        assert_eq!(Server { state: State::Up }.id().as_str(), "server");
        assert_eq!(Own.id().as_str(), "own");
    }
}

fn main() {
    app::check();
}
