//! The derives of `htmx-ws-components`, which re-exports and shows them.
//!
//! Four phases, each a file: *parse* (as written) -> *validate* (all mistakes at once) -> *lower* (every decision taken) -> *expand* (tokens).
//! Markup is not made here: a derive builds a view of the library and calls it.

use proc_macro::TokenStream;

mod expand;
mod lower;
mod mistake;
mod parse;
mod template;
mod validate;
mod vocabulary;

/// A component that shows a state of the domain, with its words and its colour.
///
/// | on the struct | |
/// |---|---|
/// | `#[component(id = "job-{job}-status")]` | required: the element id, literal text and fields (`{job}`, or `{0}` of a tuple struct) that implement `Display` |
/// | `#[component(crate = some::path)]` | where `htmx-ws-components` is found; without it `::htmx_ws_components` |
///
/// | on a field | | the field's type |
/// |---|---|---|
/// | `#[badge(status)]` | required | `Status` |
/// | `#[badge(label)]` | the words in front of the state | `Display`, or an `Option` of it |
/// | `#[badge(title)]` | the tool tip | `Display`, or an `Option` of it |
///
/// A field may have several roles, or none. An id begins with a letter and keeps two fields apart with a `-`, so that two values never have one id.
///
/// For example: a struct `Server` with the field `name: String` and the field `state: State` under `#[badge(status)]`, and
/// `#[component(id = "server-{name}")]` on the struct.
#[proc_macro_derive(StatusBadge, attributes(component, badge))]
pub fn derive_status_badge(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::STATUS_BADGE)
}

/// A component that shows how far something has come.
///
/// | on the struct | |
/// |---|---|
/// | `#[component(id = "upload-{file}")]` | required: the element id, literal text and fields (`{file}`, or `{0}` of a tuple struct) that implement `Display` |
/// | `#[component(crate = some::path)]` | where `htmx-ws-components` is found; without it `::htmx_ws_components` |
///
/// | on a field | | the field's type |
/// |---|---|---|
/// | `#[progress(value)]` | required | a number, or an `Option` of one: `None` is "not known" |
/// | `#[progress(max)]` | the value at the end; without it 100 | a number, or an `Option` of one |
/// | `#[progress(label)]` | what comes forward | `Display`, or an `Option` of it |
/// | `#[progress(detail)]` | the words below the bar | `Display`, or an `Option` of it |
/// | `#[progress(tone)]` | the colour | `Tone` |
///
/// A field may have several roles, or none.
///
/// For example: a struct `Upload` with the fields `file: u32`, `percent: u8` under `#[progress(value)]` and `name: String` under
/// `#[progress(label)]`, and `#[component(id = "upload-{file}")]` on the struct.
#[proc_macro_derive(ProgressBar, attributes(component, progress))]
pub fn derive_progress_bar(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::PROGRESS_BAR)
}

/// A component that is one step of a list of steps.
///
/// | on the struct | |
/// |---|---|
/// | `#[component(id = "job-{job}-step-{step}")]` | required: the element id, literal text and fields (`{job}`, or `{0}` of a tuple struct) that implement `Display` |
/// | `#[component(list = "job-{job}-steps")]` | the id of the list that takes the step when a page does not show it yet |
/// | `#[component(crate = some::path)]` | where `htmx-ws-components` is found; without it `::htmx_ws_components` |
///
/// | on a field | | the field's type |
/// |---|---|---|
/// | `#[step(title)]` | required | `Display` |
/// | `#[step(status)]` | required | `Status` |
/// | `#[step(detail)]` | the words below the title | `Display`, or an `Option` of it |
///
/// A field may have several roles, or none.
///
/// For example: a struct `Step` with the fields `job: u32`, `name: String` under `#[step(title)]` and `state: State` under `#[step(status)]`,
/// and `#[component(id = "job-{job}-step-{name}", list = "job-{job}-steps")]` on the struct.
#[proc_macro_derive(TimelineStep, attributes(component, step))]
pub fn derive_timeline_step(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::TIMELINE_STEP)
}

