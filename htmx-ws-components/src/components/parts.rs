//! The components that a component is made of.

use crate::components::component::Component;
use crate::html::composition::{Composition, Part};
use crate::html::fragment::{InvalidFragment, Nesting};
use crate::html::patch::ToPatch;

/// Collects the parts of a component: what [`Component::parts`] is given.
///
/// ```
/// use htmx_ws_components::{Component, DomId, Nesting, Parts};
///
/// struct Line(u32);
///
/// impl Component for Line {
///     const NESTING: Nesting = Nesting::Leaf;
///     fn id(&self) -> DomId { DomId::new(&format!("line-{}", self.0)).unwrap() }
///     fn render_to(&self, buffer: &mut String) { buffer.push_str("<p>a line</p>"); }
/// }
///
/// struct Text { title: Option<Line>, lines: Vec<Line> }
///
/// impl Component for Text {
///     const NESTING: Nesting = Nesting::Branch;
///     fn id(&self) -> DomId { DomId::new("text").unwrap() }
///     fn render_to(&self, buffer: &mut String) { /* … */ }
///     fn parts(&self, parts: &mut Parts) {
///         parts.add(&self.title);
///         parts.add(&self.lines);
///     }
/// }
/// ```
#[derive(Debug, Default)]
pub struct Parts(Vec<Result<Part, InvalidFragment>>);

impl Parts {
    /// A component, or several of them: an `Option`, a `Vec`, a slice.
    pub fn add(&mut self, field: &(impl PartField + ?Sized)) {
        field.add_to(self);
    }

    pub(super) fn finish(self) -> Result<Vec<Part>, InvalidFragment> {
        self.0.into_iter().collect()
    }
}

/// What a part can be: a component, or a collection of them.
///
/// ```
/// use htmx_ws_components::{PartField, Parts};
///
/// fn add_all(field: &impl PartField, parts: &mut Parts) {
///     field.add_to(parts);
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a part of a component",
    label = "neither a component nor an `Option`, `Vec` or slice of components"
)]
pub trait PartField {
    /// Adds the components that this is.
    fn add_to(&self, parts: &mut Parts);
}

#[diagnostic::do_not_recommend]
impl<C: Component> PartField for C {
    fn add_to(&self, parts: &mut Parts) {
        parts.0.push(part(self));
    }
}

fn part<C: Component>(component: &C) -> Result<Part, InvalidFragment> {
    let composition = component.to_composition()?;
    Ok(match composition {
        Some(composition) => Part::Whole(composition),
        // A branch without parts of its own is sent whole whenever it changes.
        None if C::NESTING == Nesting::Branch => Part::Whole(Composition::new(component.to_patch()?, Vec::new())),
        None => Part::Leaf(component.to_patch()?),
    })
}

impl<P: PartField> PartField for Option<P> {
    fn add_to(&self, parts: &mut Parts) {
        if let Some(part) = self {
            part.add_to(parts);
        }
    }
}

impl<P: PartField> PartField for [P] {
    fn add_to(&self, parts: &mut Parts) {
        for part in self {
            part.add_to(parts);
        }
    }
}

impl<P: PartField> PartField for Vec<P> {
    fn add_to(&self, parts: &mut Parts) {
        self.as_slice().add_to(parts);
    }
}
