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
impl ::htmx_ws_components::Component for Numbered {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;
    const ID_SHAPE: &'static ::core::primitive::str = "step-{}";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::write_id(__buffer, "step-", &self.job)
    }
    fn list(&self) -> ::core::option::Option<::htmx_ws_components::DomId> {
        ::htmx_ws_components::private::list_of("steps-", &self.job)
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::TimelineStep::new(
                &::htmx_ws_components::private::IdOf(self),
                ::htmx_ws_components::private::Probe::new(&self.name).text(),
                &self.state,
            )
            .detail(::htmx_ws_components::private::Probe::new(&self.note).optional())
            .render_to(__buffer);
    }
}
#[automatically_derived]
impl ::htmx_ws_components::private::Render for Numbered {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
