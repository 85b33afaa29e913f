//! htmx 2: every top-level element of a frame is swapped out of band, one after the other.

use crate::dialect::piece::{self, Piece};
use crate::html::fragment::Fragment;
use crate::html::patch::{Patch, Position};

/// `morph` writes a state that keeps the element where that can be.
pub(super) fn pieces(patch: &Patch, morph: fn(&Fragment) -> Vec<Piece>) -> Vec<Piece> {
    match patch {
        Patch::Replace(fragment) => replace(fragment),
        Patch::Morph(fragment) => morph(fragment),
        Patch::Upsert { list, fragment } => {
            let mut pieces = vec![piece::insert_if_absent(fragment, Position::LastChild, list)];
            pieces.extend(morph(fragment));
            pieces
        }
        other => piece::alike(other).into_iter().collect(),
    }
}

/// By htmx alone, which takes `morph` for the content of the element only.
pub(super) fn replace(fragment: &Fragment) -> Vec<Piece> {
    if !piece::is_foreign(fragment) {
        return vec![piece::state(fragment, "true")];
    }
    // A replacement would put the wrapper into the page as well, and every other style leaves the element itself: so the new one comes before the old one, and the
    // old one goes. The new one is the first of the two, because htmx gives elements that it preserves to the first that it finds.
    vec![piece::wrapped(fragment, &format!("beforebegin:#{}", fragment.id())), piece::remove_second(fragment.id())]
}

/// By our extension, which can take a wrapper off.
pub(super) fn morph(fragment: &Fragment) -> Vec<Piece> {
    if piece::needs_wrapper(fragment) {
        return vec![piece::wrapped(fragment, &format!("morph-wrapped:#{}", fragment.id()))];
    }
    vec![piece::state(fragment, "morph")]
}
