// Choices that a seed repeats (mulberry32).

/** A source of choices; the same seed gives the same ones. */
export function createRandom(seed) {
  let state = seed >>> 0;
  /** From 0 up to, but not including, 1. */
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    between: (low, high) => low + Math.floor(unit() * (high - low + 1)),
    chance: (share) => unit() < share,
    /** A source of its own, so that what one user draws does not depend on how fast another was served. */
    fork: () => createRandom(Math.floor(unit() * 2 ** 32)),
  };
}
