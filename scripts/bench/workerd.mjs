// npm run bench -- workerd
//
// This Worker and the obvious design (bench/baseline), side by side in one run on local workerd, under the same load
// through HTTP, with generators that only wait. Both make jobs of one stage.
//
// Time is scaled by 30: the baseline's retry of 30 s is 1 s here, a job runs 1 s, and "parked for 20 minutes" is 40 s.
// The local queue makes one delivery after another, so a backlog is made of many short jobs of a user at its limit,
// not of few long ones.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ONE_STAGE, submit } from './load.mjs';
import { costs, handOver, overLimit, waits } from './measure.mjs';
import { start } from './worker.mjs';

const LIMITS = { tier1: 2, tier2: 5, tier3: 10, tier4: 20 };
const SCALE = 30;
const DEADLINE_MS = 240_000;

const ours = (vars) => ({ name: 'ours', config: 'wrangler.toml', vars: { AUTH: 'open', LOG_FORMAT: 'json', GENERATOR: 'wait', KINDS: ONE_STAGE, ...vars } });
const baseline = (vars) => ({ name: 'baseline', config: 'bench/baseline/wrangler.toml', vars });

/** `count` users of each tier as the shares say. */
const users = (shares, jobs) => shares.flatMap(([tier, count]) =>
  Array.from({ length: count }, (_, index) => ({ userId: `${tier}-${index}`, tier, jobs })));

const MIX = [['tier1', 12], ['tier2', 5], ['tier3', 2], ['tier4', 1]];
const MANY = users([['tier1', 60], ['tier2', 25], ['tier3', 10], ['tier4', 5]], 2);
/** Jobs of one user of tier1 such that they are parked so many seconds on average: two end each second. */
const parkedFor = (seconds) => users([['tier1', 1]], 4 * seconds);

const SCENARIOS = [
  { name: 'uncontended, pool off', wait: 50, load: MANY, pool: 0 },
  { name: 'uncontended, pool on', wait: 50, load: MANY, pool: 500, baseline: false },
  ...[1, 5, 20].map((minutes) => ({
    name: `parked ${minutes} min`, wait: 1000, load: parkedFor((minutes * 60) / SCALE), pool: 50, parkedS: (minutes * 60) / SCALE,
  })),
  { name: 'parked in the pool 5 min', wait: 1000, load: users([['tier1', 40]], 1), pool: 2, baseline: false, parkedS: 10 },
  { name: 'tiers mixed', wait: 300, load: users(MIX, 12), pool: 50 },
];

async function runOne(root, { name, config, vars }, scenario) {
  const worker = await start({ root, config: join(root, config), vars: { ...vars, WAIT_MS: scenario.wait, LOG_COSTS: 'on' } });
  try {
    const finished = (since) =>
      new Set(worker.events.slice(since).filter(({ event }) => event === 'succeeded').map(({ jobId }) => jobId)).size;
    const untilFinished = async (jobs, since) => {
      for (const deadline = Date.now() + DEADLINE_MS; finished(since) < jobs && Date.now() < deadline;) await sleep(100);
    };
    // A user's first job makes the user's tables; what follows is what a million jobs cost.
    await untilFinished(await submit(worker.url, scenario.load.map((user) => ({ ...user, jobs: 1 }))), 0);
    await sleep(500);
    const [since, cpuBefore] = [worker.events.length, worker.cpuMs()];
    const jobs = await submit(worker.url, scenario.load);
    await untilFinished(jobs, since);
    // What follows an end: releases, acknowledgements.
    await sleep(500);
    const events = worker.events.slice(since);
    const again = name === 'baseline' ? events.filter(({ event }) => event === 'parked').length : 0;
    return {
      worker: name, scenario: scenario.name, jobs, lost: jobs - finished(since),
      ...costs({ events, jobs, cpuMs: worker.cpuMs() - cpuBefore, deliveredAgain: again }),
      overLimitStarts: overLimit(events, LIMITS), tiers: waits(events),
      handOver: handOver(events, (own, at) => own.filter((event) => event.event === 'started' && event.at > at).length),
    };
  } finally {
    await worker.stop();
  }
}

/** Runs every scenario for both; `say` gets a line for each. */
export async function workerd({ root, say }) {
  const results = [];
  for (const scenario of SCENARIOS) {
    const pair = [ours({ POOL_CAPACITY: scenario.pool })];
    if (scenario.baseline !== false) pair.push(baseline({ RETRY_SECONDS: 30 / SCALE }));
    for (const one of pair) {
      const result = await runOne(root, one, scenario);
      results.push(result);
      const { jobs, lost, dollarsPerMillion, cpuMs, rowsWritten, deliveries, overLimitStarts, handOver } = result;
      say([scenario.name.padEnd(26), one.name.padEnd(9), `${jobs} jobs`, `lost ${lost}`, `over ${overLimitStarts}`,
        `$${dollarsPerMillion.toFixed(2)}/M`, `${rowsWritten} rows`, `${deliveries} deliveries`, `${cpuMs} ms CPU`,
        `next start ${handOver.p50S ?? '-'} s`].join('  '));
    }
  }
  return { scale: SCALE, runs: results };
}
