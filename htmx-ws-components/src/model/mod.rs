//! Promise 1 against a model: whatever happens to a connection, its page ends as the page that received every patch in order.

mod page;
mod schedule;
