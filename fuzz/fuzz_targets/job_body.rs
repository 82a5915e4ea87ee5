#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_checks::job_body::check(input));
