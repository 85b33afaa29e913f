//! A value that can render itself under one element id.

use std::fmt::Display;

use crate::components::parts::Parts;
use crate::html::composition::Composition;
use crate::html::dom_id::sealed::Sealed;
use crate::html::dom_id::{self, DomId, ElementId};
use crate::html::fragment::{Fragment, InvalidFragment, Nesting, has_id};
use crate::html::id_template::write_id;
use crate::html::patch::{Patch, ToPatch};

/// A value that renders itself as one element with one id.
///
/// Derive it: with `StatusBadge`, `ProgressBar`, `TimelineStep` or `Overlay` for built-in markup, with `Component` for your own. A derived
/// component is also a [`maud::Render`], so it stands in a page like any other value.
///
/// ```
/// use htmx_ws_components::Component;
/// use maud::{Markup, html};
///
/// #[derive(Component)]
/// #[component(id = "cart-{customer}", render = Self::cart)]
/// struct Cart { customer: u32, items: usize }
///
/// impl Cart {
///     fn cart(&self) -> Markup {
///         html! { p { (self.items) " items" } }
///     }
/// }
///
/// let page = html! { (Cart { customer: 7, items: 2 }) };
/// assert_eq!(page.into_string(), r#"<p id="cart-7">2 items</p>"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a component",
    note = "derive one of `StatusBadge`, `ProgressBar`, `TimelineStep`, `Overlay`, `Component` for it"
)]
pub trait Component {
    /// Whether an element inside this component is patched on its own.
    const NESTING: Nesting;

    /// The template of the id with `{}` for each field, as the derives know it; a component by hand has none. It is no trait of its own, which would
    /// be one impl more for the compiler in each derive.
    #[doc(hidden)]
    const ID_SHAPE: &'static str = "";

    /// The id of the component's root element: equal for two values that are states of the same thing, different otherwise.
    fn id(&self) -> DomId;

    /// Appends the id to `buffer`. The derives do so without building a [`DomId`] first.
    fn write_id(&self, buffer: &mut String) {
        buffer.push_str(self.id().as_str());
    }

    /// The list that takes the component when a page does not show it yet. It is an element of the page; where the page has none with this id, a new
    /// component is not shown.
    fn list(&self) -> Option<DomId> {
        None
    }

    /// Writes the component to `buffer`: exactly one element, whose root has either no id or [`Component::id`]. What stood behind it would not be
    /// patched.
    fn render_to(&self, buffer: &mut String);

    /// Tells `parts` the components that stand in this one's markup and are published with it. A component with parts is a
    /// [`Nesting::Branch`], and what stands in it stands nowhere else in the page.
    fn parts(&self, parts: &mut Parts) {
        let _ = parts;
    }

    /// The component, rendered.
    ///
    /// # Errors
    /// [`InvalidFragment`] when what [`Component::render_to`] wrote cannot be the element with this id.
    fn fragment(&self) -> Result<Fragment, InvalidFragment> {
        let mut html = String::new();
        self.render_to(&mut html);
        Fragment::new(self.id(), html, Self::NESTING)
    }
}

// The message is about what can be published, not about the components that the compiler happens to know.
#[diagnostic::do_not_recommend]
impl<C: Component> ToPatch for C {
    fn to_patch(&self) -> Result<Patch, InvalidFragment> {
        let fragment = self.fragment()?;
        Ok(match self.list() {
            Some(list) => Patch::Upsert { list, fragment },
            None => Patch::Morph(fragment),
        })
    }

    fn to_composition(&self) -> Result<Option<Composition>, InvalidFragment> {
        let mut parts = Parts::default();
        self.parts(&mut parts);
        let parts = parts.finish()?;
        if parts.is_empty() {
            return Ok(None);
        }
        Ok(Some(Composition::new(self.to_patch()?, parts)))
    }
}

/// The id of a component, not built yet.
#[derive(Debug)]
pub struct IdOf<'a, C: ?Sized>(pub &'a C);

impl<C: ?Sized> Sealed for IdOf<'_, C> {}

impl<C: Component + ?Sized> ElementId for IdOf<'_, C> {
    fn write_id(&self, buffer: &mut String) {
        self.0.write_id(buffer);
    }
}

/// [`Component::id`], of a component that has [`Component::write_id`].
pub fn id_of<C: Component + ?Sized>(component: &C) -> DomId {
    dom_id::written(|buffer| component.write_id(buffer))
}

/// [`Component::list`], as a derived template writes it.
pub fn list_id(write: impl FnOnce(&mut String)) -> Option<DomId> {
    Some(dom_id::written(write))
}

/// [`Component::list`], of a text and a field.
pub fn list_of(text: &str, value: &(impl Display + ?Sized)) -> Option<DomId> {
    list_id(|buffer| write_id(buffer, text, value))
}

/// Appends the markup of a component's own [`maud::Render`]. That stands in pages as it is: nothing adds the id that patches look for.
pub fn push_own<C: Component>(component: &C, markup: &str, buffer: &mut String) {
    if !has_id(markup) {
        tracing::error!(name: "htmx_ws.render_without_id", target: "htmx_ws", id = %component.id(), "a component's own `Render` writes no id, so patches miss it; write `id=(self.id())`");
    }
    buffer.push_str(markup);
}

/// How a component stands in a page: what every derive gives to [`maud::Render`].
pub fn render_in_page<C: Component>(component: &C, buffer: &mut String) {
    match component.fragment() {
        Ok(fragment) => buffer.push_str(fragment.html()),
        Err(error) => {
            // A page cannot return an error from its middle. The markup still shows; what is lost is that patches find it.
            tracing::error!(name: "htmx_ws.component_without_id", target: "htmx_ws", %error, "a component stands in the page without its id");
            component.render_to(buffer);
        }
    }
}
