//! What the derives write against. Not part of the API: it changes without notice.

pub use std::borrow::Cow;
pub use std::format;
pub use std::string::String;

pub use maud::{Markup, Render};

pub use crate::components::component::{IdOf, id_of, list_id, list_of, push_own, render_in_page};
pub use crate::components::id_shape::{NoShape, ShapeOf, can_meet};
pub use crate::components::optional::{optional_text, optional_time};
pub use crate::components::overlay::Overlay;
pub use crate::components::progress_bar::{ProgressBar, ProgressValue};
pub use crate::components::status_badge::StatusBadge;
pub use crate::components::text::Probe;
pub use crate::components::timeline_step::{Ordinal, TimelineStep};
pub use crate::html::id_template::{IdTemplate, write_id};
pub use crate::message::topic_for::named;
