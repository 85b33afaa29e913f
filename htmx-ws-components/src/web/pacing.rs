//! How fast a page is told what changes.

use std::time::Duration;

use crate::web::builder::{HubBuilder, bounded};

impl HubBuilder {
    /// The least time between two passes over the readers of a topic, and, give or take a quarter, between two flushes of a connection. What was quiet is sent at once. A longer time costs
    /// the server less, since more goes into one flush, and the page some latency. Default: 16 ms, a frame of the screen.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let hub = htmx_ws_components::Hub::builder().flush_interval(Duration::from_millis(100)).build();
    /// ```
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.connection.flush_interval = bounded(interval);
        self.topics.pass_interval = self.connection.flush_interval;
        self
    }

    /// How many elements a page updates in a second at most, over all its topics. What changes more often is shown less often, as it is then: pages stay fluent, and
    /// never get behind. Events, and patches whose order counts, are not held back. `u32::MAX` is as fast as a page takes it. Default: 1,000;
    /// `cargo xtask bench page` measures what they take of a page's thread.
    ///
    /// ```
    /// let hub = htmx_ws_components::Hub::builder().max_updates_per_second(200).build();
    /// ```
    pub fn max_updates_per_second(mut self, updates: u32) -> Self {
        self.connection.update_time = Duration::from_secs(1) / updates.max(1);
        self
    }
}
