// node --test scripts/chaos/chaos.test.mjs

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { note } from './clients.mjs';
import { namesOf } from './drain.mjs';
import { judge, union } from './judge.mjs';
import { createLedger } from './ledger.mjs';
import { createRandom } from './random.mjs';

const id = (number) => `01a20672-fb72-745b-91e0-${String(number).padStart(12, '0')}`;
const time = (ms) => new Date(ms).toISOString();
const SUFFIX = '(Tier: tier1, Priority: 1)';
const lines = (entries) => {
  const ledger = createLedger();
  for (const [at, text] of entries) ledger.line(`${text} ${SUFFIX}`, at);
  return ledger;
};
const processing = (number, stage = 'image') => `[Queue Consumer] Processing ${stage} for job ${id(number)}`;
const completed = (number, stage = 'image') => `[Queue Consumer] Completed ${stage} for job ${id(number)} in 7 ms`;
const late = (number) => `[Queue Consumer] Late result of image for job ${id(number)} refused`;
const expired = (number) => `[Concurrency Manager] Lease expired for job ${id(number)}`;
const spans = ({ executions }) => executions.map(({ start, end, how }) => [start, end, how]);

/** A run of one tier1 user with `count` jobs, one after another, in which everything happened that must. */
function goodRun(count = 3) {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const ledger = lines(numbers.flatMap((number) => [[number * 100, processing(number)], [number * 100 + 90, completed(number)]]));
  Object.assign(ledger.counts, { expired: 1, doubled: 1, late: 1, out: 1 });
  const user = {
    userId: 'theo', tier: 'tier1', limit: 2, maxSeen: 2, overSamples: 0,
    submissions: numbers.map((number) => ({
      key: `key-${number}`, body: { userTier: 'tier1' }, jobIds: new Set([id(number)]), refusal: null, relapse: null,
      cancelAsked: false, cancelAnswer: null,
    })),
    listing: numbers.map((number) => ({
      jobId: id(number), status: 'succeeded', timesParked: 1, grantedAt: time(number * 100), finishedAt: time(number * 100 + 90),
      stages: [{ name: 'image', status: 'done', attempts: 1, startedAt: time(number * 100), finishedAt: time(number * 100 + 90) }],
    })),
  };
  return { users: [user], ledger, incomplete: new Map(), counts: { struckKills: 1, evictions: 1, aborts: 1, freezes: 1, replayedByUsers: 1, replayedByService: 1 }, rounds: 5 };
}

/** What is found after `change` to a good run. */
function found(change) {
  const run = goodRun();
  change(run.users[0], run);
  const { lost, unexpected, overLimit, problems } = judge(run);
  assert.ok(problems.length > 0);
  return { lost, unexpected, overLimit };
}

test('a good run has no problems', () => {
  const { problems, accepted, finished, lost, unexpected, duplicated, overLimit } = judge(goodRun());
  assert.deepEqual({ problems, accepted, finished, lost, unexpected, duplicated, overLimit },
    { problems: [], accepted: 3, finished: 3, lost: 0, unexpected: 0, duplicated: 0, overLimit: 0 });
});

test('an accepted job without an end, or with an unexpected end, is lost', () => {
  const lost = { lost: 1, unexpected: 0, overLimit: 0 };
  assert.deepEqual(found((user) => user.listing.shift()), lost);
  assert.deepEqual(found((user) => { user.listing[0].status = 'parked'; }), lost);
  assert.deepEqual(found((user) => { user.listing[0].status = 'failed'; }), lost);
  assert.deepEqual(found((user) => { user.listing[0].status = 'cancelled'; }), lost);
  assert.deepEqual(found((user) => Object.assign(user.submissions[0], { cancelAsked: true, cancelAnswer: 'cancelled' })), lost);
  assert.deepEqual(found((user) => { user.submissions[0].relapse = { from: 'succeeded', to: 'running' }; }), lost);
  assert.deepEqual(found((user, { ledger }) => ledger.endings.set(id(0), new Set(['succeeded', 'cancelled']))), lost);
  assert.deepEqual(found((user, { incomplete }) => incomplete.set(id(0), 'does not list player.html')), lost);
});

test('unknown jobs, two jobs of one key and stages of ended jobs are unexpected', () => {
  const unexpected = { lost: 0, unexpected: 1, overLimit: 0 };
  assert.deepEqual(found((user) => user.listing.push({ ...user.listing[0], jobId: id(9), grantedAt: time(900), finishedAt: time(990), stages: [] })), unexpected);
  assert.deepEqual(found((user, { ledger }) => ledger.line(`${processing(9)} ${SUFFIX}`, 900)), unexpected);
  assert.deepEqual(found((user) => user.submissions[0].jobIds.add(id(9))), unexpected);
  assert.deepEqual(found((user, { ledger }) => {
    ledger.line(`[Queue Consumer] Job ${id(2)} succeeded ${SUFFIX}`, 300);
    ledger.line(`${processing(2)} ${SUFFIX}`, 310);
    ledger.line(`${completed(2)} ${SUFFIX}`, 320);
  }), unexpected);
});

