// npm run bench -- objects
//
// One gate and the pool under load on local workerd: a Worker beside this one (bench/driver) calls the object by
// fetch, as the consumer does, with so many rows parked in it. Each round of calls brings a job, ends one and starts
// the next, so the line keeps its length. The tickets that this sends go to a queue without a consumer. A hundred jobs
// come by calls; the rest of the parked rows are copies of one of them, put into the object's storage between two runs.
//
// Latencies are the caller's, in whole milliseconds, which is what Workers' clock shows. Memory is that of this
// Worker's Wasm, where all is that an object holds, to be held against the 128 MB of Cloudflare; and what the process of
// workerd keeps resident: both Workers with V8's garbage, SQLite's caches, the local queue.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { percentile } from '../demo/judge.mjs';
import { variant } from './config.mjs';
import { start } from './worker.mjs';

/** Calls a second that an object must answer, and for how long they are offered. */
const [OFFERED, SECONDS] = [200, 20];
/** For how long as many calls are made as are answered; and how many rounds the driver makes side by side. */
const [BUSY_SECONDS, CHAINS] = [5, 16];
/** The driver takes three slots for each of them. */
const CAPACITY = 3 * CHAINS;
const SIZES = { gate: [1_000, 10_000, 100_000], pool: [1_000, 10_000, 100_000, 1_000_000] };
/** Jobs that are brought in by calls: those that hold, and some parked ones, of which the rest are copies. */
const NAMED = 100;
/** Where a row's record has its id and its rank. */
const PATHS = { gate: ['$.jobId', '$.rank'], pool: ['$.want.ticket.jobId', '$.want.rank'] };
const CLASS = { gate: 'GateObject', pool: 'PoolObject' };
const mib = (bytes) => Math.round((bytes / 2 ** 20) * 10) / 10;

async function post(url, body) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${/Error: [^<\\]*/.exec(await response.text())?.[0] ?? response.status}`);
  return response.json();
}

/** Parks `count` copies of a parked row behind all others, in the storage of an object that does not run. */
export function copyRows(database, [idPath, rankPath], count) {
  const columns = database.prepare("SELECT name FROM pragma_table_info('jobs')").all().map(({ name }) => name);
  const id = "printf('ffffffff-0000-7000-8000-%012x', number)";
  const copied = {
    job_id: id, rank: 'last + 1', record: `json_set(record, '${idPath}', ${id}, '${rankPath}', last + 1)`,
  };
  database.exec(`
    INSERT INTO jobs (${columns.join(', ')})
    WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${count}),
      ends AS (SELECT max(rank) AS last FROM jobs WHERE phase = 2),
      template AS (SELECT * FROM jobs WHERE phase = 2 LIMIT 1)
    SELECT ${columns.map((name) => copied[name] ?? name).join(', ')} FROM template, ends, numbers`);
}

/** The one object of that class that was ever called. */
function storageOf(state, kind) {
  const folder = join(state, 'v3', 'do', `story-queue-${CLASS[kind]}`);
  const files = readdirSync(folder).filter((name) => name.endsWith('.sqlite') && name !== 'metadata.sqlite');
  if (files.length !== 1) throw new Error(`${files.length} objects in ${folder}`);
  return new DatabaseSync(join(folder, files[0]));
}

async function measure(worker, kind, parked) {
  const steady = await post(`${worker.url}/load`, { kind, seconds: SECONDS, perSecond: OFFERED });
  const busy = await post(`${worker.url}/load`, { kind, seconds: BUSY_SECONDS });
  const at = (percent) => percentile(steady.latencies, percent);
  return {
    object: kind, parked, offeredPerS: OFFERED, answeredPerS: Math.round(steady.calls / steady.seconds), p50Ms: at(50), p99Ms: at(99),
    mostPerS: Math.round(busy.calls / busy.seconds), wasmMiB: mib(worker.wasm()), residentMiB: mib(worker.memory()),
  };
}

async function runOne({ root, config, kind, parked }) {
  const state = mkdtempSync(join(tmpdir(), 'story-queue-object-'));
  const started = () => start({ root, config: [join(root, 'bench/driver/wrangler.toml'), config], vars: {}, state });
  try {
    const first = await started();
    const named = await post(`${first.url}/fill`, { kind, count: NAMED }).finally(first.stop);
    const database = storageOf(state, kind);
    copyRows(database, PATHS[kind], parked - named.parked);
    database.close();
    const second = await started();
    try {
      await post(`${second.url}/adopt`, { kind, held: named.held });
      await post(`${second.url}/load`, { kind, seconds: 2 });
      return await measure(second, kind, parked);
    } finally {
      await second.stop();
    }
  } finally {
    rmSync(state, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Both objects at every size, at most `most` rows; `say` gets a line for each. */
export async function objects({ root, say, most = Infinity }) {
  const folder = mkdtempSync(join(tmpdir(), 'story-queue-objects-'));
  const config = join(folder, 'wrangler.toml');
  const vars = { LOG_COSTS: 'off', GENERATOR: 'wait', LEASE_SECONDS: 86_400, TICKET_RESEND_SECONDS: 3_600, POOL_CAPACITY: CAPACITY, MAX_BACKLOG: 0 };
  const results = [];
  try {
    writeFileSync(config, variant(readFileSync(join(root, 'wrangler.toml'), 'utf8'), { root, vars, oneStage: true, maxParkedJobs: 0, consumers: false }));
    for (const [kind, sizes] of Object.entries(SIZES)) {
      for (const parked of sizes.filter((size) => size <= most)) {
        const result = await runOne({ root, config, kind, parked });
        results.push(result);
        say([`${kind} with ${parked.toLocaleString('en')} parked`.padEnd(28), `${result.answeredPerS} of ${OFFERED} calls/s`,
          `p50 ${result.p50Ms} ms`, `p99 ${result.p99Ms} ms`, `at most ${result.mostPerS} calls/s`,
          `Wasm ${result.wasmMiB} MiB`, `process ${result.residentMiB} MiB`].join('  '));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  return { offeredPerS: OFFERED, secondsEach: SECONDS, roundsAtOnce: CHAINS, runs: results };
}
