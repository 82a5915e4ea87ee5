// npm run bench -- hostile
//
// What one user can do to the others: a user of tier1 does the worst that is known, nine others of every tier do ordinary
// work, and the same nine do the same without the attacker. The real Worker on local workerd, embedded renderer, settings
// as committed but for open access. A wait is from the submission until the client sees the end, by the client's clock.
// All the while a small request is sent again and again. Both are measured in turn, some rounds, each with a new Worker.

import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { percentile } from '../demo/judge.mjs';
import { startParallel } from '../queue/parallel.mjs';
import { chart, logarithmic } from './chart.mjs';
import { attack } from './hostile/attack.mjs';
import { ordinary, request } from './hostile/stories.mjs';

const CONSUMERS = 4;
const ROUNDS = 3;
/** Stories of each ordinary user, one after the other. */
const STORIES = 16;
const PROBE_MS = 50;
const DEADLINE_MS = 180_000;

/** Ordinary users, nine, of every tier. */
const OTHERS = ['tier1', 'tier1', 'tier1', 'tier2', 'tier2', 'tier3', 'tier3', 'tier4', 'tier4'].map((tier, index) => ({
  userId: `user${index}`, tier,
}));

async function endOf(worker, userId, jobId) {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await sleep(50)) {
    const { status } = await (await worker.fetch(`/users/${userId}/jobs/${jobId}`)).json();
    if (['succeeded', 'failed', 'cancelled'].includes(status)) return status;
  }
  return 'late';
}

/** One user's stories, one after the other; how long each took, and its submission, in milliseconds. */
async function work(worker, { userId, tier }, count = STORIES) {
  const took = [];
  for (let index = 0; index < count; index += 1) {
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

/** One round: what the others' stories took, the answers to the small request, and what the attacker got through. */
async function round(root, isAttacked) {
  const vars = { AUTH: 'open', LOG_FORMAT: 'json', STRIPE_WEBHOOK_SECRETS: `whsec_${'0'.repeat(32)}` };
  const worker = await startParallel({ config: join(root, 'wrangler.toml'), queue: 'stories', vars, broker: { consumers: CONSUMERS } });
  try {
    // What a first request costs is not the attacker's doing.
    await work(worker, { userId: 'first', tier: 'tier4' }, 2);
    const ends = new AbortController();
    const attacking = isAttacked ? await attack(worker, ends) : { ended: {} };
    const probing = probe(worker, ends);
    const stories = (await Promise.all(OTHERS.map((user) => work(worker, user)))).flat();
    ends.abort();
    return { stories, answers: await probing, hostile: await attacking.ended };
  } finally {
    await worker.close();
  }
}

function summed(isAttacked, rounds) {
  const stories = rounds.flatMap(({ stories }) => stories);
  const answers = rounds.flatMap(({ answers }) => answers);
  const p95 = (all, of) => percentile(all.map(of), 95);
  const byTier = Object.entries(Object.groupBy(stories, ({ tier }) => tier)).sort();
  return {
    isAttacked,
    hostile: rounds.map(({ hostile }) => hostile),
    tookP95Ms: Object.fromEntries(byTier.map(([tier, all]) => [tier, p95(all, ({ tookMs }) => tookMs)])),
    submitP95Ms: p95(stories, ({ answeredMs }) => answeredMs),
    probeP50Ms: percentile(answers, 50), probeP99Ms: percentile(answers, 99), probeMostMs: Math.max(...answers), probes: answers.length,
  };
}

const COLUMNS = ['tier1', 'tier2', 'tier3', 'tier4'];
const KINDS = [['#999999', 'alone'], ['#d95f02', 'beside the attacker']];

function picture(runs) {
  const axis = logarithmic([10, 100, 1000, 10_000]);
  const panel = (title, names, below, values) => ({ title, axis, names, below, unit: ' ms', bars: runs.map(values) });
  return chart(KINDS, [['what nine others wait for', [
    panel('a story, p95', COLUMNS.map((tier) => tier.slice(4)), 'tier', ({ tookP95Ms }) => COLUMNS.map((tier) => tookP95Ms[tier])),
    panel('an answer', ['submit', 'p50', 'p99'], 'p95 of a submission; a small request', (run) => [run.submitP95Ms, run.probeP50Ms, run.probeP99Ms]),
  ]]]);
}

/** Measures without the attacker and with it; `say` gets the table. */
export async function hostile({ root, say }) {
  const rounds = { false: [], true: [] };
  for (let index = 0; index < ROUNDS; index += 1) {
    for (const isAttacked of [false, true]) rounds[isAttacked].push(await round(root, isAttacked));
  }
  const runs = [false, true].map((isAttacked) => summed(isAttacked, rounds[isAttacked]));
  say(['', ...COLUMNS.map((tier) => `${tier} ms`), 'submit ms', 'probe p50', 'probe p99', 'most'].map((cell) => cell.padStart(10)).join(''));
  for (const run of runs) {
    const cells = [run.isAttacked ? 'attacked' : 'alone', ...COLUMNS.map((tier) => run.tookP95Ms[tier]), run.submitP95Ms, run.probeP50Ms, run.probeP99Ms, run.probeMostMs];
    say(cells.map((cell) => `${cell}`.padStart(10)).join(''));
  }
  for (const each of runs[1].hostile) say(`the attacker: ${JSON.stringify(each)}`);
  writeFileSync(join(root, 'bench', 'results', 'hostile.svg'), picture(runs));
  return { hostile: { runs } };
}
