// npm run bench -- objects
//
// One gate and the pool under load on local workerd: a Worker beside this one (bench/driver) calls the object by
// fetch, as the consumer does, with so many rows parked in it. Each round of calls submits a job, ends one and starts
// the next, so the line keeps its length. The tickets that this sends go to a queue without a consumer.
//
// Latencies are the caller's, in whole milliseconds, which is what Workers' clock shows. Memory is that of this
// Worker's Wasm, where all is that an object holds, to be held against the 128 MB of Cloudflare; and what the process of
// workerd keeps resident: both Workers with V8's garbage, SQLite's caches, the local queue.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile } from '../demo/judge.mjs';
import { variant } from './config.mjs';
import { start } from './worker.mjs';

/** Calls a second that an object must answer, and for how long they are offered. */
const [OFFERED, SECONDS] = [200, 20];
/** Rounds side by side, and for how long, when as many calls are made as are answered. */
const [CHAINS, BUSY_SECONDS] = [16, 5];
const SIZES = { gate: [1_000, 10_000, 100_000], pool: [1_000, 10_000, 100_000, 1_000_000] };
/** Rows by one request to the driver. */
const STEP = 20_000;
const mib = (bytes) => Math.round((bytes / 2 ** 20) * 10) / 10;

async function post(url, body) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return response.json();
}

async function fill(worker, kind, from, to) {
  for (let parked = from; parked < to; parked += STEP) {
    await post(`${worker.url}/fill`, { kind, count: Math.min(STEP, to - parked) });
  }
}

async function measure(worker, kind, parked) {
  const steady = await post(`${worker.url}/load`, { kind, seconds: SECONDS, perSecond: OFFERED, chains: CHAINS });
  const busy = await post(`${worker.url}/load`, { kind, seconds: BUSY_SECONDS, chains: CHAINS });
  const at = (percent) => percentile(steady.latencies, percent);
  return {
    object: kind, parked, offeredPerS: OFFERED, answeredPerS: Math.round(steady.calls / steady.seconds), p50Ms: at(50), p99Ms: at(99),
    mostPerS: Math.round(busy.calls / busy.seconds),
    wasmMiB: mib(worker.wasm()), residentMiB: mib(worker.memory()),
  };
}

/** Both objects at every size, at most `most` rows; `say` gets a line for each. */
export async function objects({ root, say, most = Infinity }) {
  const folder = mkdtempSync(join(tmpdir(), 'story-queue-objects-'));
  const results = [];
  try {
    const config = join(folder, 'wrangler.toml');
    const vars = { LOG_COSTS: 'off', GENERATOR: 'wait', JOB_KIND: 'still' };
    writeFileSync(config, variant(readFileSync(join(root, 'wrangler.toml'), 'utf8'), { root, vars, consumers: false }));
    for (const [kind, sizes] of Object.entries(SIZES)) {
      // Both fresh, so that the memory is that of one object.
      const worker = await start({ root, config: [join(root, 'bench/driver/wrangler.toml'), config], vars: {} });
      try {
        await fill(worker, kind, 0, 100);
        await post(`${worker.url}/load`, { kind, seconds: 2, chains: CHAINS });
        const empty = { wasmMiB: mib(worker.wasm()), residentMiB: mib(worker.memory()) };
        let parked = 100;
        for (const size of sizes.filter((size) => size <= most)) {
          const from = performance.now();
          await fill(worker, kind, parked, size);
          const fillS = Math.round((performance.now() - from) / 1000);
          parked = size;
          const result = { ...(await measure(worker, kind, size)), empty, fillS };
          results.push(result);
          say([`${kind} with ${size.toLocaleString('en')} parked`.padEnd(28), `${result.answeredPerS} of ${OFFERED} calls/s`,
            `p50 ${result.p50Ms} ms`, `p99 ${result.p99Ms} ms`, `at most ${result.mostPerS} calls/s`,
            `Wasm ${result.wasmMiB} MiB (${empty.wasmMiB} with 100)`, `process ${result.residentMiB} (${empty.residentMiB}) MiB`].join('  '));
        }
      } finally {
        await worker.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  return { offeredPerS: OFFERED, secondsEach: SECONDS, roundsAtOnce: CHAINS, runs: results };
}
