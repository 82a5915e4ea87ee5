//! Which part of an artifact a request asks for (RFC 9110, 14): one range of bytes. Several, or what is none, mean all of it.

/// What is to be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// All of it.
    Whole,
    /// These bytes of it, at least one.
    Range {
        /// The first one, from 0.
        first: u64,
        /// How many.
        length: u64,
    },
    /// It has none of the bytes that are asked for.
    Beyond,
}

impl Part {
    /// What a `Range` header asks for, of so many bytes.
    ///
    /// Some clients ask for a range of everything, to bound what they get; of what is empty, they get all there is.
    #[must_use]
    pub fn wanted(header: Option<&str>, bytes: u64) -> Self {
        let spec = header.and_then(only).filter(|_| bytes > 0);
        spec.and_then(|spec| within(spec, bytes))
            .unwrap_or(Self::Whole)
    }

    /// The `content-range` of an answer with this part of so many bytes.
    #[must_use]
    pub fn content_range(self, bytes: u64) -> Option<String> {
        match self {
            Self::Whole => None,
            Self::Range { first, length } => {
                let last = first.saturating_add(length).saturating_sub(1);
                Some(format!("bytes {first}-{last}/{bytes}"))
            }
            Self::Beyond => Some(format!("bytes */{bytes}")),
        }
    }
}

/// The only range of a header.
fn only(header: &str) -> Option<&str> {
    let (unit, set) = header.split_once('=')?;
    let mut specs = set
        .split(',')
        .map(|spec| spec.trim_matches([' ', '\t']))
        .filter(|spec| !spec.is_empty());
    let spec = specs.next()?;
    let is_one = specs.next().is_none();
    (is_one && unit.eq_ignore_ascii_case("bytes")).then_some(spec)
}

/// `None` for what is no range.
fn within(spec: &str, bytes: u64) -> Option<Part> {
    let (first, last) = spec.split_once('-')?;
    let (first, last) = if first.is_empty() {
        // The last so many.
        let count = position(last)?.min(bytes);
        (bytes - count, bytes - 1)
    } else {
        let first = position(first)?;
        let last = if last.is_empty() {
            u64::MAX
        } else {
            position(last).filter(|last| first <= *last)?
        };
        (first, last.min(bytes - 1))
    };
    Some(if first < bytes {
        let length = last - first + 1;
        Part::Range { first, length }
    } else {
        Part::Beyond
    })
}

/// A number, or the largest that there is, if it is larger.
fn position(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn range(first: u64, length: u64) -> Part {
        Part::Range { first, length }
    }

    #[test]
    fn one_range_of_bytes_is_a_part_of_what_there_is() {
        let huge = "99999999999999999999999";
        for (header, expected) in [
            ("bytes=0-0", range(0, 1)),
            ("bytes=0-99", range(0, 100)),
            ("bytes=10-19", range(10, 10)),
            ("Bytes=10-19", range(10, 10)),
            ("bytes=90-", range(90, 10)),
            ("bytes=0-", range(0, 100)),
            ("bytes=90-100", range(90, 10)),
            (&format!("bytes=99-{huge}"), range(99, 1)),
            ("bytes=-1", range(99, 1)),
            ("bytes=-100", range(0, 100)),
            ("bytes=-101", range(0, 100)),
            (&format!("bytes=-{huge}"), range(0, 100)),
            ("bytes= 10-19 ", range(10, 10)),
            ("bytes=,10-19,", range(10, 10)),
            ("bytes=100-", Part::Beyond),
            ("bytes=100-200", Part::Beyond),
            (&format!("bytes={huge}-"), Part::Beyond),
            (&format!("bytes={huge}-{huge}"), Part::Beyond),
            ("bytes=-0", Part::Beyond),
        ] {
            assert_eq!(Part::wanted(Some(header), 100), expected, "{header}");
        }
    }

    #[test]
    fn several_ranges_and_what_is_none_mean_all() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=a-b",
            "bytes=1-b",
            "bytes=--1",
            "bytes=1--2",
            "bytes=+1-2",
            "bytes=2-1",
            "bytes=1 - 2",
            "bytes =1-2",
            "bytes:1-2",
            "bytes=0-1,5-6",
            "bytes=1-,-1",
            "items=0-1",
            "0-1",
            "bytes=0x1-2",
            "bytes=1.0-2",
            "bytes=١-٢",
        ] {
            assert_eq!(Part::wanted(Some(header), 100), Part::Whole, "{header}");
        }
        assert_eq!(Part::wanted(None, 100), Part::Whole);
        for header in ["bytes=0-", "bytes=-1", "bytes=5-6"] {
            assert_eq!(Part::wanted(Some(header), 0), Part::Whole, "{header}");
        }
    }

    #[test]
    fn an_answer_says_which_part_it_has() {
        assert_eq!(Part::Whole.content_range(9), None);
        let said = |part: Part| part.content_range(100).unwrap();
        assert_eq!(said(range(0, 1)), "bytes 0-0/100");
        assert_eq!(said(range(90, 10)), "bytes 90-99/100");
        assert_eq!(said(Part::Beyond), "bytes */100");
    }

    proptest! {
        #[test]
        fn no_part_is_empty_or_ends_after_the_last_byte(
            header in prop_oneof![".*", "bytes=[0-9]{0,21}-[0-9]{0,21}"],
            bytes in any::<u64>(),
        ) {
            if let Part::Range { first, length } = Part::wanted(Some(&header), bytes) {
                prop_assert!(length > 0);
                prop_assert!(first.checked_add(length).is_some_and(|end| end <= bytes));
            }
        }
    }
}
