//! Optional fields, as the views take them.
#![allow(
    clippy::ref_option,
    reason = "the derives pass what the struct has, and a function is less for the compiler than a closure for each field"
)]

use crate::components::text::Text;
use crate::components::timestamp::Timestamp;

/// The text of an optional field.
pub fn optional_text<T: Text>(field: &Option<T>) -> Option<&dyn Text> {
    field.as_ref().map(|text| text as _)
}

/// The moment of an optional field.
pub fn optional_time<T: Timestamp>(field: &Option<T>) -> Option<&dyn Timestamp> {
    field.as_ref().map(|time| time as _)
}
