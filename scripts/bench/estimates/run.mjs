// One burst against this Worker, some of whose jobs are looked at while they wait.

import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { startParallel } from '../../queue/parallel.mjs';
import { WORKERS, submitAll, untilEnded } from '../burst/run.mjs';
import { isOvertaken } from './figures.mjs';

/** How often is looked, at how many jobs, and how long after that again. */
const EVERY_MS = 500;
const EACH = 4;
const AGAIN_MS = 1_000;

/** The looks, each with when its job started. */
export async function watched({ root, scenario, consumers }) {
  const { config, queue, vars } = WORKERS.ours;
  const worker = await startParallel({ config: join(root, config), queue, vars: vars(scenario), broker: { consumers } });
  try {
    const known = [];
    const watch = new Watch(worker, known);
    const submitted = await submitAll(worker, scenario, (job) => known.push(job));
    await untilEnded(worker, submitted.length);
    await watch.end();
    const jobs = await started(worker, submitted);
    const all = [...jobs.values()];
    return watch.looks.filter(({ jobId }) => jobs.has(jobId)).map((look) => {
      const { started, granted } = jobs.get(look.jobId);
      return { ...look, started, overtaken: isOvertaken({ at: look.at, started, granted }, all) };
    });
  } finally {
    await worker.close();
  }
}

/** Looks from time to time at some of the known jobs, by turns, until the end. */
class Watch {
  looks = [];
  #over = false;
  #done;

  constructor(worker, known) {
    this.#done = this.#run(worker, known);
  }

  async end() {
    this.#over = true;
    await this.#done;
  }

  async #run(worker, known) {
    const gone = new Set();
    const again = [];
    for (let turn = 0; !this.#over; turn++) {
      const waiting = known.filter(({ jobId }) => !gone.has(jobId));
      const chosen = Array.from({ length: Math.min(EACH, waiting.length) }, (_, index) =>
        waiting[(turn * 7 + index * Math.ceil(waiting.length / EACH)) % waiting.length]);
      await Promise.all([...new Set(chosen)].map(async (job) => {
        const look = await this.#look(worker, job);
        if (!look) return gone.add(job.jobId);
        this.looks.push(look);
        again.push(sleep(AGAIN_MS).then(async () => { look.again = (await this.#look(worker, job))?.told; }));
      }));
      await sleep(EVERY_MS);
    }
    await Promise.all(again);
  }

  /** What is told of a job that waits; nothing of one that has started. */
  async #look(worker, { userId, jobId }) {
    const at = Date.now();
    const { waiting } = await (await worker.fetch(`/users/${userId}/jobs/${jobId}`)).json();
    if (!waiting) return undefined;
    const told = waiting.estimate && Object.fromEntries(['startsAt', 'from', 'until'].map((name) => [name, Date.parse(waiting.estimate[name])]));
    return { jobId, at, told: told ?? undefined };
  }
}

/** When each job was submitted, came into the pool's line, and started. */
async function started(worker, submitted) {
  const found = new Map();
  for (const userId of new Set(submitted.map(({ userId }) => userId))) {
    const { jobs } = await (await worker.fetch(`/users/${userId}/jobs?limit=100`)).json();
    for (const { jobId, submittedAt, grantedAt, startedAt } of jobs) {
      if (startedAt) found.set(jobId, { submittedAt: Date.parse(submittedAt), granted: Date.parse(grantedAt), started: Date.parse(startedAt) });
    }
  }
  return found;
}
