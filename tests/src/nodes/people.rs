//! What a page is told that is of somebody.

use super::watcher::Heard;

/// The topic whose readers are shown in it.
pub const DOCUMENT: &str = "document";

/// The notes that a page was told, in that order: they are for its user alone.
pub fn notes(heard: &Heard) -> Vec<String> {
    heard.frames.iter().flat_map(|frame| texts(frame, "note")).collect()
}

/// The lists of who reads the document that a page was told.
pub fn lists(heard: &Heard) -> Vec<String> {
    heard.frames.iter().flat_map(|frame| texts(frame, "readers")).collect()
}

/// What is in the elements with this id.
fn texts(frame: &str, id: &str) -> Vec<String> {
    let text = |element: &str| Some(element.split_once('>')?.1.split_once('<')?.0.to_owned());
    let id = format!("id=\"{id}\"");
    frame.split(&id).skip(1).map(|element| text(element).expect("an element has a text")).collect()
}
