#[derive(ProgressBar)]
#[component(id = "upload-{0}-{1.0}", crate = crate::live)]
struct Upload(u32, (u8, u8), #[progress(value)] Option<f64>, #[progress(max)] u64, #[progress(label, detail)] String, #[progress(tone)] Tone);

// expands to

#[automatically_derived]
impl crate::live::Component for Upload {
    const NESTING: crate::live::Nesting = crate::live::Nesting::Leaf;
    const ID_SHAPE: &'static ::core::primitive::str = "upload-{}-{}";
    fn id(&self) -> crate::live::DomId {
        crate::live::private::id_of(self)
    }
    fn write_id(&self, __buffer: &mut crate::live::private::String) {
        crate::live::private::IdTemplate::new(__buffer, "upload-")
            .field(&self.0)
            .text("-")
            .field(&self.1.0)
            .finish()
    }
    fn render_to(&self, __buffer: &mut crate::live::private::String) {
        crate::live::private::ProgressBar::new(
                &crate::live::private::IdOf(self),
                crate::live::private::ProgressValue::progress(&self.2),
            )
            .max(crate::live::private::ProgressValue::progress(&self.3))
            .label(crate::live::private::Probe::new(&self.4).some())
            .detail(crate::live::private::Probe::new(&self.4).some())
            .tone(self.5)
            .render_to(__buffer);
    }
}
#[automatically_derived]
impl crate::live::private::Render for Upload {
    fn render_to(&self, __buffer: &mut crate::live::private::String) {
        crate::live::private::render_in_page(self, __buffer)
    }
}
