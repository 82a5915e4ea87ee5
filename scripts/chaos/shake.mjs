// What befalls the objects while the Worker lives.

import { setTimeout as sleep } from 'node:timers/promises';

const BETWEEN_MS = [40, 300];
// Seconds apart, so that a report gets through in one of its tries.
const ABORT_EVERY = 12;

/**
 * Until `stop` is aborted, throws gates of random users out of memory at random moments, and regularly, unless `spares()`,
 * breaks all objects in the middle of their calls. Counts what took effect.
 */
export async function shake(users, door, random, { stop, signal, spares }, counts) {
  let sinceAbort = 0;
  while (!stop.aborted) {
    const [pause, who] = [random.between(...BETWEEN_MS), random.between(0, users.length - 1)];
    await sleep(pause, undefined, { signal });
    const { abort, evict } = await door.open();
    try {
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
}
