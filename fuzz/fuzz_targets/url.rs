//! Fuzzes the URLs of webhooks.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| recohook_fuzz::url(data));
