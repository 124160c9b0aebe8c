//! Fuzzes the headers and bodies of signed requests.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| recohook_fuzz::signature(data));
