#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_checks::episode_body::check(input));
