// npm run bench:peers [-- system ...] [--json]
//
// The same work for this Worker and for the queues that come nearest to it: 40 users, ten of each tier, 50 jobs each,
// all queued before the first starts. Installs what it needs: npm packages into .tools/peers, and, where they are
// missing, PostgreSQL and Redis from Debian (needs root). Prints a table and writes bench/results/peers.json.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../tools.mjs';
import { variant } from './config.mjs';
import { submit } from './load.mjs';
import { from } from './machine.mjs';
import { judge } from './peers/judge.mjs';
import { ensureServers, postgres, redis } from './peers/servers.mjs';
import { HANDLERS, JOBS_PER_USER, LIMITS, PRIORITIES, PROCESSES, QUEUE, USERS_PER_TIER, WORK_MS, workload } from './peers/workload.mjs';
import { start } from './worker.mjs';

const PACKAGES = ['pg-boss@12.27.0', 'bullmq@6.7.0', 'ioredis@5', 'pg@8'];
const packages = join(root, '.tools', 'peers');
const DEADLINE_MS = 150_000;

function ensurePackages() {
  if (PACKAGES.every((name) => existsSync(join(packages, 'node_modules', name.split('@')[0], 'package.json')))) return;
  console.log('Installing pg-boss and BullMQ into .tools/peers ...');
  mkdirSync(packages, { recursive: true });
  writeFileSync(join(packages, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...PACKAGES], { cwd: packages, stdio: 'inherit' });
}
const load = (name) => createRequire(join(packages, 'package.json'))(name);

/** Starts the processes of a peer, has them begin together when all is queued, and collects what they say. */
async function run(system, port) {
  const events = [];
  const crews = Array.from({ length: PROCESSES }, () => {
    const crew = spawn(process.execPath, [join(root, 'scripts/bench/peers/crew.mjs'), system, String(port), String(HANDLERS)], {
      cwd: packages, stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: crew.stdout }).on('line', (line) => events.push(JSON.parse(line)));
    return crew;
  });
  const count = (name) => events.filter(({ event }) => event === name).length;
  const until = async (name, wanted) => {
    for (const deadline = Date.now() + DEADLINE_MS; count(name) < wanted && Date.now() < deadline;) await sleep(20);
  };
  try {
    await until('ready', PROCESSES);
    const begun = performance.timeOrigin + performance.now();
    for (const crew of crews) crew.stdin.write('begin\n');
    await until('end', workload().length);
    // For what is run twice.
    await sleep(500);
    return { events, from: begun, dequeues: count('dequeue') };
  } finally {
    await Promise.all(crews.map(async (crew) => {
      const ended = once(crew, 'exit');
      crew.stdin.end();
      await ended;
    }));
  }
}

async function pgBoss(variantOf) {
  const server = await postgres();
  try {
    const { PgBoss } = load('pg-boss');
    const boss = new PgBoss({ connectionString: `postgres://postgres@127.0.0.1:${server.port}/postgres`, supervise: false, schedule: false });
    await boss.start();
    await boss.createQueue(QUEUE);
    await boss.insert(QUEUE, workload().map((job) => ({
      data: job, priority: PRIORITIES[job.tier], group: { id: job.userId, tier: job.tier },
    })));
    await boss.stop({ graceful: false });
    return await run(`pg-boss-${variantOf}`, server.port);
  } finally {
    await server.stop();
  }
}

async function bullMq() {
  const server = await redis();
  try {
    const { Queue } = load('bullmq');
    const queue = new Queue(QUEUE, { connection: { host: '127.0.0.1', port: server.port } });
    // Its smallest number goes first.
    await queue.addBulk(workload().map((job) => ({ name: 'job', data: job, opts: { priority: 10 - PRIORITIES[job.tier] } })));
    await queue.close();
    return await run('bullmq', server.port);
  } finally {
    await server.stop();
  }
}

/**
 * This Worker on workerd. So that all is queued first, it is given the jobs while it has no consumer, is stopped, and
 * starts again with one, on the same storage; the pool then calls for a delivery, as after a loss.
 */
