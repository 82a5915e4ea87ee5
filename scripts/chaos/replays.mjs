// The service: again and again it replays what has failed, with one key each until there is an answer.

import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '../demo/client.mjs';

const BETWEEN_MS = 1_500;
const RETRY_MS = 200;
// Fast, but not all in one turn: kills come in the midst.
const RATE_PER_MINUTE = 240;
/** The generator's word for what ./operator.js has done to it. */
const FILTER = { error: 'outage_unreadable' };

/** Until `done()`; counts the replays of many, and in the end the jobs that they have replayed. */
export async function replayMany(door, { signal, done }, counts) {
  while (!done()) {
    await begin(door, signal, done, `replay-${counts.replays + 1}`);
    counts.replays += 1;
    await sleep(BETWEEN_MS, undefined, { signal });
  }
}

async function begin(door, signal, done, key) {
  while (!done()) {
    try {
      const client = await door.open();
      await client.replayMany({ filter: FILTER, ratePerMinute: RATE_PER_MINUTE }, key);
      return;
    } catch (error) {
      signal.throwIfAborted();
      // Ten may be under way.
      if (!isTransient(error) && error.status !== 409) throw error;
    }
    await sleep(RETRY_MS, undefined, { signal });
  }
}

/** How many jobs they have replayed. */
export const replayedBy = (replays) => replays.reduce((sum, { replayed }) => sum + replayed, 0);
