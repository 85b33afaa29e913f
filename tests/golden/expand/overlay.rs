#[derive(Overlay)]
#[component(id = "scan")]
struct Scan {
    #[overlay(open)]
    running: bool,
    #[overlay(title, message)]
    folder: String,
    #[overlay(progress)]
    done: Option<u8>,
    #[overlay(stat = "Files found")]
    files: u64,
}

// expands to

#[automatically_derived]
impl ::htmx_ws_components::Component for Scan {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;
    const ID_SHAPE: &'static ::core::primitive::str = "scan";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::IdTemplate::new(__buffer, "scan").finish()
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::Overlay::new(
                &::htmx_ws_components::private::IdOf(self),
                self.running,
                ::htmx_ws_components::private::Probe::new(&self.folder).text(),
            )
            .message(::htmx_ws_components::private::Probe::new(&self.folder).some())
            .progress(::htmx_ws_components::private::ProgressValue::progress(&self.done))
            .stats(&[("Files found", &self.files)])
            .render_to(__buffer);
    }
}
#[automatically_derived]
impl ::htmx_ws_components::private::Render for Scan {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
