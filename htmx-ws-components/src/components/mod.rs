//! What a component is, and the markup of the built-in ones.

pub(crate) mod class;
pub(crate) mod component;
pub(crate) mod connection_state;
pub(crate) mod id_shape;
pub(crate) mod live_counter;
pub(crate) mod log_line;
pub(crate) mod log_tail;
pub(crate) mod optional;
pub(crate) mod overlay;
pub(crate) mod parts;
pub(crate) mod progress_bar;
pub(crate) mod reader_list;
pub(crate) mod sparkline;
pub(crate) mod stat;
pub(crate) mod status;
pub(crate) mod status_badge;
pub(crate) mod table_row;
pub(crate) mod text;
pub(crate) mod timeline_step;
pub(crate) mod timestamp;
pub(crate) mod toast;
mod writer;
