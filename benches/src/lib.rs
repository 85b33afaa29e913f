//! What the benchmarks measure: `cargo xtask bench` runs them.
//!
//! They compare, so they are read as ratios: candidates run in turn, round after round, and a busy machine slows all of them alike.

pub mod parts;
pub mod render;
pub mod rounds;
pub mod table;
