#[derive(Status)]
enum State {
    #[status(tone = red)]
    Failed,
}

// expands to

::core::compile_error! {
    "unknown tone `red`; expected one of: `neutral`, `info`, `success`, `warning`, `danger`"
}
#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
impl ::htmx_ws_components::Status for State {
    fn label(&self) -> ::htmx_ws_components::private::Cow<'_, ::core::primitive::str> {
        loop {}
    }
    fn tone(&self) -> ::htmx_ws_components::Tone {
        loop {}
    }
}
