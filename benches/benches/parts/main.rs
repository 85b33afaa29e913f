//! How long the parts inside take: `cargo xtask bench parts`.

#[cfg(htmx_ws_measured)]
mod inside;

#[cfg(htmx_ws_measured)]
criterion::criterion_main!(inside::benches);

#[cfg(not(htmx_ws_measured))]
fn main() {
    eprintln!("this was built without `--cfg htmx_ws_measured`; `cargo xtask bench parts` builds it with that");
}
