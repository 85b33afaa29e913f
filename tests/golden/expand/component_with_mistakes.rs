#[derive(StatusBadge)]
#[component(id = "job-{jbo}")]
struct JobStatus<T> {
    job: u32,
    #[badge(stauts)]
    state: T,
}

// expands to

::core::compile_error! {
    "unknown field `jbo`; expected one of: `job`, `state`; did you mean `job`?"
}
::core::compile_error! {
    "unknown role `stauts`; expected one of: `status`, `label`, `title`; did you mean `status`?"
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
impl<T> ::htmx_ws_components::Component for JobStatus<T> {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;
    fn id(&self) -> ::htmx_ws_components::DomId {
        loop {}
    }
    fn render_to(&self, _: &mut ::htmx_ws_components::private::String) {}
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
impl<T> ::htmx_ws_components::private::Render for JobStatus<T> {
    fn render_to(&self, _: &mut ::htmx_ws_components::private::String) {}
}
