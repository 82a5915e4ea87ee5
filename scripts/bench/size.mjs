// npm run bench -- size
//
// The bundle that is deployed, beside that of a Worker in Rust that says hello (bench/hello), built by the same tools
// with the same profile and library; and the start-up of both as `wrangler check startup` profiles it on this machine.

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { buildEnvironment, cargoTools, find } from '../tools.mjs';
import { environment } from '../demo/worker.mjs';
import { sections, startup } from './startup.mjs';

/** Profiles of each, in turn; the median counts. */
const PROFILES = 5;

function buildHello(root) {
  const env = { ...buildEnvironment(), CARGO_TARGET_DIR: join(root, 'target') };
  execFileSync(find(cargoTools[0]), ['--release'], { cwd: join(root, 'bench/hello'), env, stdio: ['ignore', 'ignore', 'pipe'] });
}

const kib = (bytes) => Math.round((bytes / 1024) * 10) / 10;

/** Raw and compressed size of what is built there, and of the parts of its Wasm. */
function sizeOf(build) {
  const wasm = readFileSync(join(build, 'index_bg.wasm'));
  const script = readFileSync(join(build, 'index.js'));
  const parts = Object.fromEntries(sections(wasm).filter(({ bytes }) => bytes.length > 1024)
    .map(({ name, bytes }) => [name, { rawKiB: kib(bytes.length), gzipKiB: kib(gzipSync(bytes, { level: 9 }).length) }]));
  return {
    rawKiB: kib(wasm.length + statSync(join(build, 'index.js')).size),
    gzipKiB: kib(gzipSync(wasm, { level: 9 }).length + gzipSync(script, { level: 9 }).length), parts,
  };
}

/** Milliseconds that the profile of its start shows as active, one profile. */
async function profile(root, build) {
  const folder = mkdtempSync(join(tmpdir(), 'story-queue-size-'));
  try {
    const lines = ['name = "profiled"', `main = "${join(build, 'index.js')}"`, 'compatibility_date = "2026-11-01"', 'send_metrics = false'];
    writeFileSync(join(folder, 'wrangler.toml'), `${lines.join('\n')}\n`);
    const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
    const args = [wrangler, 'check', 'startup', '--outfile', join(folder, 'startup.cpuprofile')];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env: environment(folder), timeout: 60_000 });
    return startup(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

/** Both bundles; `say` gets a line for each. */
export async function size({ root, say }) {
  buildHello(root);
  const builds = { ours: join(root, 'build'), hello: join(root, 'bench/hello/build') };
  const starts = { ours: [], hello: [] };
  for (let count = 0; count < PROFILES; count += 1) {
    for (const [name, build] of Object.entries(builds)) starts[name].push(await profile(root, build));
  }
  const bundles = Object.fromEntries(Object.entries(builds).map(([name, build]) => {
    const bundle = { ...sizeOf(build), startMs: median(starts[name]), startsMs: starts[name] };
    const { code, data, name: names } = bundle.parts;
    say([name.padEnd(6), `${bundle.rawKiB} KiB, ${bundle.gzipKiB} compressed`, `start ${bundle.startMs} ms (${Math.min(...starts[name])} to ${Math.max(...starts[name])})`,
      `of it compressed: code ${code?.gzipKiB}, data ${data?.gzipKiB ?? 0}, names of functions ${names?.gzipKiB ?? 0}`].join('  '));
    return [name, bundle];
  }));
  const timesHello = Math.round((bundles.ours.gzipKiB / bundles.hello.gzipKiB) * 10) / 10;
  say(`ours is ${timesHello} times hello, compressed`);
  return { ...bundles, timesHello };
}
