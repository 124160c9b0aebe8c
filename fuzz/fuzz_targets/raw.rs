//! Fuzzes the readers of raw notifications.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| recohook_fuzz::raw(data));
