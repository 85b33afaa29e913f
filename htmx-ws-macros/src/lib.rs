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
#[doc = include_str!("../docs/status_badge.md")]
#[proc_macro_derive(StatusBadge, attributes(component, badge))]
pub fn derive_status_badge(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::STATUS_BADGE)
}

/// A component that shows how far something has come.
///
#[doc = include_str!("../docs/progress_bar.md")]
#[proc_macro_derive(ProgressBar, attributes(component, progress))]
pub fn derive_progress_bar(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::PROGRESS_BAR)
}

/// A component that is one step of a list of steps.
///
#[doc = include_str!("../docs/timeline_step.md")]
#[proc_macro_derive(TimelineStep, attributes(component, step))]
pub fn derive_timeline_step(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::TIMELINE_STEP)
}

/// A component that lies over the page while something is going on.
///
#[doc = include_str!("../docs/overlay.md")]
#[proc_macro_derive(Overlay, attributes(component, overlay))]
pub fn derive_overlay(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::OVERLAY)
}

/// A component with markup of your own.
///
#[doc = include_str!("../docs/component.md")]
#[proc_macro_derive(Component, attributes(component))]
pub fn derive_component(input: TokenStream) -> TokenStream {
    component(input, &vocabulary::COMPONENT)
}

/// The states of the domain, with their words and their colours.
///
#[doc = include_str!("../docs/status.md")]
#[proc_macro_derive(Status, attributes(status))]
pub fn derive_status(input: TokenStream) -> TokenStream {
    match syn::parse(input) {
        Ok(input) => expand_status(input).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

/// A topic of your own: how it is called, and which components it carries.
///
#[doc = include_str!("../docs/topic.md")]
#[proc_macro_derive(Topic, attributes(topic))]
pub fn derive_topic(input: TokenStream) -> TokenStream {
    match syn::parse(input) {
        Ok(input) => expand_topic(input).into(),
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

fn expand_topic(input: syn::DeriveInput) -> proc_macro2::TokenStream {
    match validate::topic::validate(parse::parse(input, &[vocabulary::TOPIC_ATTRIBUTE])) {
        Ok(valid) => expand::topic::expand(&lower::topic::lower(valid)),
        Err(invalid) => {
            let (target, error) = lower::topic::inert(*invalid);
            expand::topic::inert(&target, &error.into_compile_error())
        }
    }
}

#[cfg(test)]
mod expand_tests;
#[cfg(test)]
mod tests;
