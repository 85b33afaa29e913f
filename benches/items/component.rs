#[derive(Component)]
#[component(id = "own-{job}", render = drawn)]
pub struct Numbered {
    pub job: u32,
    pub name: String,
    pub size: u64,
    pub note: Option<String>,
}

// expands to

#[automatically_derived]
impl ::htmx_ws_components::Component for Numbered {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Branch;
    const ID_SHAPE: &'static ::core::primitive::str = "own-{}";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::write_id(__buffer, "own-", &self.job)
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        #[allow(deprecated, unused_qualifications)]
        let __markup: ::htmx_ws_components::private::Markup = drawn(self);
        __buffer.push_str(&__markup.0);
    }
}
#[automatically_derived]
impl ::htmx_ws_components::private::Render for Numbered {
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
