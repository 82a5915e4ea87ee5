// The figures of the benchmark of estimates.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figures, header, isOvertaken, row } from './figures.mjs';

const told = (startsAt, from, until) => ({ startsAt, from, until });

test('a look counts by what came, and a second is a quarter of the shortest wait', () => {
  const looks = [
    { at: 0, started: 10_000, told: told(12_000, 8_000, 14_000), again: told(13_000, 9_000, 14_000), overtaken: false },
    { at: 0, started: 2_000, told: told(1_000, 500, 1_500), again: told(9_000, 8_000, 9_900), overtaken: false },
    { at: 0, started: 5_000, told: told(9_000, 8_000, 9_500), overtaken: true },
    { at: 0, started: 5_000, overtaken: false },
  ];
  assert.deepEqual(figures(looks), {
    looks: 4, none: 0.25, notOvertaken: 2, medianError: 0.2, within: 0.333, late: 0.333, steady: 0.5, width: 0.3,
  });
});

test('only who was submitted after the look and started while the job was in the line has overtaken it', () => {
  const look = { at: 100, granted: 200, started: 300 };
  const by = (submittedAt, started) => isOvertaken(look, [{ submittedAt, started }]);
  assert.ok(by(101, 250));
  assert.ok(!by(99, 250), 'it was there before');
  assert.ok(!by(101, 150), 'the job waited for its own user then');
  assert.ok(!by(101, 300));
});

test('a row has a cell for each column', () => {
  assert.equal(row({ scenario: 'two', ...figures([]) }).split(/ {2,}/).length, header().split(/ {2,}/).length);
});
