#[derive(ProgressBar)]
#[component(id = "bar-{job}")]
pub struct Numbered {
    pub job: u32,
    #[progress(value)]
    pub done: u64,
    #[progress(max)]
    pub size: u64,
    #[progress(label)]
    pub name: String,
}

// expands to

#[automatically_derived]
impl ::htmx_ws_components::Component for Numbered {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;
    const ID_SHAPE: &'static ::core::primitive::str = "bar-{}";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::write_id(__buffer, "bar-", &self.job)
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::ProgressBar::new(
                &::htmx_ws_components::private::IdOf(self),
                ::htmx_ws_components::private::ProgressValue::progress(&self.done),
            )
            .max(::htmx_ws_components::private::ProgressValue::progress(&self.size))
            .label(::htmx_ws_components::private::Probe::new(&self.name).some())
            .render_to(__buffer);
    }
}
#[automatically_derived]
impl ::htmx_ws_components::private::Render for Numbered {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
