//! Fuzzes the bodies of deliveries.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| recohook_fuzz::delivery(data));
