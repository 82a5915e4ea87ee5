// npm run bench -- hostile
//
// What one user can do to the others: a user of tier1 does the worst that is known, nine others of every tier do ordinary
// work, and the same nine do the same without the attacker. The real Worker on local workerd, embedded renderer, settings
// as committed but for open access. A wait is from the submission until the client sees the end, by the client's clock.
// All the while a small request is sent again and again, 100 ms after each answer.

import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { percentile } from '../demo/judge.mjs';
import { startParallel } from '../queue/parallel.mjs';

const CONSUMERS = 4;
/** Stories of each ordinary user, one after the other. */
const STORIES = 4;
const PROBE_MS = 100;
const DEADLINE_MS = 180_000;

const scene = (narration) => ({ narration });
const scenes = (count, narration) => Array.from({ length: count }, () => scene(narration));
const story = (all, { width, height } = { width: 1280, height: 720 }) => ({
  seriesId: 's', script: { title: 'A night at sea', scenes: all }, videoConfig: { width, height },
});
const ordinary = story(scenes(6, 'Rain falls on the harbour. A lamp is lit in the lighthouse, and the boats come home.'));

/** The worst that is known, by name; each is submitted so often. */
const HOSTILE = {
  'control characters': [6, story(scenes(34, `a${'\u007f\n'.repeat(2499)}`))],
  'dots': [6, story(scenes(50, '.'.repeat(5000)))],
  'byte order marks': [4, story(scenes(50, '\ufeff\n'.repeat(1000)))],
  'many large scenes': [30, story(scenes(200, 'x'), { width: 4096, height: 4096 })],
  'many small words': [4, story(scenes(50, 'a '.repeat(2400)))],
};

/** Ordinary users, nine, of every tier. */
const OTHERS = ['tier1', 'tier1', 'tier1', 'tier2', 'tier2', 'tier3', 'tier3', 'tier4', 'tier4'].map((tier, index) => ({
  userId: `user${index}`, tier,
}));

const request = (userId, userTier, body) => ({
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ userId, userTier, ...body }),
});

async function endOf(worker, userId, jobId) {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await sleep(100)) {
    const { status } = await (await worker.fetch(`/users/${userId}/jobs/${jobId}`)).json();
    if (['succeeded', 'failed', 'cancelled'].includes(status)) return status;
  }
  return 'late';
}

/** One user's stories, one after the other; how long each took, and its submission, in milliseconds. */
async function work(worker, { userId, tier }) {
  const took = [];
  for (let index = 0; index < STORIES; index += 1) {
    const sentAt = Date.now();
    const response = await worker.fetch('/create-story', request(userId, tier, ordinary));
    const { jobId } = await response.json();
    const answeredMs = Date.now() - sentAt;
    if ((await endOf(worker, userId, jobId)) !== 'succeeded') throw new Error(`a story of ${userId} did not end`);
    took.push({ tier, answeredMs, tookMs: Date.now() - sentAt });
  }
  return took;
}

/** Sends a small request again and again until it is told to stop; resolves with how long each took. */
async function probe(worker, { signal }) {
  const answers = [];
  while (!signal.aborted) {
    const sentAt = Date.now();
    await (await worker.fetch('/tiers')).arrayBuffer();
    answers.push(Date.now() - sentAt);
    await sleep(PROBE_MS);
  }
  return answers;
}

async function attack(worker) {
  const all = Object.values(HOSTILE).flatMap(([times, body]) => Array.from({ length: times }, () => body));
  const answers = await Promise.all(all.map(async (body) => (await worker.fetch('/create-story', request('mallory', 'tier1', body))).status));
  const refused = answers.filter((status) => status !== 202);
  if (refused.length > 0) throw new Error(`hostile stories were refused: ${refused}`);
  return answers.length;
}

async function measure(root, isAttacked) {
  const vars = { AUTH: 'open', LOG_FORMAT: 'json' };
  const worker = await startParallel({ config: join(root, 'wrangler.toml'), queue: 'stories', vars, broker: { consumers: CONSUMERS } });
  try {
    // What a first request costs is not the attacker's doing.
    await work(worker, { userId: 'first', tier: 'tier4' });
    const accepted = isAttacked ? await attack(worker) : 0;
    const ends = new AbortController();
    const probing = probe(worker, ends);
    const done = (await Promise.all(OTHERS.map((user) => work(worker, user)))).flat();
    ends.abort();
    const answers = await probing;
    const byTier = Object.groupBy(done, ({ tier }) => tier);
    const p95 = (all) => percentile(all.map(({ tookMs }) => tookMs), 95);
    return {
      isAttacked, accepted,
      tookP95Ms: Object.fromEntries(Object.entries(byTier).sort().map(([tier, all]) => [tier, p95(all)])),
      submitP95Ms: percentile(done.map(({ answeredMs }) => answeredMs), 95),
      probeP50Ms: percentile(answers, 50), probeP99Ms: percentile(answers, 99), probeMostMs: Math.max(...answers), probes: answers.length,
    };
  } finally {
    await worker.close();
  }
}

const COLUMNS = ['tier1', 'tier2', 'tier3', 'tier4'];

/** Measures without the attacker and with it; `say` gets the table. */
export async function hostile({ root, say }) {
  const runs = [];
  say(['', ...COLUMNS.map((tier) => `${tier} ms`), 'submit ms', 'probe p50', 'probe p99', 'most'].map((cell) => cell.padStart(10)).join(''));
  for (const isAttacked of [false, true]) {
    const run = await measure(root, isAttacked);
    runs.push(run);
    const cells = [isAttacked ? 'attacked' : 'alone', ...COLUMNS.map((tier) => run.tookP95Ms[tier]), run.submitP95Ms, run.probeP50Ms, run.probeP99Ms, run.probeMostMs];
    say(cells.map((cell) => `${cell}`.padStart(10)).join(''));
  }
  return { hostile: { runs } };
}
