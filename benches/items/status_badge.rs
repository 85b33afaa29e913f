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
    const ID_SHAPE: &'static ::core::primitive::str = "badge-{}";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::write_id(__buffer, "badge-", &self.job)
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::StatusBadge::new(
                &::htmx_ws_components::private::IdOf(self),
                &self.state,
            )
            .label(::htmx_ws_components::private::Probe::new(&self.name).some())
            .title(::htmx_ws_components::private::Probe::new(&self.note).optional())
            .render_to(__buffer);
    }
}
#[automatically_derived]
impl ::htmx_ws_components::private::Render for Numbered {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
