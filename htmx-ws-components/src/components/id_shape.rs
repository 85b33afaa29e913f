//! What the compiler can know of a component's id.

use std::marker::PhantomData;

/// The template of a component's id with `{}` for each field. Every derive has it; a component by hand has none.
pub trait IdShape {
    /// The template.
    const SHAPE: &'static str;
}

/// Finds the shape of a type that may have none: `ShapeOf::<T>::SHAPE`, with [`NoShape`] in scope.
#[derive(Debug)]
pub struct ShapeOf<T: ?Sized>(PhantomData<T>);

impl<T: IdShape + ?Sized> ShapeOf<T> {
    /// The shape of `T`. As it is no trait's, it goes before that of [`NoShape`] where there is one.
    pub const SHAPE: &'static str = T::SHAPE;
}

/// For types without a shape.
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

    struct Derived;

    impl IdShape for Derived {
        const SHAPE: &'static str = "job-{}";
    }

    #[test]
    fn a_type_without_a_shape_meets_nothing() {
        assert_eq!((ShapeOf::<Derived>::SHAPE, ShapeOf::<u8>::SHAPE), ("job-{}", ""));
        assert!(can_meet("job-{}", "job-{}") && !can_meet("job-{}", "job-{}-a") && !can_meet("job-a", "job-b") && !can_meet("", ""));
    }
}
