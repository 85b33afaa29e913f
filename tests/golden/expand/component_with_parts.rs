#[derive(Component)]
#[component(id = "job-{job}", list = "jobs", render = Self::card)]
struct Job {
    job: u32,
    #[component(part)]
    progress: Progress,
    #[component(part)]
    steps: Vec<Step>,
}

// expands to

#[automatically_derived]
impl ::htmx_ws_components::Component for Job {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Branch;
    const ID_SHAPE: &'static ::core::primitive::str = "job-{}";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::write_id(__buffer, "job-", &self.job)
    }
    fn list(&self) -> ::core::option::Option<::htmx_ws_components::DomId> {
        ::htmx_ws_components::private::list_id(|__buffer| {
            ::htmx_ws_components::private::IdTemplate::new(__buffer, "jobs").finish()
        })
    }
    fn parts(&self, __parts: &mut ::htmx_ws_components::Parts) {
        ::htmx_ws_components::Parts::add(__parts, &self.progress);
        ::htmx_ws_components::Parts::add(__parts, &self.steps);
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        #[allow(deprecated, unused_qualifications)]
        let __markup: ::htmx_ws_components::private::Markup = Self::card(self);
        __buffer.push_str(&__markup.0);
    }
}
#[automatically_derived]
impl ::htmx_ws_components::private::Render for Job {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
