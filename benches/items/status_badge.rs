#[derive(StatusBadge)]
#[component(id = "badge-{job}")]
pub struct Numbered {
    pub job: u32,
    #[badge(status)]
    pub state: State,
    #[badge(label)]
    pub name: String,
    #[badge(title)]
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
        ::htmx_ws_components::private::IdTemplate::new("badge-")
            .field(&self.job)
            .finish()
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::StatusBadge::new(
                &<Self as ::htmx_ws_components::Component>::id(self),
                &self.state,
            )
            .label(::core::option::Option::<&dyn ::core::fmt::Display>::Some(&self.name))
            .title(
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
    const SHAPE: &'static ::core::primitive::str = "badge-{}";
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