test('the limit is checked by the log, by the record and by the samples', () => {
  const over = (overLimit) => ({ lost: 0, unexpected: 0, overLimit });
  assert.deepEqual(found((user, { ledger }) => ledger.executions.forEach((each) => { each.start = 0; })), over(1));
  assert.deepEqual(found((user) => user.listing.forEach((job) => { job.grantedAt = time(0); })), over(1));
  assert.deepEqual(found((user) => { user.overSamples = 2; }), over(2));
  // One job twice at once: one too many for the job, and with the next one too many for nobody else.
  assert.deepEqual(found((user, { ledger }) => ledger.executions.push({ ...ledger.executions[0], start: 50 })), over(1));
});

test('a line that is read late does not prolong an execution beyond the record of the gate', () => {
  const run = goodRun();
  for (const execution of run.ledger.executions) execution.end = 1000;
  assert.equal(judge(run).overLimit, 0);
});

test('an execution whose report took effect has ended, even without a log line', () => {
  const run = goodRun();
  run.users[0].limit = 1;
  Object.assign(run.ledger.executions[0], { end: null, how: null });
  assert.deepEqual(judge(run).problems, []);
  delete run.users[0].listing[0].stages[0].finishedAt;
  assert.equal(judge(run).overLimit, 2);
});

test('running stages and repeated batches are counted', () => {
  const ledger = lines([[10, processing(1)], [11, processing(2)], [12, '[Operator] A batch of 2 delivered twice, at once'], [20, completed(1)]]);
  assert.equal(ledger.running(), 1);
  assert.equal(ledger.counts.doubled, 1);
});

test('a run in which nothing happened proves nothing', () => {
  for (const name of Object.keys(goodRun().counts)) found((user, { counts }) => { counts[name] = 0; });
  found((user) => user.listing.forEach((job) => { job.timesParked = 0; }));
  for (const name of ['expired', 'doubled', 'late']) found((user, { ledger }) => { ledger.counts[name] = 0; });
  found((user) => { user.submissions[0].refusal = 'answered 403'; });
  // A few rounds may miss by chance, but not everything.
  assert.deepEqual(judge({ ...goodRun(), counts: {}, rounds: 4 }).problems, []);
  assert.equal(judge({ ...goodRun(0), rounds: 1 }).problems.length, 1);
});

test('a kill ends running stages, and lines read after it were written before it', () => {
  const ledger = lines([[10, processing(1)], [20, completed(1)], [30, processing(2)], [60, processing(3)]]);
  assert.equal(ledger.killed(50), 2);
  assert.deepEqual(spans(ledger), [[10, 20, 'completed'], [30, 50, 'killed'], [50, 50, 'killed']]);
  ledger.line(`${processing(2)} ${SUFFIX}`, 70);
  assert.equal(ledger.killed(90), 1);
  assert.deepEqual(spans(ledger).at(-1), [70, 90, 'killed']);
});

test('an expired lease ends the execution, and its late result does not end the next one', () => {
  const ledger = lines([[10, processing(1)], [20, expired(1)], [30, processing(1)], [40, late(1)], [50, completed(1)]]);
  assert.deepEqual(spans(ledger), [[10, 20, 'expired'], [30, 50, 'completed']]);
});

test('a reported end is final; an answer to an older request proves nothing', () => {
  const submission = { ended: null, endedAt: null, relapse: null };
  note(submission, 'parked', 1);
  note(submission, 'cancelled', 2);
  note(submission, 'parked', submission.endedAt - 1);
  assert.equal(submission.relapse, null);
  note(submission, 'running', submission.endedAt + 1);
  assert.deepEqual(submission.relapse, { from: 'cancelled', to: 'running' });
});

test('adjacent spans are merged; names and choices are reproducible', () => {
  assert.deepEqual(union([{ start: 5, end: 9 }, { start: 0, end: 5 }, { start: 20, end: 21 }]), [{ start: 0, end: 9 }, { start: 20, end: 21 }]);
  assert.deepEqual(namesOf(1), ['frames/001.svg', 'captions.vtt', 'player.html']);
  const draw = () => Array.from({ length: 5 }, ((random) => () => random.between(1, 1000))(createRandom(7)));
  assert.deepEqual(draw(), draw());
});
