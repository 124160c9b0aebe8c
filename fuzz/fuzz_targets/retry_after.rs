//! Fuzzes the headers that set the time of the next attempt.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| recohook_fuzz::retry_after(data));
