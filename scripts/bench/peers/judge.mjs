// What a run of the peers' workload shows, from its starts and ends. Pure.

import { overlap, percentile } from '../../demo/judge.mjs';

const round = (number, digits = 3) => (number === null ? null : Math.round(number * 10 ** digits) / 10 ** digits);

/**
 * `events` are `{ event: 'start' | 'end', jobId, userId, tier, at }`, `at` in milliseconds; `from` is when all jobs were
 * queued and somebody was there to run them; `dequeues` counts jobs taken from the queue, also those put back. What did
 * not end is lost, or was too slow for who waited.
 */
export function judge({ events, jobs, limits, from, dequeues }) {
  const runs = [];
  const open = new Map();
  for (const { event, jobId, userId, tier, at } of [...events].sort((one, other) => one.at - other.at)) {
    if (event === 'start') {
      const run = { jobId, userId, tier, start: at, end: Infinity };
      runs.push(run);
      open.set(jobId, run);
    } else if (open.has(jobId)) {
      open.get(jobId).end = at;
    }
  }
  const started = new Set(runs.map(({ jobId }) => jobId));
  const ended = runs.filter(({ end }) => end !== Infinity);
  const users = [...Map.groupBy(runs, ({ userId }) => userId).values()]
    .map((own) => ({ tier: own[0].tier, ...overlap(own, limits[own[0].tier]) }));
  const tiers = Object.fromEntries(Object.keys(limits).map((tier) => {
    const waits = runs.filter((run) => run.tier === tier).map(({ start }) => (start - from) / 1000);
    return [tier, {
      limit: limits[tier],
      mostRunning: Math.max(0, ...users.filter((user) => user.tier === tier).map(({ maxActive }) => maxActive)),
      firstStartS: round(percentile(waits, 0)), p50S: round(percentile(waits, 50)), p95S: round(percentile(waits, 95)),
    }];
  }));
  const last = Math.max(from, ...ended.map(({ end }) => end));
  return {
    jobs, jobsPerS: round((ended.length * 1000) / Math.max(1, last - from), 1),
    aboveLimit: users.reduce((total, { overLimit }) => total + overLimit, 0), tiers,
    dequeuesPerJob: round(dequeues / jobs, 2), notEnded: jobs - new Set(ended.map(({ jobId }) => jobId)).size,
    twice: runs.length - started.size,
  };
}
