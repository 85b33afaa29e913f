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
impl ::htmx_ws_components::Component for Numbered {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::IdTemplate::new(__buffer, "badge-")
            .field(&self.job)
            .finish()
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        #[allow(unused_imports)]
        use ::htmx_ws_components::private::{IsPlain as _, IsShown as _};
        ::htmx_ws_components::private::StatusBadge::new(
                &::htmx_ws_components::private::IdOf(self),
                &self.state,
            )
            .label(
                ::core::option::Option::<
                    &dyn ::htmx_ws_components::Text,
                >::Some(&(&&::htmx_ws_components::private::Probe(&self.name)).text()),
            )
            .title(
                ::htmx_ws_components::private::optional_text(
                    &::core::option::Option::map(
                        ::core::option::Option::as_ref(&self.note),
                        |__value| {
                            (&&::htmx_ws_components::private::Probe(__value)).text()
                        },
                    ),
                ),
            )
            .render_to(__buffer);
    }
}
#[automatically_derived]
impl ::htmx_ws_components::private::IdShape for Numbered {
    const SHAPE: &'static ::core::primitive::str = "badge-{}";
}
#[automatically_derived]
impl ::htmx_ws_components::private::Render for Numbered {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
