//! Promise 1 against a model: whatever happens to a connection, its page ends as the page that received every patch in order.

mod card;
mod late;
mod markup;
mod nodes;
mod page;
mod recovery;
mod schedule;
mod snapshot;
mod step;
mod world;
