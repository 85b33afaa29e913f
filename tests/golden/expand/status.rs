#[derive(Status)]
enum State {
    Queued,
    #[status(tone = info, active)]
    InProgress,
    #[status(tone = danger, terminal, label = "Failed: {reason}, {place.1}, {reason}")]
    Failed { reason: String, place: (u8, u8) },
}

// expands to

#[automatically_derived]
#[allow(deprecated, unused_qualifications)]
impl ::htmx_ws_components::Status for State {
    fn label(&self) -> ::htmx_ws_components::private::Cow<'_, ::core::primitive::str> {
        match self {
            Self::Queued { .. } => ::htmx_ws_components::private::Cow::Borrowed("Queued"),
            Self::InProgress { .. } => {
                ::htmx_ws_components::private::Cow::Borrowed("In progress")
            }
            Self::Failed { reason: __field0, place: __field1, .. } => {
                ::htmx_ws_components::private::Cow::Owned(
                    ::htmx_ws_components::private::format!(
                        "Failed: {}, {}, {}", __field0, __field1.1, __field0
                    ),
                )
            }
        }
    }
    fn tone(&self) -> ::htmx_ws_components::Tone {
        match self {
            Self::Queued { .. } => ::htmx_ws_components::Tone::Neutral,
            Self::InProgress { .. } => ::htmx_ws_components::Tone::Info,
            Self::Failed { .. } => ::htmx_ws_components::Tone::Danger,
        }
    }
    fn is_active(&self) -> ::core::primitive::bool {
        ::core::matches!(self, Self::InProgress { .. })
    }
    fn is_terminal(&self) -> ::core::primitive::bool {
        ::core::matches!(self, Self::Failed { .. })
    }
}
