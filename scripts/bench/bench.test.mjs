// What the benchmarks compute.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { root } from '../tools.mjs';
import { variant } from './config.mjs';
import { costs } from './measure.mjs';
import { copyRows } from './objects.mjs';
import { judge } from './peers/judge.mjs';
import { workload } from './peers/workload.mjs';
import { sections, startup } from './startup.mjs';
import { judge as judgeReplay } from './replay.mjs';

const wrangler = readFileSync(join(root, 'wrangler.toml'), 'utf8');

test('a live job\'s wait beside a replay is compared with that of its tier alone', () => {
  const jobs = (tier, waits) => waits.map((waitMs) => ({ tier, waitMs }));
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  const [tier4, tier3] = judgeReplay([...jobs('tier4', hundred), ...jobs('tier3', [10])], [...jobs('tier4', hundred.map((wait) => 2 * wait)), ...jobs('tier3', [10])]);
  assert.deepEqual([tier4.jobs, tier4.p50AloneMs, tier4.p95AloneMs, tier4.p95BesideMs, tier4.ratio], [100, 50, 95, 190, 2]);
  assert.equal(tier3.ratio, 1);
});

test('a copy of wrangler.toml runs the build from any folder and builds nothing', () => {
  const text = variant(wrangler, { root: '/somewhere' });
  assert.match(text, /^main = "\/somewhere\/build\/index\.js"$/m);
  assert.doesNotMatch(text, /\[build\]/);
  assert.equal(text.match(/^\[\[queues\.consumers\]\]/gm).length, 2);
});

test('a copy has the requested settings, and does not change the dead-letter queue', () => {
  const text = variant(wrangler, { root: '/r', vars: { WAIT_MS: 7 }, maxBatchTimeout: 0, maxParkedJobs: 7 });
  assert.match(text, /^WAIT_MS = "7"$/m);
  assert.deepEqual(text.match(/^max_batch_timeout = \d+$/gm), ['max_batch_timeout = 0', 'max_batch_timeout = 5']);
  assert.deepEqual(new Set(text.match(/maxParkedJobs = \d+/g)), new Set(['maxParkedJobs = 7']));
  assert.doesNotMatch(variant(wrangler, { root: '/r', consumers: false }), /^\[\[queues\.consumers\]\]/m);
});

test('a copy may have stories of one stage, and keeps the other kinds', () => {
  const text = variant(wrangler, { root: '/r', oneStage: true });
  assert.match(text, /^story = \{ stages = \["image"\] \}$/m);
  assert.match(text, /^episode = \{ stages = \["process", "audio"\]/m);
});

test('a setting that wrangler.toml does not have is an error', () => {
  assert.throws(() => variant(wrangler, { root: '/r', vars: { WAIT_MILLIS: 7 } }), /WAIT_MILLIS/);
});

test('the parts of a Wasm module add up, and a custom one has its own name', () => {
  const custom = [0, 6, 4, ...Buffer.from('name'), 9];
  const module = Buffer.from([...Buffer.from('\0asm'), 1, 0, 0, 0, 10, 3, 1, 2, 3, ...custom]);
  const found = sections(module).map(({ name, bytes }) => [name, bytes.length]);
  assert.deepEqual(found, [['code', 3], ['name', 6]]);
  assert.throws(() => sections(Buffer.from('no module')), /not a Wasm module/);
});

test('the start-up time is the active time of wrangler', () => {
  assert.equal(startup('│   Sampled time: 24.5 ms\n│   Active: 17.6 ms (including 0.0 ms garbage collection)'), 17.6);
  assert.throws(() => startup('nothing'), /no profile/);
});

const limits = { tier1: 1, tier2: 2 };
const run = (jobId, userId, tier, from, to) =>
  [{ event: 'start', jobId, userId, tier, at: from }, ...(to === undefined ? [] : [{ event: 'end', jobId, at: to }])];

test('a start above a user\'s limit is counted, and another user\'s is not', () => {
  const events = [...run('a', 'u', 'tier1', 0, 20), ...run('b', 'u', 'tier1', 10, 30), ...run('c', 'v', 'tier1', 5, 25)];
  const result = judge({ events, jobs: 3, limits, from: 0, dequeues: 6 });
  assert.equal(result.aboveLimit, 1);
  assert.deepEqual([result.tiers.tier1.mostRunning, result.tiers.tier2.mostRunning], [2, 0]);
  assert.deepEqual([result.dequeuesPerJob, result.notEnded, result.twice, result.jobsPerS], [2, 0, 0, 100]);
  assert.deepEqual([result.tiers.tier1.firstStartS, result.tiers.tier2.firstStartS], [0, null]);
});

test('a job that did not end is reported, and one that started again ran twice', () => {
  const events = [...run('a', 'u', 'tier2', 0), ...run('b', 'u', 'tier2', 0, 10), ...run('b', 'u', 'tier2', 20, 30)];
  const result = judge({ events, jobs: 3, limits, from: 0, dequeues: 3 });
  assert.deepEqual([result.notEnded, result.twice], [2, 1]);
});

test('every system gets 2,000 jobs of 40 users, in turn', () => {
  const jobs = workload();
  assert.equal(jobs.length, 2_000);
  assert.equal(new Set(jobs.slice(0, 40).map(({ userId }) => userId)).size, 40);
  assert.equal(new Set(jobs.map(({ jobId }) => jobId)).size, 2_000);
});

test('the cost of a million jobs is that of their operations, calls and rows', () => {
  const events = [
    { event: 'delivery', queue: 'stories', messages: 2 }, { event: 'delivery', queue: 'stories-dlq', messages: 9 },
    ...Array.from({ length: 6 }, () => ({ event: 'turn', rowsRead: 1, rowsWritten: 1, alarmsSet: 0 })),
  ];
  const found = costs({ events, jobs: 2, cpuMs: 10, deliveredAgain: 0 });
  assert.deepEqual([found.queueOperations, found.objectRequests, found.rowsWritten, found.workerRequests], [3, 3, 3, 1.5]);
  // 3 × 0.40 + 3 × 0.15 + 3 × 1 + 3 × 0.001 + 1.5 × 0.30 + 5 × 0.02
  assert.equal(found.dollarsPerMillion, 5.203);
});

test('copies of a parked row wait behind all others, each under its own id', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE jobs (phase INTEGER, job_id TEXT, rank INTEGER, record TEXT, payload TEXT, PRIMARY KEY (phase, job_id)) WITHOUT ROWID');
  const insert = database.prepare('INSERT INTO jobs VALUES (?, ?, ?, ?, ?)');
  insert.run(0, 'a', 1, '{"jobId":"a","rank":1}', 'p');
  insert.run(2, 'b', 7, '{"jobId":"b","rank":7}', 'p');
  copyRows(database, ['$.jobId', '$.rank'], 3);
  const rows = database.prepare('SELECT * FROM jobs WHERE phase = 2 ORDER BY rank, job_id').all();
  assert.deepEqual(rows.map(({ rank }) => rank), [7, 8, 8, 8]);
  assert.equal(rows[1].job_id, 'ffffffff-0000-7000-8000-000000000001');
  assert.deepEqual(JSON.parse(rows[3].record), { jobId: 'ffffffff-0000-7000-8000-000000000003', rank: 8 });
});