/// A component that lies over the page while something is going on.
///
/// | on the struct | |
/// |---|---|
/// | `#[component(id = "scan-{scan}")]` | required: the element id, literal text and fields (`{scan}`, or `{0}` of a tuple struct) that implement `Display` |
/// | `#[component(crate = some::path)]` | where `htmx-ws-components` is found; without it `::htmx_ws_components` |
///
/// | on a field | | the field's type |
/// |---|---|---|
/// | `#[overlay(open)]` | required | `bool` |
/// | `#[overlay(title)]` | required | `Display` |
/// | `#[overlay(message)]` | the words below the title | `Display`, or an `Option` of it |
/// | `#[overlay(stat = "Files found")]` | a number and what it counts; any number of times | `Display` |
///
/// A field may have several roles, or none.
///
/// For example: a struct `Scan` with the fields `running: bool` under `#[overlay(open)]`, `folder: String` under `#[overlay(title)]` and
/// `files: u64` under `#[overlay(stat = "Files found")]`, and `#[component(id = "scan")]` on the struct.
#[proc_macro_derive(Overlay, attributes(component, overlay))]
pub fn derive_overlay(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::OVERLAY)
}

/// A component with markup of your own.
///
/// | on the struct | |
/// |---|---|
/// | `#[component(id = "cart-{customer}")]` | required: the element id, literal text and fields (`{customer}`, or `{0}` of a tuple struct) that implement `Display` |
/// | `#[component(render = Self::cart)]` | required: the path of a `fn(&Self) -> maud::Markup` that makes one element |
/// | `#[component(leaf)]` | no element inside is patched on its own: superseded states of the component need not be kept |
/// | `#[component(crate = some::path)]` | where `htmx-ws-components` is found; without it `::htmx_ws_components` |
///
/// For example: a struct `Cart` with the fields `customer: u32` and `items: usize`, `#[component(id = "cart-{customer}", render = Self::cart)]` on
/// the struct, and `fn cart(&self) -> Markup` among its methods.
#[proc_macro_derive(Component, attributes(component))]
pub fn derive_component(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::COMPONENT)
}

/// The states of the domain, with their words and their colours.
///
/// | on a variant | |
/// |---|---|
/// | `#[status(label = "Failed: {reason}")]` | what people read, with fields (`{reason}`, or `{0}` of a tuple variant) that implement `Display`, and `{{` for a brace; without it the variant's name in words: `InProgress` is "In progress" |
/// | `#[status(tone = danger)]` | one of `neutral`, `info`, `success`, `warning`, `danger`; without it `neutral` |
/// | `#[status(active)]` | work is going on right now |
/// | `#[status(terminal)]` | no other state follows |
///
/// | on the enum | |
/// |---|---|
/// | `#[status(crate = some::path)]` | where `htmx-ws-components` is found; without it `::htmx_ws_components` |
///
/// For example: an enum `State` with the variants `Running` under `#[status(tone = info, active)]` and `Failed { reason: String }` under
/// `#[status(tone = danger, terminal, label = "Failed: {reason}")]`.
#[proc_macro_derive(Status, attributes(status))]
pub fn derive_status(input: TokenStream) -> TokenStream {
    match syn::parse(input) {
        Ok(input) => expand_status(input).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

fn component(input: TokenStream, derive: &'static vocabulary::Derive) -> TokenStream {
    match syn::parse(input) {
        Ok(input) => expand_component(input, derive).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

fn expand_component(input: syn::DeriveInput, derive: &'static vocabulary::Derive) -> proc_macro2::TokenStream {
    match validate::component::validate(parse::parse(input, derive.attributes()), derive) {
        Ok(valid) => expand::component::expand(&lower::component::lower(valid)),
        Err(invalid) => expand::inert::component(&lower::inert::lower(*invalid)),
    }
}

fn expand_status(input: syn::DeriveInput) -> proc_macro2::TokenStream {
    match validate::status::validate(parse::parse(input, &[vocabulary::STATUS_ATTRIBUTE])) {
        Ok(valid) => expand::status::expand(&lower::status::lower(valid)),
        Err(invalid) => expand::inert::status(&lower::inert::lower(*invalid)),
    }
}

#[cfg(test)]
mod tests;
