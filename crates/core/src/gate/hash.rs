//! A hash that spreads: pauses of jobs, and users over the day.

/// The 32-bit FNV-1a hash of a text, from that basis on.
pub(super) fn fnv_1a(basis: u32, text: &str) -> u32 {
    text.bytes().fold(basis, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        // The vectors of the authors' own test suite.
        for (text, hash) in [
            ("", 0x811c_9dc5),
            ("a", 0xe40c_292c),
            ("foobar", 0xbf9c_f968),
        ] {
            assert_eq!(fnv_1a(0x811c_9dc5, text), hash, "{text:?}");
        }
    }
}
