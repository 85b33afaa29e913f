#![deny(warnings)]

use std::fmt::{Debug, Display};

use htmx_ws_components::{Component, ProgressBar, ProgressValue, Status, StatusBadge, TimelineStep};

#[derive(StatusBadge)]
#[component(id = "row-{label}")]
pub struct Badge<'a, S, const N: usize>
where
    S: Status + ?Sized,
{
    pub row: [u8; N],
    #[badge(status)]
    pub status: &'a S,
    #[badge(label)]
    pub label: &'a str,
    #[badge(title)]
    pub title: Option<&'a dyn Display>,
}

#[derive(ProgressBar)]
#[component(id = "bar-{name}")]
pub struct Bar<T: ProgressValue = u8, D: Display + ?Sized + 'static = str> {
    #[progress(value)]
    pub value: T,
    #[progress(label)]
    pub name: Box<D>,
}

#[derive(TimelineStep)]
#[component(id = "step-{id}")]
pub struct Step<'a, 'b: 'a, S: Status> {
    pub id: &'b u8,
    #[step(title)]
    pub title: &'a str,
    #[step(status)]
    pub status: S,
}

#[derive(Component)]
#[component(id = "table", render = table::<T, N>)]
pub struct Table<T: Debug, const N: usize> {
    pub cells: [T; N],
}

fn table<T: Debug, const N: usize>(table: &Table<T, N>) -> maud::Markup {
    maud::html! { p { (format!("{:?}", table.cells)) } }
}

#[derive(Status)]
pub enum State<'a, T: Display> {
    Open,
    #[status(label = "Held by {who}")]
    Held { who: &'a T },
}

macro_rules! bar {
    ($name:ident, $id:literal, $field:ident: $type:ty) => {
        #[derive(ProgressBar)]
        #[component(id = $id)]
        pub struct $name {
            #[progress(value)]
            pub percent: u8,
            #[progress(label)]
            pub $field: $type,
        }
    };
}

bar!(FromMacro, "from-macro", label: Option<String>);

fn main() {
    let state = State::Held { who: &5 };
    let step = Step { id: &1, title: "t", status: &state };
    assert!(maud::Render::render(&step).into_string().contains("Held by 5"));
    assert_eq!(maud::Render::render(&Table { cells: [1, 2] }).into_string(), r#"<p id="table">[1, 2]</p>"#);
    let bar: Bar = Bar { value: 5, name: "a".into() };
    assert_eq!(bar.id().as_str(), "bar-a");
    assert_eq!(FromMacro { percent: 1, label: None }.id().as_str(), "from-macro");
    let _ = State::Open::<u8>;
}
