//! Fuzzes the texts of filters.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| recohook_fuzz::filter(data));
