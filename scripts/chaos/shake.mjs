// What befalls the objects while the Worker lives.

import { setTimeout as sleep } from 'node:timers/promises';

const BETWEEN_MS = [40, 300];
// Seconds apart, so that a report gets through in one of its tries.
const ABORT_EVERY = 12;

// In rounds of this loop: once in so many, whatever begins fails for good, and somewhat later the generator is out.
const EVERY = 20;
const SPOILT = { from: 3, until: 7 };
const OUT = { from: 10, until: 20 };

/**
 * Until `stop` is aborted, throws gates of random users out of memory at random moments, and regularly, unless `spares()`,
 * breaks all objects in the middle of their calls; now and then the generator is out, or jobs fail for good. Counts what took
 * effect.
 */
export async function shake(users, door, random, { stop, signal, spares }, counts) {
  let sinceAbort = 0;
  for (let round = 0; !stop.aborted; round += 1) {
    const [pause, who] = [random.between(...BETWEEN_MS), random.between(0, users.length - 1)];
    await sleep(pause, undefined, { signal });
    const { abort, evict, out, spoil, back } = await door.open();
    try {
      const now = round % EVERY;
      if (now === OUT.until % EVERY || now === SPOILT.until || spares()) await back();
      else if (now === SPOILT.from) await spoil();
      else if (now === OUT.from && await out()) counts.outages += 1;
      sinceAbort += 1;
      if (sinceAbort < ABORT_EVERY || spares()) {
        if (await evict(users[who].userId)) counts.evictions += 1;
      } else if (await abort()) {
        counts.aborts += 1;
        sinceAbort = 0;
      }
    } catch {
      // The Worker was killed meanwhile.
      signal.throwIfAborted();
    }
  }
  await untilBack(door, signal);
}

/** Whatever is killed meanwhile, the generator is there again. */
async function untilBack(door, signal) {
  for (;;) {
    const { back } = await door.open();
    try {
      return await back();
    } catch {
      signal.throwIfAborted();
      await sleep(BETWEEN_MS[1], undefined, { signal });
    }
  }
}
