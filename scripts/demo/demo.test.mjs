// node --test scripts/demo/demo.test.mjs

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildCast } from './cast.mjs';
import { faultsOf, loadExamples } from './examples.mjs';
import { judge, overlap, percentile, used } from './judge.mjs';

const examples = loadExamples(join(import.meta.dirname, '..', '..', 'examples'));
const TIERS = [2, 5, 10, 20].map((maxConcurrentJobs, index) => ({ tier: `tier${index + 1}`, maxConcurrentJobs }));
const time = (ms) => new Date(1_800_000_000_000 + ms).toISOString();

test('the committed examples are valid and differ in style, size and completeness', () => {
  const distinct = (of) => new Set(examples.map(({ body }) => of(body))).size;
  const scenes = examples.flatMap(({ body }) => body.script.scenes);
  assert.ok(examples.length >= 5);
  assert.equal(distinct(({ script }) => script.title), examples.length);
  assert.ok(distinct(({ videoConfig }) => videoConfig.style) >= 5);
  assert.equal(distinct(({ videoConfig }) => `${videoConfig.width}x${videoConfig.height}`), 4);
  for (const field of ['imagePrompt', 'durationSeconds']) {
    assert.ok(scenes.some((scene) => scene[field] !== undefined));
    assert.ok(scenes.some((scene) => scene[field] === undefined));
  }
});

test('every narration is one to a few sentences', () => {
  for (const { name, body } of examples) {
    for (const { narration } of body.script.scenes) assert.ok(narration.length <= 320, `${name}: ${narration}`);
  }
});

test('each error of an example is reported', () => {
  const good = examples[0].body;
  const bad = (change) => faultsOf({ ...structuredClone(good), ...change });
  assert.deepEqual(faultsOf(good), []);
  assert.deepEqual(faultsOf(undefined), ['is not a JSON object']);
  assert.deepEqual(bad({ userId: 'a/b', usertier: 'tier1' }), ['/usertier is not a known field', '/userId is not a valid id']);
  assert.equal(bad({ script: { ...good.script, title: 'x'.repeat(201) } }).length, 1);
  assert.equal(bad({ script: { title: 'x', scenes: Array(4).fill({ narration: 'x'.repeat(5001) }) } }).length, 4);
  assert.equal(bad({ videoConfig: { width: 1280, height: 1280, style: 'oil' } }).length, 2);
});

test('overlap counts ends as exclusive', () => {
  const at = (start, end) => ({ start, end });
  assert.deepEqual(overlap([at(0, 10), at(10, 20), at(10, 20)], 2), { maxActive: 2, overLimit: 0 });
  assert.deepEqual(overlap([at(0, 10), at(9, 20), at(9, 20)], 2), { maxActive: 3, overLimit: 1 });
  assert.deepEqual(overlap([at(5, 5), at(0, 10)], 1), { maxActive: 1, overLimit: 0 });
  assert.deepEqual(overlap([], 1), { maxActive: 0, overLimit: 0 });
});

test('percentile takes the nearest rank', () => {
  assert.equal(percentile([], 50), null);
  assert.equal(percentile([7], 95), 7);
  assert.equal(percentile([4, 1, 3, 2], 50), 2);
  assert.equal(percentile(Array.from({ length: 100 }, (_, index) => index + 1), 95), 95);
});

/** A cast whose users ran their jobs one after another, and all went well. */
function finishedCast() {
  const cast = buildCast(examples, TIERS);
  for (const user of cast) {
    user.submissions.forEach((submission, index) => {
      submission.jobId = `job-${index}`;
      submission.acceptedTier = user.tier;
      submission.job = {
        status: 'succeeded', grantedAt: time(index * 100), finishedAt: time(index * 100 + 100), waitMs: index, timesParked: 1,
      };
    });
  }
  return cast;
}

test('a good run has no problems', () => {
  const { jobs, lost, overLimit, problems, rows } = judge(finishedCast());
  assert.deepEqual({ jobs, lost, overLimit, problems }, { jobs: 48, lost: 0, overLimit: 0, problems: [] });
  assert.deepEqual(rows[0], {
    tier: 'tier1', users: 4, jobs: 12, succeeded: 12, limit: 2, maxActive: 1, parked: 12, waitMs: { p50: 1, p95: 2 },
  });
});

test('every tier has the same number of jobs', () => {
  const tiers = Map.groupBy(buildCast(examples, TIERS), ({ tier }) => tier);
  const jobs = [...tiers.values()].map((users) => users.flatMap(({ submissions }) => submissions).length);
  assert.deepEqual(jobs, [12, 12, 12, 12]);
});

/** A cast of one user whose stories of one scene ended their stages at these times, and were parked or not. */
const storiesOf = (jobs, timesParked = 0) => [{
  submissions: jobs.map((ends) => ({
    body: { script: { scenes: [{}] } }, job: { timesParked, stages: ends.map((end) => ({ finishedAt: end === null ? null : time(end) })) },
  })),
}];

test('a place is in use while a stage runs, not while a job only holds it', () => {
  const places = { places: 2, paceMs: 100 };
  // Both places work from 0 to 200, when the last job starts.
  assert.equal(used(storiesOf([[100, 200], [100, 200], [300]]), places), 1);
  // The second job sleeps between its stages, for half of the time of its place.
  assert.equal(used(storiesOf([[100, 200, 300, 400], [100, 400], [500]]), places), 6 / 8);
  // What waits for its user's limit waits for no place.
  assert.equal(used([...storiesOf([[100, 200], [100, 200], [300]]), ...storiesOf([[900]], 1)], places), 1);
  assert.equal(used(storiesOf([[null]]), places), null);
});

test('a job that failed or was never listed is lost', () => {
  const cast = finishedCast();
  cast[0].submissions[0].job = { ...cast[0].submissions[0].job, status: 'failed', error: { detail: 'no ink' } };
  cast[0].submissions[1].job = null;
  const { lost, problems } = judge(cast);
  assert.equal(lost, 2);
  assert.match(problems.join(), /^2 of 48 accepted jobs did not succeed: job-0 .*failed \(no ink\); job-1 .*never listed\.$/);
});

test('the limit is checked by the ledger and by the samples', () => {
  const cast = finishedCast();
  const theo = cast.find(({ name }) => name === 'theo');
  for (const { job } of theo.submissions) Object.assign(job, { grantedAt: time(0), finishedAt: time(50) });
  assert.equal(judge(cast).overLimit, 1);
  Object.assign(theo.seen, { maxActive: 7, overLimit: 3 });
  assert.equal(judge(cast).overLimit, 4);
  assert.equal(judge(cast).rows[0].maxActive, 7);
});

test('a ledger with gaps, a refusal and a wrong tier are problems', () => {
  const cast = finishedCast();
  delete cast[0].submissions[0].job.grantedAt;
  cast[1].submissions[0].acceptedTier = 'tier1';
  Object.assign(cast[2].submissions[0], { jobId: null, job: null, refusal: 'answered 403' });
  const { problems, jobs } = judge(cast);
  assert.equal(jobs, 47);
  assert.match(problems.join('\n'), /not accepted: answered 403\.\n.*the limit cannot be checked\.\n.*served as tier1\./s);
});
