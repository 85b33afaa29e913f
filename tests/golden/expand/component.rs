#[derive(Component)]
#[component(id = "card-{number}", render = Self::card, leaf)]
struct Card<T = u8>
where
    T: Display,
{
    number: T,
}

// expands to

#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
impl<T> ::htmx_ws_components::Component for Card<T>
where
    T: Display,
{
    const NESTING: ::htmx_ws_components::Nesting = ::htmx_ws_components::Nesting::Leaf;
    const ID_SHAPE: &'static ::core::primitive::str = "card-{}";
    fn id(&self) -> ::htmx_ws_components::DomId {
        ::htmx_ws_components::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::write_id(__buffer, "card-", &self.number)
    }
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        #[allow(deprecated, unused_qualifications)]
        let __markup: ::htmx_ws_components::private::Markup = Self::card(self);
        __buffer.push_str(&__markup.0);
    }
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
impl<T> ::htmx_ws_components::private::Render for Card<T>
where
    T: Display,
{
    fn render_to(&self, __buffer: &mut ::htmx_ws_components::private::String) {
        ::htmx_ws_components::private::render_in_page(self, __buffer)
    }
}
