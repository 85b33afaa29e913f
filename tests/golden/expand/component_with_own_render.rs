#[derive(Component)]
#[component(id = "clock", render = maud::Render::render)]
struct Clock;

// expands to

#[automatically_derived]
impl ::htmx_ws_components::Component for Clock {
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Branch;
    const ID_SHAPE: &'static ::core::primitive::str = "clock";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::IdTemplate::new(__buffer, "clock").finish()
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        #[allow(deprecated, unused_qualifications)]
        let __markup: ::htmx_ws_components::private::Markup = maud::Render::render(self);
        ::htmx_ws_components::private::push_own(self, &__markup.0, __buffer);
    }
}
