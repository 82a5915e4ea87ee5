// npm run bench -- replay
//
// What a replay of a thousand failed jobs costs live work: the same live jobs of all tiers come twice, a little more of them
// than the slots can take, first alone and then beside the replay. On local workerd, four consumers side by side. A wait is
// that of the job's own record, from its submission to its first start.

import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { startParallel } from '../queue/parallel.mjs';
import { ONE_STAGE, submission } from './load.mjs';

const [SLOTS, WAIT_MS, CONSUMERS] = [20, 2_000, 4];
const FAILED = { users: 50, each: 20 };
/** More than the slots can take: 20 of 2 s each are 10 a second. */
const LIVE = { perSecond: 11, seconds: 150, users: 200 };
/** Ten parts: four of tier1, three of tier2, two of tier3, one of tier4. */
const TIERS = [1, 2, 1, 3, 2, 1, 4, 2, 1, 3];
/** Nearly all of them while live jobs come. Each tier has its share of them, too. */
const RATE = 300;
/** So long after live work began: all slots are taken then, and free one after another. If both began at once, slots of equal
 * length would free in crowds for good. */
const LIVE_BEFORE_MS = 10_000;
const DEADLINE_MS = 300_000;
const KEY = 'tests/outage.json';
const VARS = { AUTH: 'open', LOG_FORMAT: 'json', GENERATOR: 'wait', GENERATOR_OUTAGES: 'on', KINDS: ONE_STAGE, MAX_ATTEMPTS: '1' };

/** The value below which that share of the waits lies. */
export function quantile(waits, share) {
  const sorted = [...waits].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** Of live jobs `{ tier, waitMs }`, alone and beside a replay: p50 and p95 by tier, and how the p95 of each compare. Pure. */
export function judge(alone, beside) {
  const of = (jobs, tier) => jobs.filter((job) => job.tier === tier).map(({ waitMs }) => waitMs);
  const round = (number) => Math.round(number * 100) / 100;
  return ['tier4', 'tier3', 'tier2', 'tier1'].map((tier) => {
    const [one, other] = [of(alone, tier), of(beside, tier)];
    const [p95Alone, p95Beside] = [quantile(one, 0.95), quantile(other, 0.95)];
    return {
      tier, jobs: one.length, p50AloneMs: quantile(one, 0.5), p50BesideMs: quantile(other, 0.5), p95AloneMs: p95Alone, p95BesideMs: p95Beside,
      ratio: round(p95Beside / p95Alone),
    };
  });
}

const post = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const asked = async (worker, path, init) => (await worker.fetch(path, init)).json();
const count = (worker, event) => worker.lines().filter((line) => line.includes(`"event":"${event}"`)).length;

async function until(what, check) {
  for (const deadline = Date.now() + DEADLINE_MS; !(await check()); await sleep(500)) {
    if (Date.now() > deadline) throw new Error(`${what} took too long`);
  }
}

async function fail(worker) {
  const bucket = (await worker.worker.getEnv()).ARTIFACTS;
  // It cannot be read, so each job fails for good.
  await bucket.put(KEY, 'no outage');
  // The tiers mixed, as an outage would meet them.
  for (let round = 0; round < FAILED.each; round += 1) {
    await Promise.all(Array.from({ length: FAILED.users }, (_, user) => worker.fetch('/create-story', submission(`failed${user}`, `tier${TIERS[user % TIERS.length]}`))));
  }
  const filter = { error: 'outage_unreadable' };
  const all = FAILED.users * FAILED.each;
  await until('the failures', async () => (await asked(worker, '/replays', post({ filter, preview: true }))).matched === all);
  await bucket.delete(KEY);
  return filter;
}

/** Live jobs come at their pace, whatever becomes of them; then all must have ended. */
async function live(worker, name) {
  const before = count(worker, 'succeeded');
  const [start, jobs] = [Date.now(), LIVE.perSecond * LIVE.seconds];
  const sent = [];
  for (let job = 0; job < jobs; job += 1) {
    await sleep(Math.max(0, start + (1000 * job) / LIVE.perSecond - Date.now()));
    sent.push(worker.fetch('/create-story', submission(`${name}${job % LIVE.users}`, `tier${TIERS[job % TIERS.length]}`)));
  }
  const refused = (await Promise.all(sent)).filter(({ status }) => status !== 202).length;
  if (refused > 0) throw new Error(`${refused} submissions were refused`);
  return { ended: () => count(worker, 'succeeded') - before >= jobs };
}

async function waits(worker, name) {
  const all = [];
  for (let user = 0; user < LIVE.users; user += 1) {
    const { jobs } = await asked(worker, `/users/${name}${user}/jobs?limit=100`);
    all.push(...jobs.map(({ tier, waitMs }) => ({ tier, waitMs })));
  }
  return all;
}

/** One run; `say` gets the table. */
export async function replay({ root, say }) {
  const worker = await startParallel({
    config: join(root, 'wrangler.toml'), queue: 'stories', vars: { ...VARS, WAIT_MS: `${WAIT_MS}`, POOL_CAPACITY: `${SLOTS}` },
    broker: { consumers: CONSUMERS },
  });
  try {
    const filter = await fail(worker);
    const alone = await live(worker, 'alone');
    await until('live jobs', alone.ended);
    const coming = live(worker, 'beside');
    await sleep(LIVE_BEFORE_MS);
    const { replayId, matched } = await asked(worker, '/replays', post({ filter, ratePerMinute: RATE }));
    const began = Date.now();
    await coming;
    let run;
    await until('the replay', async () => {
      run = await asked(worker, `/replays/${replayId}`);
      return run.status === 'done';
    });
    const replayedWithinS = Math.round((Date.parse(run.endedAt) - began) / 1000);
    await until('the replayed jobs', () => count(worker, 'succeeded') >= 2 * LIVE.perSecond * LIVE.seconds + run.replayed);
    const tiers = judge(await waits(worker, 'alone'), await waits(worker, 'beside'));
    say(`${matched} failed jobs replayed at ${RATE} a minute (${run.replayed} in ${replayedWithinS} s) beside ${LIVE.perSecond} live jobs a second of ${WAIT_MS / 1000} s on ${SLOTS} slots`);
    say('| live jobs | number | p50 alone, ms | p50 beside, ms | p95 alone, ms | p95 beside, ms | p95 beside / alone |');
    say('|---|---|---|---|---|---|---|');
    for (const { tier, jobs, p50AloneMs, p50BesideMs, p95AloneMs, p95BesideMs, ratio } of tiers) {
      say(`| ${[tier, jobs, p50AloneMs, p50BesideMs, p95AloneMs, p95BesideMs, ratio].join(' | ')} |`);
    }
    return { replay: { slots: SLOTS, waitMs: WAIT_MS, consumers: CONSUMERS, livePerSecond: LIVE.perSecond, matched, replayed: run.replayed, ratePerMinute: RATE, replayedWithinS, tiers } };
  } finally {
    await worker.close();
  }
}
