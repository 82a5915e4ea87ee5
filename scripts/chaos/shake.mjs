// What befalls the objects while the Worker lives.

import { setTimeout as sleep } from 'node:timers/promises';

const BETWEEN_MS = [40, 300];
// Seconds apart, so that a report gets through in one of its tries.
const ABORT_EVERY = 12;

// An outage and the time until the next, in rounds of this loop.
const OUT_FOR = 10;
const OUT_EVERY = 20;
// Every time before it comes back, for so many rounds what begins fails for good.
const SPOILT_FOR = 2;

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
      if (round % OUT_EVERY === 0 || spares()) await back();
      else if (round % OUT_EVERY === OUT_EVERY - OUT_FOR && await out()) counts.outages += 1;
      else if (round % OUT_EVERY === OUT_EVERY - SPOILT_FOR) await spoil();
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
