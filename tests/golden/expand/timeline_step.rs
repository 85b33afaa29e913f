#[derive(TimelineStep)]
#[component(id = "job-{job}-step-{title}", list = "job-{job}-steps")]
struct Step {
    job: u32,
    #[step(title)]
    title: &'static str,
    #[step(status)]
    state: State,
    #[step(at)]
    finished: Option<SystemTime>,
}

// expands to

#[automatically_derived]
impl ::htmx_ws_components::Component for Step {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;
    const ID_SHAPE: &'static ::core::primitive::str = "job-{}-step-{}";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::IdTemplate::new(__buffer, "job-")
            .field(&self.job)
            .text("-step-")
            .field(&self.title)
            .finish()
    }
    fn list(&self) -> ::core::option::Option<::htmx_ws_components::DomId> {
        ::htmx_ws_components::private::list_id(|__buffer| {
            ::htmx_ws_components::private::IdTemplate::new(__buffer, "job-")
                .field(&self.job)
                .text("-steps")
                .finish()
        })
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::TimelineStep::new(
                &::htmx_ws_components::private::IdOf(self),
                ::htmx_ws_components::private::Probe::new(&self.title).text(),
                &self.state,
            )
            .at(::htmx_ws_components::private::optional_time(&self.finished))
            .render_to(__buffer);
    }
}
#[automatically_derived]
impl ::htmx_ws_components::private::Render for Step {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
