// One process of handlers of a peer: `node crew.mjs <system> <port> <handlers>` from the folder of the peers' packages.
// Prints a line of JSON for each start and end, and one when it is ready; begins when it is told so, and ends with its
// input.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS, QUEUE, RETRY_MS, TIER_DEFAULT, WORK_MS } from './workload.mjs';

const [system, port, handlers] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), 'package.json'));
const say = (event, facts = {}) =>
  process.stdout.write(`${JSON.stringify({ event, at: performance.timeOrigin + performance.now(), ...facts })}\n`);

async function handle({ jobId, userId, tier }) {
  say('start', { jobId, userId, tier });
  await sleep(WORK_MS);
  say('end', { jobId });
}

/** pg-boss limits a group over all processes by `groupConcurrency`; the tier of a group has its own. */
async function pgBoss({ batchSize }) {
  const { PgBoss } = require('pg-boss');
  const boss = new PgBoss({ connectionString: `postgres://postgres@127.0.0.1:${port}/postgres`, supervise: false, schedule: false });
  boss.on('error', (error) => console.error(error.message));
  await boss.start();
  const groupConcurrency = { default: LIMITS[TIER_DEFAULT], tiers: LIMITS };
  return () => boss.work(QUEUE, {
    batchSize, localConcurrency: Number(handlers) / batchSize, groupConcurrency, pollingIntervalSeconds: 0.5,
  }, (jobs) => Promise.all(jobs.map(({ data }) => {
    say('dequeue');
    return handle(data);
  })));
}

/** BullMQ has no limit by key in its free edition: a counter for each user, and back to the queue when that is full. */
async function bullMq() {
  const { Worker, DelayedError } = require('bullmq');
  const Redis = require('ioredis');
  const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
  const redis = new Redis(connection);
  const worker = new Worker(QUEUE, async (job, token) => {
    say('dequeue');
    const key = `running:${job.data.userId}`;
    if (await redis.incr(key) > LIMITS[job.data.tier]) {
      await redis.decr(key);
      await job.moveToDelayed(Date.now() + RETRY_MS, token);
      throw new DelayedError();
    }
    try {
      await handle(job.data);
    } finally {
      await redis.decr(key);
    }
  }, { connection, concurrency: Number(handlers), autorun: false });
  worker.on('error', (error) => console.error(error.message));
  await worker.waitUntilReady();
  return () => void worker.run();
}

const systems = { 'pg-boss-single': () => pgBoss({ batchSize: 1 }), 'pg-boss-batch': () => pgBoss({ batchSize: 4 }), bullmq: bullMq };
const begin = await systems[system]();
say('ready');
process.stdin.once('data', begin);
process.stdin.once('end', () => process.exit(0));
