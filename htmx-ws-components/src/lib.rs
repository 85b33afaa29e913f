//! Live pages on axum, maud and htmx, without a JavaScript framework.
//!
//! A component is derived on a plain struct, rendered in a page, and later *published*: every browser that shows the page shows the new value, whatever
//! happened to its connection in between.
//!
//! - [`Hub`] holds the topics and connections; [`Hub::publish`] brings a new value to every page.
//! - [`Live`] is the extractor that makes a page live.
//! - [`StatusBadge`](macro@StatusBadge), [`ProgressBar`](macro@ProgressBar), [`TimelineStep`](macro@TimelineStep) and
//!   [`Overlay`](macro@Overlay) are derives with built-in markup, [`Component`](trait@Component) one for
//!   your own.
//! - [`Stat`], [`LiveCounter`], [`Sparkline`], [`Toast`], [`TableRow`], [`LogTail`], [`ReaderList`] and [`ConnectionState`] are views: made where they are published.
//! - [`Topic`](macro@Topic) derives a topic that says what it carries: the compiler refuses what is published elsewhere by mistake.
//! - [`Status`](trait@Status) puts a state of your domain into words and a colour.

mod backplane;
mod components;
mod dialect;
mod html;
mod hub;
mod inspector;
mod message;
#[cfg(test)]
mod model;
#[doc(hidden)]
pub mod private;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
mod web;

/// What `fuzz/` feeds with random bytes.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use crate::web::fuzz;
/// What `benches/` measures of the parts inside.
#[cfg(htmx_ws_measured)]
#[doc(hidden)]
pub use crate::web::measured;
pub use htmx_ws_macros::{Component, Overlay, ProgressBar, Status, StatusBadge, TimelineStep, Topic};

#[cfg(any(feature = "nats", feature = "redis"))]
pub use crate::backplane::connect_error::ConnectError;
pub use crate::backplane::handle::{Backplane, MemoryBackplane};
#[cfg(feature = "nats")]
pub use crate::backplane::nats::options::Nats;
#[cfg(feature = "redis")]
pub use crate::backplane::redis::options::Redis;
pub use crate::components::class::Class;
pub use crate::components::component::Component;
pub use crate::components::connection_state::{ConnectionState, ConnectionStateClasses};
pub use crate::components::live_counter::{LiveCounter, LiveCounterClasses};
pub use crate::components::log_line::{LogLine, LogLineClasses};
pub use crate::components::log_tail::{LogTail, LogTailClasses};
pub use crate::components::overlay::{Overlay, OverlayClasses};
pub use crate::components::parts::{PartField, Parts};
pub use crate::components::progress_bar::{ProgressBar, ProgressBarClasses, ProgressValue};
pub use crate::components::reader_list::{ReaderList, ReaderListClasses};
pub use crate::components::sparkline::{Sparkline, SparklineClasses};
pub use crate::components::stat::{Stat, StatClasses, Trend};
pub use crate::components::status::{Status, Tone};
pub use crate::components::status_badge::{StatusBadge, StatusBadgeClasses};
pub use crate::components::table_row::{TableRow, TableRowClasses};
pub use crate::components::text::Text;
pub use crate::components::timeline_step::{Ordinal, TimelineStep, TimelineStepClasses};
pub use crate::components::timestamp::Timestamp;
pub use crate::components::toast::{Toast, ToastClasses, ToastList};
pub use crate::dialect::Htmx;
pub use crate::html::composition::Composition;
pub use crate::html::dom_id::{DomId, ElementId, InvalidDomId};
pub use crate::html::fragment::{Fragment, InvalidFragment, Nesting};
pub use crate::html::patch::{Patch, Position, ToPatch};
pub use crate::html::signal::{Event, InvalidEvent, InvalidLocation, Location};
pub use crate::hub::presence::Presence;
pub use crate::hub::publish::{Publish, PublishError, Published, Publishing};
pub use crate::hub::stats::{Counter, Stats, TopicStats};
pub use crate::message::cursor::{Cursor, Epoch, InvalidCursor, Version};
pub use crate::message::recipient::{InvalidPageId, PageId, To};
pub use crate::message::topic::{InvalidTopic, Topic};
pub use crate::message::topic_for::TopicFor;
pub use crate::transport::simulation::Simulation;
pub use crate::transport::stats::ConnectionStats;
pub use crate::web::assets::Assets;
pub use crate::web::batch::Batch;
pub use crate::web::builder::HubBuilder;
pub use crate::web::hub::Hub;
pub use crate::web::inbound::{Inbound, Outcome};
pub use crate::web::live::Live;
pub use crate::web::renewal::Renewal;
pub use crate::web::sender::Sender;
pub use crate::web::snapshot::Snapshot;
pub use crate::web::socket::LiveSocket;
pub use crate::web::stop::stop_signal;
pub use crate::web::upgrade::InvalidUpgrade;
