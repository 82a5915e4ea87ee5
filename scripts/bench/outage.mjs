// npm run bench -- outage
//
// What an outage of the generator costs: many jobs of all tiers wait, the generator is out for half a minute, and then it
// is there again. On local workerd, four consumers side by side. What worked is counted from the jobs' ends and the known
// length of their one stage; when the outage ended is by this script's clock, which is the Worker's.

import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { startParallel } from '../queue/parallel.mjs';
import { submitAll, untilEnded } from './burst/run.mjs';
import { ONE_STAGE } from './load.mjs';

const [SLOTS, WAIT_MS, CONSUMERS] = [20, 1_000, 4];
/** Long enough for the breaker to reach its longest pause. */
const OUT_MS = 30_000;
/** What is under way when it begins may end. */
const SETTLED_MS = 2_000;
const KEY = 'tests/outage.json';
const VARS = { AUTH: 'open', LOG_FORMAT: 'json', GENERATOR: 'wait', GENERATOR_OUTAGES: 'on', KINDS: ONE_STAGE };

const ALL = { users: 80, each: 10, tier: (user) => `tier${(user % 4) + 1}` };
/** Who meets it, and what the generator says. */
const OUTAGES = [
  { name: 'all jobs', outage: {} },
  { name: 'all jobs, with Retry-After', outage: { retryAfterMs: 5_000 } },
  { name: 'one user\'s jobs', outage: { users: 'u79' } },
  { name: 'the jobs of 11 users', outage: { users: 'u7' } },
];

/** Which share of the slots worked between two moments. */
const used = (spans, from, to) =>
  spans.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0) / ((to - from) * SLOTS);

/**
 * Of jobs `{ start, end, failed, attempts }` and the `starts` at the generator: what came of an outage from `outAt` to
 * `backAt`, as far as jobs waited. Pure.
 */
export function judge(jobs, starts, { outAt, backAt }) {
  const spans = jobs.filter(({ end }) => end);
  const lastStart = Math.max(...spans.map(({ start }) => start));
  const round = (number) => Math.round(number * 1000) / 1000;
  const seconds = (at) => round((at - backAt) / 1000);
  const again = Array.from({ length: 60 }, (_, second) => backAt + 1000 * second)
    .find((at) => at + 2_000 < lastStart && used(spans, at, at + 2_000) >= 0.9);
  const within = (from, to) => starts.filter((at) => at >= from && at < to).length;
  return {
    jobs: jobs.length, failed: jobs.length - spans.length, attempts: Math.max(...jobs.map(({ attempts }) => attempts)),
    usedBefore: round(used(spans, outAt - 5_000, outAt)),
    usedDuring: round(used(spans, outAt + SETTLED_MS, backAt)),
    callsDuring: within(outAt + SETTLED_MS, backAt), callsInFirstSecond: within(backAt, backAt + 1_000),
    againAfterS: again === undefined ? null : seconds(again),
    usedAfterTenS: lastStart > backAt + 12_000 ? round(used(spans, backAt + 10_000, Math.min(lastStart, backAt + 20_000))) : null,
  };
}

async function run({ root, outage }) {
  const worker = await startParallel({
    config: join(root, 'wrangler.toml'), queue: 'stories', vars: { ...VARS, WAIT_MS: `${WAIT_MS}`, POOL_CAPACITY: `${SLOTS}` },
    broker: { consumers: CONSUMERS },
  });
  try {
    const bucket = (await worker.worker.getEnv()).ARTIFACTS;
    const submitted = await submitAll(worker, ALL);
    await sleep(5_000);
    const outAt = Date.now();
    await bucket.put(KEY, JSON.stringify(outage));
    await sleep(OUT_MS);
    await bucket.delete(KEY);
    const backAt = Date.now();
    await untilEnded(worker, submitted.length);
    const starts = worker.events().filter(({ event }) => event === 'started').map(({ at }) => at);
    return judge(await listed(worker), starts, { outAt, backAt });
  } finally {
    await worker.close();
  }
}

/** All jobs as the Worker lists them. */
async function listed(worker) {
  const all = [];
  for (let user = 0; user < ALL.users; user += 1) {
    const { jobs } = await (await worker.fetch(`/users/u${user}/jobs?limit=100`)).json();
    all.push(...jobs.map(({ status, finishedAt, stages }) => {
      const end = status === 'succeeded' ? Date.parse(finishedAt) : null;
      return { end, start: end && end - WAIT_MS, attempts: Math.max(...stages.map(({ attempts }) => attempts)) };
    }));
  }
  return all;
}

/** Each outage; `say` gets a line for each. */
export async function outage({ root, say }) {
  say(`${ALL.users * ALL.each} jobs of ${WAIT_MS / 1000} s on ${SLOTS} slots, ${CONSUMERS} consumers, out for ${OUT_MS / 1000} s`);
  say('| who meets it | failed | attempts at most | used before | used during | calls during | calls in the first second after | used ≥ 0.9 again after, s | used from 10 s on |');
  say('|---|---|---|---|---|---|---|---|---|');
  const runs = [];
  for (const { name, outage: which } of OUTAGES) {
    const result = { name, ...await run({ root, outage: which }) };
    runs.push(result);
    const { failed, attempts, usedBefore, usedDuring, callsDuring, callsInFirstSecond, againAfterS, usedAfterTenS } = result;
    say(`| ${[name, failed, attempts, usedBefore, usedDuring, callsDuring, callsInFirstSecond, againAfterS, usedAfterTenS].join(' | ')} |`);
  }
  return { outage: { slots: SLOTS, waitMs: WAIT_MS, outMs: OUT_MS, consumers: CONSUMERS, runs } };
}
