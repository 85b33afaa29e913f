//! What the user's module calls things does not matter.
#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types, non_upper_case_globals)]

use ::htmx_ws_components as live;

pub struct Result;
pub struct Option;
pub struct Some;
pub struct None;
pub struct String;
pub struct Cow;
pub struct str;
pub struct bool;
pub trait Component {}
pub trait Render {}
pub trait Status {}
pub trait Display {}
pub trait TryFrom {}
pub trait Sized {}
pub struct Topic;
pub struct Patch;
pub struct Timestamp;
pub mod core {}
pub mod std {}
pub mod maud {}
pub mod htmx_ws_components {}
pub static buffer: u8 = 0;
pub static value: u8 = 0;
pub static markup: u8 = 0;

#[derive(live::Status)]
pub enum State {
    #[status(tone = info, active, label = "Doing {what}")]
    Doing { what: &'static ::core::primitive::str },
    Done,
}

#[derive(live::StatusBadge)]
#[component(id = "badge-{number}")]
pub struct Badge {
    number: u8,
    #[badge(status)]
    state: State,
    #[badge(label)]
    label: u8,
    #[badge(title)]
    title: ::core::option::Option<u8>,
}

#[derive(live::ProgressBar)]
#[component(id = "bar-{value}")]
pub struct Bar {
    #[progress(value, max, label, detail)]
    value: u8,
    #[progress(tone)]
    tone: live::Tone,
}

#[derive(live::TimelineStep)]
#[component(id = "step-{title}", list = "steps")]
pub struct Step {
    #[step(title, detail)]
    title: u8,
    #[step(status)]
    state: State,
    #[step(at)]
    at: ::core::option::Option<::std::time::SystemTime>,
}

#[derive(live::Overlay)]
#[component(id = "over")]
pub struct Over {
    #[overlay(open)]
    open: ::core::primitive::bool,
    #[overlay(title, message, stat = "Title", progress)]
    title: u8,
}

#[derive(live::Component)]
#[component(id = "own", render = Self::own)]
pub struct Own;

impl Own {
    fn own(&self) -> ::maud::Markup {
        ::maud::PreEscaped(::std::convert::From::from("<p></p>"))
    }
}

#[derive(live::Topic)]
#[topic(name = "step-{title}", carries(Step, Over))]
pub struct StepTopic {
    title: u8,
}

fn main() {
    let step = Step { title: 1, state: State::Doing { what: "it" }, at: ::core::option::Option::None };
    let html = ::maud::Render::render(&step).0;
    ::std::assert!(html.contains("Doing it"));
}
