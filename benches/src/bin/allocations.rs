//! How often each way to write a component allocates: lines of component, way and number, with tabs between them.
//!
//! It is a program of its own, because counting costs time: the benchmark that measures times runs without it.

use std::alloc::System;

use htmx_ws_benches::render;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    for mut component in render::all() {
        for way in &mut component.ways {
            // The first run grows the buffer, which the others use again.
            way.candidate.run(1);
            let region = Region::new(ALLOCATOR);
            way.candidate.run(1);
            let counted = region.change();
            println!("{}\t{}\t{}", component.name, way.name, counted.allocations + counted.reallocations);
        }
    }
}
