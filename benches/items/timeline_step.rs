#[derive(TimelineStep)]
#[component(id = "step-{job}", list = "steps-{job}")]
pub struct Numbered {
    pub job: u32,
    #[step(title)]
    pub name: String,
    #[step(status)]
    pub state: State,
    #[step(detail)]
    pub note: Option<String>,
}

// expands to

#[automatically_derived]
#[allow(
    deprecated,
    unused_qualifications,
    clippy::elidable_lifetime_names,
    clippy::needless_lifetimes
)]
impl ::htmx_ws_components::Component for Numbered {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::IdTemplate::new("step-").field(&self.job).finish()
    }
    fn list(&self) -> ::core::option::Option<::htmx_ws_components::DomId> {
        ::core::option::Option::Some(
            ::htmx_ws_components::private::IdTemplate::new("steps-")
                .field(&self.job)
                .finish(),
        )
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::TimelineStep::new(
                &<Self as ::htmx_ws_components::Component>::id(self),
                &self.name,
                &self.state,
            )
            .detail(
                ::core::option::Option::map(
                    ::core::option::Option::as_ref(&self.note),
                    |__value| -> &dyn ::core::fmt::Display { __value },
                ),
            )
            .render_to(__buffer);
    }
}
#[automatically_derived]
#[allow(
    deprecated,
    unused_qualifications,
    clippy::elidable_lifetime_names,
    clippy::needless_lifetimes
)]
impl ::htmx_ws_components::private::IdShape for Numbered {
    const SHAPE: &'static ::core::primitive::str = "step-{}";
}
#[automatically_derived]
#[allow(
    deprecated,
    unused_qualifications,
    clippy::elidable_lifetime_names,
    clippy::needless_lifetimes
)]
impl ::htmx_ws_components::private::Render for Numbered {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
