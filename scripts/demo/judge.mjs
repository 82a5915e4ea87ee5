// Judges the run. Pure: what was submitted and seen goes in; numbers and sentences come out.

import { hasEnded } from './play.mjs';

/**
 * The most intervals that overlap at one time, and how often a start takes them above `limit`.
 * Ends are exclusive: a lease handed over within one millisecond is one lease, not two.
 */
export function overlap(intervals, limit) {
  const steps = intervals
    .filter(({ start, end }) => end > start)
    .flatMap(({ start, end }) => [{ at: start, by: 1 }, { at: end, by: -1 }])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let active = 0;
  let maxActive = 0;
  let overLimit = 0;
  for (const { by } of steps) {
    active += by;
    maxActive = Math.max(maxActive, active);
    if (by > 0 && active > limit) overLimit += 1;
  }
  return { maxActive, overLimit };
}

/** Nearest rank; null when there is nothing to rank. */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/**
 * The share of the places that were in use, at least, while jobs waited for one: from the first start to that of the last job which
 * did not wait for its user's limit, too. A stage works for as long as its scenes take, at a pace of so many milliseconds
 * each, up to its recorded end. So a job that has a place and does nothing does not count, whatever start, lease or slot is
 * on record; and neither does what drawing and storing take on top.
 */
export function used(cast, { places, paceMs }) {
  const jobs = cast.flatMap(({ submissions }) => submissions).filter(({ job }) => job).map(({ body, job }) => ({
    isParked: job.timesParked > 0,
    stages: job.stages.map(({ finishedAt }) => Date.parse(finishedAt)).filter(Number.isFinite)
      .map((end) => ({ start: end - body.script.scenes.length * paceMs, end })),
  })).filter(({ stages }) => stages.length > 0);
  const starts = (of) => of.map(({ stages: [first] }) => first.start);
  const [from, to] = [Math.min(...starts(jobs)), Math.max(...starts(jobs.filter(({ isParked }) => !isParked)))];
  const worked = total(jobs.flatMap(({ stages }) => stages), ({ start, end }) => Math.max(0, Math.min(end, to) - Math.max(start, from)));
  return to > from ? worked / ((to - from) * places) : null;
}

/** Everything the table, the JSON line and the exit code need. */
export function judge(cast) {
  const users = cast.map(judgeUser);
  const tiers = [...new Set(users.map(({ tier }) => tier))].sort();
  return {
    jobs: total(users, (user) => user.jobs),
    lost: total(users, (user) => user.lost.length),
    overLimit: total(users, (user) => user.overLimit),
    rows: tiers.map((tier) => tierRow(tier, users.filter((user) => user.tier === tier))),
    problems: [
      ...lostProblems(users),
      ...refusalProblems(cast),
      ...users.flatMap(userProblems),
    ],
  };
}

function judgeUser(user) {
  const accepted = user.submissions.filter(({ jobId }) => jobId);
  const jobs = accepted.map(({ job }) => job).filter(Boolean);
  const leases = jobs
    .filter(({ finishedAt, status }) => finishedAt || status === 'succeeded')
    .map(({ grantedAt, finishedAt }) => ({ start: Date.parse(grantedAt), end: Date.parse(finishedAt) }));
  const unreadable = leases.filter(({ start, end }) => !(end >= start)).length;
  const ledger = overlap(leases, user.limit);
  return {
    name: user.name,
    tier: user.tier,
    limit: user.limit,
    jobs: accepted.length,
    lost: accepted.filter(({ job }) => job?.status !== 'succeeded'),
    pollFault: accepted.every(hasEnded) ? null : user.pollFault,
    sampled: user.seen.maxActive,
    ledger: ledger.maxActive,
    unreadable,
    overLimit: user.seen.overLimit + ledger.overLimit,
    parked: total(jobs, (job) => job.timesParked),
    waits: jobs.map(({ waitMs }) => waitMs).filter(Number.isFinite),
    foreignTiers: [...new Set(accepted.map((each) => each.acceptedTier))].filter((tier) => tier !== user.tier),
  };
}

function tierRow(tier, users) {
  const waits = users.flatMap((user) => user.waits);
  const jobs = total(users, (user) => user.jobs);
  return {
    tier,
    users: users.length,
    jobs,
    succeeded: jobs - total(users, (user) => user.lost.length),
    limit: users[0].limit,
    maxActive: Math.max(...users.map((user) => Math.max(user.sampled, user.ledger))),
    parked: total(users, (user) => user.parked),
    waitMs: { p50: percentile(waits, 50), p95: percentile(waits, 95) },
  };
}

function lostProblems(users) {
  const lost = users.flatMap((user) => user.lost.map((submission) => ({ user, ...submission })));
  if (lost.length === 0) return [];
  const fates = lost.slice(0, 5).map(({ user, jobId, job }) => {
    const error = job?.error ? ` (${job.error.detail ?? JSON.stringify(job.error)})` : '';
    return `${jobId} of ${user.name}, ${user.tier}: ${job?.status ?? 'never listed'}${error}`;
  });
  const more = lost.length > fates.length ? [`and ${lost.length - fates.length} more`] : [];
  return [`${lost.length} of ${total(users, (user) => user.jobs)} accepted jobs did not succeed: ${[...fates, ...more].join('; ')}.`];
}

function refusalProblems(cast) {
  const all = cast.flatMap(({ submissions }) => submissions);
  const refused = all.filter(({ jobId }) => !jobId);
  if (refused.length === 0) return [];
  const reasons = new Set(refused.map(({ refusal }) => refusal));
  return [`${refused.length} of ${all.length} submissions were not accepted: ${[...reasons].join('; ')}.`];
}

function userProblems({ name, tier, limit, sampled, ledger, overLimit, unreadable, foreignTiers, pollFault }) {
  const who = `${name} (${tier}, limit ${limit})`;
  return [
    overLimit > 0 && `${who} went over the limit: ${sampled} active when sampled, ${ledger} by the ledger.`,
    unreadable > 0 && `${who} has ${unreadable} finished jobs without a readable grantedAt and finishedAt: the limit cannot be checked.`,
    foreignTiers.length > 0 && `${who} was served as ${foreignTiers.join(', ')}.`,
    pollFault && `${who} could not be followed to the end: ${pollFault}.`,
  ].filter(Boolean);
}

const total = (items, of) => items.reduce((sum, item) => sum + of(item), 0);
