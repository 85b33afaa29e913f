//! What the compiler can know of a component's id.

use std::marker::PhantomData;

use crate::components::component::Component;

/// Finds the shape of the id of a type that may be no component: `ShapeOf::<T>::SHAPE`, with [`NoShape`] in scope.
#[derive(Debug)]
pub struct ShapeOf<T: ?Sized>(PhantomData<T>);

impl<C: Component> ShapeOf<C> {
    /// The shape of `C`. As it is no trait's, it goes before that of [`NoShape`] where there is one.
    pub const SHAPE: &'static str = C::ID_SHAPE;
}

/// For types that are no components.
pub trait NoShape {
    /// No component has an empty id.
    const SHAPE: &'static str = "";
}

impl<T: ?Sized> NoShape for ShapeOf<T> {}

/// Whether two components can have one id.
pub const fn can_meet(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.is_empty() || one.len() != other.len() {
        return false;
    }
    // A `for` is not const.
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::dom_id::DomId;
    use crate::html::fragment::Nesting;

    struct Derived;

    impl Component for Derived {
        const NESTING: Nesting = Nesting::Leaf;
        const ID_SHAPE: &'static str = "job-{}";

        fn id(&self) -> DomId {
            DomId::new("job").unwrap()
        }

        fn render_to(&self, _: &mut String) {}
    }

    #[test]
    fn a_type_without_a_shape_meets_nothing() {
        assert_eq!((ShapeOf::<Derived>::SHAPE, ShapeOf::<u8>::SHAPE), ("job-{}", ""));
        assert!(can_meet("job-{}", "job-{}") && !can_meet("job-{}", "job-{}-a") && !can_meet("job-a", "job-b") && !can_meet("", ""));
    }
}
