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
                        ::core::option::Option::as_ref(&self.title),
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
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<'a, S: Status> ::htmx_ws_components::private::IdShape for JobStatus<'a, S> {
    const SHAPE: &'static ::core::primitive::str = "job-{}-status";
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
impl<'a, S: Status> ::htmx_ws_components::private::Render for JobStatus<'a, S> {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
