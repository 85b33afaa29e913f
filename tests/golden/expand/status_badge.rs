#[derive(StatusBadge)]
#[component(id = "job-{job.id}-status")]
struct JobStatus<'a, S: Status> {
    job: &'a Job,
    #[badge(status)]
    state: S,
    #[badge(label)]
    name: String,
    #[badge(title)]
    title: Option<&'a str>,
}

// expands to

#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<'a, S: Status> ::htmx_ws_components::Component for JobStatus<'a, S> {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;
    const ID_SHAPE: &'static ::core::primitive::str = "job-{}-status";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::IdTemplate::new(__buffer, "job-")
            .field(&self.job.id)
            .text("-status")
            .finish()
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::StatusBadge::new(
                &::htmx_ws_components::private::IdOf(self),
                &self.state,
            )
            .label(::htmx_ws_components::private::Probe::new(&self.name).some())
            .title(::htmx_ws_components::private::Probe::new(&self.title).optional())
            .render_to(__buffer);
    }
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<'a, S: Status> ::htmx_ws_components::private::Render for JobStatus<'a, S> {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
