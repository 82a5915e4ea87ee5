// npm run bench -- idle
//
// What the queue's `max_batch_timeout` buys and costs, on local workerd: the time from submission to start when nothing
// is in a job's way, and, under a steady load, how many tickets a delivery brings and what a million jobs cost by it.
// Jobs have one stage that takes no time, and each is of another user, so that no limit plays a part.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { variant } from './config.mjs';
import { submitOne } from './load.mjs';
import { costs, waits } from './measure.mjs';
import { start } from './worker.mjs';

/** Seconds that the queue waits for a batch to fill. */
const TIMEOUTS = [0, 1, 5];
/** Jobs one at a time; where each takes seconds, on so many Workers side by side. */
const IDLE_JOBS = 100;
const sides = (maxBatchTimeout) => Math.max(1, Math.min(5, 2 * maxBatchTimeout));
/** Jobs a second, for how many seconds, of so many users. */
const [RATE, SECONDS, USERS] = [20, 15, 10];
const DEADLINE_MS = 30_000;
const round = (number, digits = 2) => Math.round(number * 10 ** digits) / 10 ** digits;

const ended = (events) => new Set(events.filter(({ event }) => event === 'succeeded').map(({ jobId }) => jobId)).size;

async function untilEnded(worker, since, jobs) {
  for (const deadline = Date.now() + DEADLINE_MS; ended(worker.events.slice(since)) < jobs;) {
    if (Date.now() > deadline) throw new Error(`${jobs - ended(worker.events.slice(since))} jobs did not end`);
    await sleep(5);
  }
}

/** One job after another, each when the one before has ended. The pauses vary, so that no timer keeps step. */
async function alone(worker, jobs) {
  const since = worker.events.length;
  for (let count = 0; count < jobs; count += 1) {
    await submitOne(worker.url, `idle-${count}`, 'tier1');
    await untilEnded(worker, since, count + 1);
    await sleep(10 + ((count * 37) % 100));
  }
  return worker.events.slice(since);
}

/** `RATE` jobs a second, whatever becomes of them. */
async function steady(worker) {
  const [since, jobs, from] = [worker.events.length, RATE * SECONDS, performance.now()];
  const cpuBefore = worker.cpuMs();
  const sent = [];
  for (let count = 0; count < jobs; count += 1) {
    await sleep(Math.max(0, from + (count * 1000) / RATE - performance.now()));
    sent.push(submitOne(worker.url, `user-${count % USERS}`, 'tier4'));
  }
  await Promise.all(sent);
  await untilEnded(worker, since, jobs);
  await sleep(500);
  const events = worker.events.slice(since);
  const deliveries = events.filter(({ event }) => event === 'delivery');
  return {
    jobsPerS: RATE, jobs, batchSize: round(jobs / deliveries.length), waits: waits(events).tier4,
    ...costs({ events, jobs, cpuMs: worker.cpuMs() - cpuBefore, deliveredAgain: 0 }),
  };
}

/** Every timeout in turn; `say` gets a line for each. */
export async function idle({ root, say, jobs = IDLE_JOBS }) {
  const folder = mkdtempSync(join(tmpdir(), 'story-queue-idle-'));
  const text = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  const results = [];
  try {
    for (const maxBatchTimeout of TIMEOUTS) {
      const config = join(folder, `wrangler-${maxBatchTimeout}.toml`);
      const vars = { LOG_FORMAT: 'json', GENERATOR: 'wait', WAIT_MS: 0, LOG_COSTS: 'on', POOL_CAPACITY: 500 };
      writeFileSync(config, variant(text, { root, vars, oneStage: true, maxBatchTimeout }));
      const workers = [];
      try {
        for (let side = 0; side < sides(maxBatchTimeout); side += 1) workers.push(await start({ root, config, vars: {} }));
        const each = Math.ceil(jobs / workers.length);
        const one = waits((await Promise.all(workers.map((worker) => alone(worker, each)))).flat()).tier1;
        const many = await steady(workers[0]);
        results.push({ maxBatchTimeoutS: maxBatchTimeout, idle: one, steady: many });
        say([`max_batch_timeout ${maxBatchTimeout} s`, `idle: ${one.jobs} jobs, p50 ${one.p50S} s, p99 ${one.p99S} s`,
          `${RATE} jobs/s: ${many.batchSize} a delivery, start p50 ${many.waits.p50S} s, p99 ${many.waits.p99S} s`,
          `${many.queueOperations} queue operations, ${many.objectRequests} calls, ${many.workerRequests} requests a job`,
          `$${many.dollarsPerMillion.toFixed(2)}/M`].join('  '));
      } finally {
        await Promise.all(workers.map((worker) => worker.stop()));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  return { runs: results };
}
