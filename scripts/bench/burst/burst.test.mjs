// What the benchmark of bursts computes: the ideal, what counts as used, and what is told of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ideal } from './ideal.mjs';
import { judge } from './judge.mjs';
import { picture } from './picture.mjs';
import { SCENARIOS, jobsOf } from './scenarios.mjs';
import { header, row, targets } from './table.mjs';

const MINUTE = 60_000;
const job = (userId, tier, submittedAt, end) => ({ userId, tier, submittedAt, end });
const starts = (jobs, scenario) => ideal(jobs, scenario).map(({ end }) => end - scenario.waitMs);

test('in the ideal, no slot is free while a job waits whose user is below the limit', () => {
  const jobs = ['a', 'a', 'a', 'b'].map((userId) => job(userId, 'tier1', 0));
  assert.deepEqual(starts(jobs, { slots: 4, waitMs: 10 }), [0, 0, 10, 0], 'the third of a user of tier1 waits');
  assert.deepEqual(starts(jobs, { slots: 1, waitMs: 10 }), [0, 10, 20, 30]);
  assert.deepEqual(starts([job('a', 'tier1', 0), job('b', 'tier1', 25)], { slots: 1, waitMs: 10 }), [0, 25]);
});

test('in the ideal, the best rank goes first: a step of priority is a head start of half an hour', () => {
  const jobs = [job('x', 'tier1', 0), job('a', 'tier1', 0), job('b', 'tier2', 29 * MINUTE), job('c', 'tier2', 31 * MINUTE)];
  assert.deepEqual(starts(jobs, { slots: 1, waitMs: 40 * MINUTE }), [0, 80, 40, 120].map((minutes) => minutes * MINUTE));
});

test('used is the share of busy slots from the first start until nearly all jobs had started', () => {
  // Two slots; one works all the time, the other half of it.
  const jobs = [
    ...Array.from({ length: 20 }, (_, index) => job('a', 'tier4', 0, 10 + 10 * index)),
    ...Array.from({ length: 10 }, (_, index) => job('b', 'tier4', 0, 10 + 20 * index)),
  ];
  const { used, mostAtOnce, waitP95S } = judge(jobs, { slots: 2, waitMs: 10 });
  assert.equal(used, 0.75);
  assert.equal(mostAtOnce, 2);
  assert.deepEqual(waitP95S, { tier4: 0.18 });
});

test('a slot without a job counts against all slots, not against the needed ones', () => {
  // Three slots, and two jobs at a time, of which the second and all later ones wait for no reason.
  const jobs = [job('a', 'tier1', 0, 10), job('a', 'tier1', 0, 20), job('b', 'tier1', 30, 50), job('b', 'tier1', 30, 60)];
  const { used, usedOfAsked } = judge(jobs, { slots: 3, waitMs: 10 });
  // From 0 to 50: 30 of 150; asked for were two until 10, one until 20, and two from 30 on.
  assert.deepEqual({ used, usedOfAsked }, { used: 0.2, usedOfAsked: 0.429 });
});

test('jobs above a user\'s limit are counted, and the late job is measured alone', () => {
  const late = { ...job('late', 'tier4', 5_000, 7_010), isLate: true };
  const jobs = [job('a', 'tier1', 0, 10), job('a', 'tier1', 0, 10), job('a', 'tier1', 0, 15), late];
  const { aboveLimit, lateS, waitP95S } = judge(jobs, { slots: 5, waitMs: 10 });
  assert.deepEqual({ aboveLimit, lateS, waitP95S }, { aboveLimit: 1, lateS: 2, waitP95S: { tier1: 0.005 } });
});

test('the ideal uses the whole capacity in every scenario, and never more', () => {
  for (const scenario of SCENARIOS) {
    const jobs = jobsOf(scenario).map((each, index) => ({ ...each, submittedAt: index * 5 }));
    const { used, usedOfAsked, mostAtOnce, aboveLimit } = judge(ideal(jobs, scenario), scenario);
    assert.ok(used > 0.92 && used <= 1, `${scenario.name}: ${used}`);
    assert.equal(usedOfAsked, 1);
    assert.deepEqual([mostAtOnce, aboveLimit], [scenario.slots, 0]);
  }
});

const result = (more) => ({
  scenario: 'mixed', consumers: 4, worker: 'ours', slots: 10, used: 0.95, usedOfAsked: 0.95, mostAtOnce: 10, aboveLimit: 0, lateS: null,
  resent: 0, givenTwice: 0, lost: 0, waitP95S: { tier1: 9, tier2: 6, tier3: 3, tier4: 0.4 },
  ideal: { used: 1, waitP95S: { tier1: 9, tier2: 6, tier3: 3, tier4: 0.3 } }, ...more,
});

test('a missed target names its runs, and a target without runs is skipped', () => {
  const missed = (more) =>
    targets([result(more)]).filter(({ missed }) => missed.length > 0).map(({ what }) => what);
  assert.deepEqual(missed({ waitP95S: { tier1: 9, tier2: 6, tier3: 3, tier4: 0.36 } }), []);
  assert.deepEqual(missed({}), ['tier4 waits, p95 s: 1.2 × the ideal, or 0.25']);
  assert.deepEqual(missed({ used: 0.89, usedOfAsked: 0.91, waitP95S: { tier3: 0.1, tier4: 0.2 } }), ['capacity used', 'a better tier waits longer, p95 s']);
  const neverCame = { scenario: 'late', lateS: null, waitP95S: {}, ideal: { waitP95S: {} } };
  assert.deepEqual(missed(neverCame), ['the late job waits, s']);
  assert.deepEqual(targets([result({ consumers: 1, scenario: 'wide' })])[0], { what: 'capacity used', runs: 0, reached: 0, missed: [] });
});

test('a row has a cell for each column', () => {
  assert.equal(row(result({})).split(/ {2,}/).length, header().split(/ {2,}/).length);
});

test('the picture has a bar for each value, and labels bars that the axis cuts off', () => {
  const text = picture([result({}), result({ worker: 'obvious', used: 3.4 })]);
  assert.match(text, /^<svg [^]*<\/svg>\n$/);
  const bars = text.match(/<rect x="[^"]+" y="[^"]+" width="[^"]+" height="[^"]+" fill="#/g);
  assert.equal(bars.length, 3 + 3 + 3 * 4, 'of the legend, of what was used, of the tiers');
  assert.match(text, />3\.4</);
});
