//! Fuzzes the calls of a dispatcher.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| recohook_fuzz::dispatcher(data));
