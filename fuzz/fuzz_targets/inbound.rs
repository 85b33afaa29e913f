#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| htmx_ws_components::fuzz::inbound(data));
