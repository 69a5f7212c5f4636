#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzed::check("chat_request", input));
