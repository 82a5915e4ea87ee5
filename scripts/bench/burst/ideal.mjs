// The best that could be done: whatever slot is free takes the best job by rank whose user is below the limit, at once.
// Nothing travels, nothing is forgotten, nobody asks. Pure.

import { BOOST_MS, TIERS } from './scenarios.mjs';

/** The same jobs, each with the `end` that it would have had. */
export function ideal(jobs, { slots, waitMs }) {
  const coming = jobs.map((job, index) => ({ job, index })).sort((a, b) => a.job.submittedAt - b.job.submittedAt || a.index - b.index);
  const rank = ({ submittedAt, tier }) => submittedAt - TIERS[tier].priority * BOOST_MS;
  const waiting = [];
  const running = [];
  const active = new Map();
  const ends = [];
  const count = ({ userId }, by) => active.set(userId, (active.get(userId) ?? 0) + by);
  while (coming.length + waiting.length + running.length > 0) {
    // All jobs take as long, so they end in the order in which they started.
    const now = Math.min(running[0]?.end ?? Infinity, coming[0]?.job.submittedAt ?? Infinity);
    while (running[0]?.end <= now) count(running.shift().job, -1);
    while (coming[0]?.job.submittedAt <= now) waiting.push(coming.shift());
    waiting.sort((a, b) => rank(a.job) - rank(b.job) || a.index - b.index);
    while (running.length < slots) {
      const next = waiting.findIndex(({ job }) => (active.get(job.userId) ?? 0) < TIERS[job.tier].limit);
      if (next < 0) break;
      const [{ job, index }] = waiting.splice(next, 1);
      count(job, 1);
      ends[index] = now + waitMs;
      running.push({ job, end: ends[index] });
    }
  }
  return jobs.map((job, index) => ({ ...job, end: ends[index] }));
}
