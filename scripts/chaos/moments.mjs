// When the Worker is killed, and when it is frozen.

import { setTimeout as sleep } from 'node:timers/promises';

// How long to wait for a stage to run: if that is only welcome, and if the run proves nothing without.
const WELCOME_MS = 3_000;
const NEEDED_MS = 20_000;
const LATE_MS = 8_000;
const FREEZE_TRIES = 3;

/** The moments of one run; `ledger` says what runs, `burst` has every user submit at once. */
export function createMoments({ random, ledger, burst, signal }) {
  const pause = (ms) => sleep(ms, undefined, { signal });
  const until = async (isSo, patience) => {
    for (const end = Date.now() + patience; !isSo() && Date.now() < end;) await pause(5);
    return isSo();
  };

  return {
    /**
     * Now and then before the Worker has healed from the last kill; half of the other times, just after a stage has
     * started, and always while one runs if `mustStrike`. Half of all kills come while every user submits.
     */
    async kill(mustStrike) {
      const [isEarly, isAimed, isInBurst] = [0.2, 0.5, 0.5].map(random.chance);
      const [early, later, aside, answering] = [[200, 1500], [1500, 9000], [0, 400], [2, 60]].map((range) => random.between(...range));
      await pause(isEarly ? early : later);
      if (!isEarly && isAimed) {
        const { started } = ledger.counts;
        await until(() => ledger.counts.started > started, WELCOME_MS);
        await pause(aside);
      }
      if (isInBurst) {
        burst();
        await pause(answering);
      }
      if (mustStrike) await until(() => ledger.running() > 0, NEEDED_MS);
    },

    /**
     * Freezes workerd for `ms` just after a stage has started, and gives the late holders time to report; again if
     * none did, since a busy machine may tell too late that a stage has started. Returns how often.
     */
    async freeze(worker, ms) {
      const { late } = ledger.counts;
      let freezes = 0;
      for (let tried = 0; tried < FREEZE_TRIES && ledger.counts.late === late; tried += 1) {
        const { started } = ledger.counts;
        if (await worker.freeze(ms, () => until(() => ledger.counts.started > started, NEEDED_MS))) freezes += 1;
        await until(() => ledger.counts.late > late, LATE_MS);
      }
      return freezes;
    },
  };
}
