//! The guides in `docs/`, for the doc tests: every block of Rust in them is compiled, and run where it does not serve pages.

macro_rules! guides {
    ($($name:ident: $path:literal,)+) => {
        $(#[doc = include_str!($path)] mod $name {})+
    };
}

guides! {
    components: "../../docs/components.md",
    forms: "../../docs/forms.md",
    getting_started: "../../docs/getting-started.md",
    htmx: "../../docs/htmx.md",
    migrating: "../../docs/migrating.md",
    operations: "../../docs/operations.md",
    page: "../../docs/page.md",
    security: "../../docs/security.md",
    testing: "../../docs/testing.md",
    topics: "../../docs/topics.md",
}

#[cfg(feature = "nats")]
guides! {
    scaling: "../../docs/scaling.md",
}