async function ours() {
  const folder = mkdtempSync(join(tmpdir(), 'story-queue-peers-'));
  const text = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  const vars = { LOG_FORMAT: 'json', LOG_COSTS: 'on', GENERATOR: 'wait', WAIT_MS: WORK_MS, POOL_CAPACITY: PROCESSES * HANDLERS };
  const started = (name, how) => {
    const config = join(folder, `${name}.toml`);
    writeFileSync(config, variant(text, { root, oneStage: true, ...how, vars: { ...vars, ...how.vars } }));
    return start({ root, config, vars: {}, state: join(folder, 'state') });
  };
  try {
    const first = await started('without', { consumers: false, vars: { TICKET_RESEND_SECONDS: 1 } });
    const users = Object.keys(LIMITS).flatMap((tier) =>
      Array.from({ length: USERS_PER_TIER }, (_, index) => ({ userId: `${tier}-${index}`, tier, jobs: JOBS_PER_USER })));
    const accepted = await submit(first.url, users).finally(first.stop);
    if (accepted !== workload().length) throw new Error(`${accepted} of ${workload().length} jobs were accepted`);
    const second = await started('with', {});
    try {
      const ended = () => new Set(second.events.filter(({ event }) => event === 'succeeded').map(({ jobId }) => jobId)).size;
      for (const deadline = Date.now() + DEADLINE_MS; ended() < accepted && Date.now() < deadline;) await sleep(50);
      await sleep(500);
      const deliveries = second.events.filter(({ event }) => event === 'delivery');
      const events = second.events.filter(({ event }) => event === 'started' || event === 'succeeded')
        .map((facts) => ({ ...facts, event: facts.event === 'started' ? 'start' : 'end' }));
      return { events, from: deliveries[0].at, dequeues: deliveries.reduce((total, { messages }) => total + messages, 0) };
    } finally {
      await second.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const DISK = { postgres: 'PostgreSQL on disk', redis: 'Redis, appended to a file' };
const SYSTEMS = {
  'pg-boss-single': { name: 'pg-boss, 32 workers', medium: `${DISK.postgres}; 2 processes × 32 handlers`, run: () => pgBoss('single') },
  'pg-boss-batch': { name: 'pg-boss, 8 workers × batches of 4', medium: `${DISK.postgres}; 2 processes × 32 handlers`, run: () => pgBoss('batch') },
  bullmq: { name: 'BullMQ, counter and moveToDelayed', medium: `${DISK.redis}; 2 processes × 32 handlers`, run: bullMq },
  ours: { name: 'this Worker', medium: 'workerd local, SQLite on disk, queue in memory; 64 slots, one delivery of up to 100 after another', run: ours },
};

const named = process.argv.slice(2).filter((argument) => argument !== '--json');
const unknown = named.filter((name) => !(name in SYSTEMS));
if (unknown.length > 0) {
  console.error(`no system ${unknown.join(', ')}; there are ${Object.keys(SYSTEMS).join(', ')}`);
  process.exit(2);
}
ensurePackages();
ensureServers();
const results = [];
for (const [id, { name, medium, run: runIt }] of Object.entries(SYSTEMS).filter(([id]) => named.length === 0 || named.includes(id))) {
  const result = { system: id, name, medium, ...judge({ ...(await runIt()), jobs: workload().length, limits: LIMITS }) };
  results.push(result);
  const { tiers } = result;
  const ofTiers = (field) => Object.values(tiers).map((tier) => tier[field]).join('/');
  console.log([name.padEnd(34), `${result.jobsPerS} jobs/s`, `most running ${ofTiers('mostRunning')}`, `above the limit ${result.aboveLimit}`,
    `first start tier1 ${tiers.tier1.firstStartS} s, tier4 ${tiers.tier4.firstStartS} s`,
    `wait p50/p95 tier1 ${tiers.tier1.p50S}/${tiers.tier1.p95S} s, tier4 ${tiers.tier4.p50S}/${tiers.tier4.p95S} s`,
    `${result.dequeuesPerJob} dequeues a job`, `not ended within ${DEADLINE_MS / 1000} s ${result.notEnded}, run twice ${result.twice}`, `[${medium}]`].join('  '));
}
mkdirSync(join(root, 'bench', 'results'), { recursive: true });
const written = { ...from('npm run bench:peers'), peers: results };
if (named.length === 0) writeFileSync(join(root, 'bench/results/peers.json'), `${JSON.stringify(written, null, 1)}\n`);
if (process.argv.includes('--json')) console.log(JSON.stringify({ peers: results }));
