//! Whether work grows no faster than its input: counted in bytes that it allocates, and in time.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    time::Duration,
};

/// Sizes of inputs, in bytes. Some limits of the product cut a text after a few thousand characters, so work that
/// is quadratic below them seems linear above.
const SIZES: [usize; 4] = [32, 256, 2_048, 16_384];

/// How many times the bytes and the time the next size may take, which is eight times as large: what grows with the
/// square takes 64 times.
const BYTES_MAX: usize = 16;
const TIME_MAX: u32 = 24;

/// Less is noise.
const BYTES_MIN: usize = 4_096;
const TIME_MIN: Duration = Duration::from_micros(50);

/// How often a time is taken before it counts as too long.
const TRIES: usize = 10;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts for each thread the bytes that it hands out. For [`assert_linear`] it must be
/// the `#[global_allocator]` of the test.
#[derive(Debug)]
pub struct Counting;

fn count(bytes: usize) {
    // A thread that ends may allocate after its counter is gone.
    let _ = ALLOCATED.try_with(|sum| sum.set(sum.get().wrapping_add(bytes)));
}

#[expect(unsafe_code, reason = "the interface of allocators is unsafe")]
// SAFETY: every call is the system's, with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Bytes that some work allocates.
pub fn allocated<T>(work: impl FnOnce() -> T) -> usize {
    let before = ALLOCATED.get();
    std::hint::black_box(work());
    ALLOCATED.get().wrapping_sub(before)
}

/// Checks that work on inputs of more and more bytes takes no more than its share of the time.
///
/// # Panics
/// When it does, or as [`assert_linear_bytes`].
pub fn assert_linear<I, T>(
    name: &str,
    per_byte: usize,
    input: impl Fn(usize) -> I,
    work: impl Fn(&I) -> T,
) {
    assert_linear_bytes(name, per_byte, &input, &work);
    let inputs = SIZES.map(input);
    for (pair, size) in inputs.windows(2).zip(&SIZES[1..]) {
        let (mut short, mut long) = (Duration::MAX, Duration::MAX);
        let in_time = (0..TRIES).any(|_| {
            short = short.min(time(|| work(&pair[0])));
            long = long.min(time(|| work(&pair[1])));
            long <= short.max(TIME_MIN) * TIME_MAX
        });
        assert!(
            in_time,
            "{name}: {long:?} for {size} bytes, {short:?} for an eighth"
        );
    }
}

/// Checks that what the work allocates grows no faster than its input, and is at most `per_byte` bytes for each byte of
/// a long one.
///
/// # Panics
/// When it is more, or when [`Counting`] is not the allocator.
pub fn assert_linear_bytes<I, T>(
    name: &str,
    per_byte: usize,
    input: impl Fn(usize) -> I,
    work: impl Fn(&I) -> T,
) {
    assert!(allocated(|| vec![0_u8; 9]) >= 9, "not the allocator");
    let bytes = SIZES.map(|size| {
        let input = input(size);
        allocated(|| work(&input))
    });
    let is_linear = |pair: &[usize]| pair[1] <= pair[0] * BYTES_MAX + BYTES_MIN;
    let longest = SIZES.len() - 1;
    assert!(
        bytes.windows(2).all(is_linear) && bytes[longest] <= SIZES[longest] * per_byte,
        "{name}: {bytes:?} bytes allocated for inputs of {SIZES:?} bytes"
    );
}

/// How long this thread computes for some work.
pub fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = time_of_thread();
    std::hint::black_box(work());
    time_of_thread().saturating_sub(start)
}

/// How long this thread has computed: other processes do not count.
#[expect(unsafe_code, reason = "the clock is the system's")]
fn time_of_thread() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the system writes into a struct of its own type.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(failed, 0, "no clock of this thread");
    let part = |number: i64| u64::try_from(number).expect("time is positive");
    Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
}

/// What hostile texts repeat: what is not shown, ends a sentence, joins its neighbour, must be escaped, or separates.
pub const UNITS: [&str; 45] = [
    "a",
    "word ",
    "s ",
    "W",
    "1",
    "0,",
    ".",
    ". ",
    "...",
    "a.",
    "!\n",
    "…",
    "。",
    "日",
    "「",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u{7f}\n",
    "\u{7f}",
    "\u{feff}\n",
    "\u{feff}",
    "\u{200b}",
    "\u{202e}.",
    "\u{2028}",
    "\u{301}",
    "e\u{301}",
    "\u{200d}",
    "👩\u{200d}",
    "🇩",
    "שלום ",
    "/",
    "~",
    "\\",
    "\"",
    "&",
    "<",
    "{{",
    "[",
    "{\"a\":",
    "%41",
    "%",
    "&limit=x",
    "v1=0,",
];

/// Each unit followed by another.
pub fn pairs() -> impl Iterator<Item = String> {
    let others = UNITS.iter().cycle().skip(UNITS.len() / 3);
    UNITS
        .iter()
        .zip(others)
        .map(|(one, other)| format!("{one}{other}"))
}

/// A unit repeated to about so many bytes.
#[must_use]
pub fn repeated(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes.div_ceil(unit.len()))
}
