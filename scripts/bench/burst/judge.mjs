// What a burst came to, from the ends of its jobs and the known length of their one stage: never from what a Worker
// itself calls started, or its book of slots. A slot works only while a stage runs. Pure.

import { overlap, percentile } from '../../demo/judge.mjs';
import { TIERS } from './scenarios.mjs';

const round = (number) => Math.round(number * 1000) / 1000;

/**
 * Of jobs `{ userId, tier, submittedAt, end, isLate? }` that took `waitMs` each: what share of the `slots` worked from the
 * first start to the one with which 95 % had started, and what share of those that were asked for: a burst that is
 * submitted slowly leaves slots idle in the best of worlds. The most at once, starts above their user's limit, seconds in
 * all, and waits.
 */
export function judge(jobs, { slots, waitMs }) {
  if (jobs.length === 0) return { used: null, usedOfAsked: null, mostAtOnce: 0, aboveLimit: 0, seconds: null, waitP95S: {}, lateS: null };
  const spans = jobs.map((job) => ({ ...job, start: job.end - waitMs }));
  const many = spans.filter(({ isLate }) => !isLate);
  const from = Math.min(...many.map(({ start }) => start));
  const to = percentile(many.map(({ start }) => start), 95);
  const busy = spans.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0);
  const asked = askedFor(jobs, slots, from, to);
  const seconds = ({ start, submittedAt }) => (start - submittedAt) / 1000;
  const tiers = Map.groupBy(many, ({ tier }) => tier);
  const users = [...Map.groupBy(spans, ({ userId }) => userId).values()];
  const late = spans.find(({ isLate }) => isLate);
  return {
    used: to > from ? round(busy / ((to - from) * slots)) : null,
    usedOfAsked: asked > 0 ? round(busy / asked) : null,
    mostAtOnce: overlap(spans, slots).maxActive,
    aboveLimit: users.reduce((sum, own) => sum + overlap(own, TIERS[own[0].tier].limit).overLimit, 0),
    seconds: round((Math.max(...spans.map(({ end }) => end)) - from) / 1000),
    waitP95S: Object.fromEntries([...tiers].sort().map(([tier, own]) => [tier, round(percentile(own.map(seconds), 95))])),
    lateS: late ? round(seconds(late)) : null,
  };
}

/** The time of slots for which there were jobs that had not ended, as far as their users' limits allow. */
function askedFor(jobs, slots, from, to) {
  const steps = jobs.flatMap(({ userId, tier, submittedAt, end }) =>
    [{ at: submittedAt, userId, tier, by: 1 }, { at: end, userId, tier, by: -1 }]).sort((a, b) => a.at - b.at);
  const open = new Map();
  let [asked, wanted, since] = [0, 0, from];
  for (const { at, userId, tier, by } of [...steps, { at: to, by: 0 }]) {
    const now = Math.min(to, Math.max(from, at));
    asked += (now - since) * Math.min(slots, wanted);
    since = now;
    if (by === 0) continue;
    const { limit } = TIERS[tier];
    const before = open.get(userId) ?? 0;
    open.set(userId, before + by);
    wanted += Math.min(limit, before + by) - Math.min(limit, before);
  }
  return asked;
}
