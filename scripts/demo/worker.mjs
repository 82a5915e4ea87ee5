// A Worker on local workerd, with storage of its own, that never outlives the demo.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { QUIET } from '../tools.mjs';
import { createClient } from './client.mjs';

/** Slow and few enough that limits are reached and all tiers wait for the same places, quick enough to watch. */
export const [PACE_MS, PLACES] = [250, 12];
const VARS = { AUTH: 'open', STORYBOARD_PACE_MS: PACE_MS, POOL_CAPACITY: PLACES };
const START_DEADLINE_MS = 120_000;
const STOP_GRACE_MS = 5_000;
const TAIL_LINES = 40;
// The demo polls; its own requests would bury what the Worker logs.
const REQUEST_LINE = /^\[wrangler:info\] GET /;

/** Starts `wrangler dev` in `root`; resolves once GET /healthz is 200. `stop` ends it whole, and may be called twice. */
export async function startWorker({ root, logFile, signal, onEnd }) {
  const home = mkdtempSync(join(tmpdir(), 'story-queue-demo-'));
  const port = await freePort();
  const child = spawn(process.execPath, wranglerArguments(root, port, home), {
    cwd: root,
    env: environment(home),
    // A group of its own, so that workerd can be ended with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killAtExit = () => {
    signalGroup(child.pid, 'SIGKILL');
    rmSync(home, { recursive: true, force: true });
  };
  process.once('exit', killAtExit);

  const output = collect(child, logFile);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => resolve(`ended by itself (${by ?? `exit code ${code}`})`));
  });
  let stopping = null;
  const stop = () => (stopping ??= (async () => {
    await endGroup(child.pid);
    process.off('exit', killAtExit);
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  })());
  const failure = (what) => new Error(`The Worker ${what}. The last lines of wrangler:\n${output.tail()}`);

  const url = `http://127.0.0.1:${port}`;
  try {
    const fault = await Promise.race([ended, untilHealthy(createClient(url, signal), signal)]);
    if (fault) throw failure(fault);
  } catch (error) {
    await stop();
    throw error;
  }
  ended.then((how) => { if (!stopping) onEnd(failure(how)); });
  return { url, stop };
}

function wranglerArguments(root, port, home) {
  return [
    join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js'),
    'dev',
    ...['--port', port, '--ip', '127.0.0.1'],
    ...['--persist-to', join(home, 'state')],
    ...Object.entries(VARS).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
    '--show-interactive-dev-session=false',
  ].map(String);
}

// Nothing is sent home, and nothing is written outside `home`.
export function environment(home) {
  return {
    ...process.env,
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    ...QUIET,
    WRANGLER_LOG_PATH: join(home, 'logs'),
    WRANGLER_REGISTRY_PATH: join(home, 'registry'),
  };
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function collect(child, logFile) {
  const log = createWriteStream(logFile);
  const last = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (raw) => {
      const line = stripVTControlCharacters(raw);
      if (REQUEST_LINE.test(line)) return;
      log.write(`${line}\n`);
      last.push(line);
      if (last.length > TAIL_LINES) last.shift();
    });
  }
  child.once('close', () => log.end());
  return { tail: () => last.map((line) => `  ${line}`).join('\n') };
}

export async function untilHealthy(client, signal) {
  const deadline = Date.now() + START_DEADLINE_MS;
  let lastAnswer = 'no answer';
  while (Date.now() < deadline) {
    try {
      await client.healthz();
      return null;
    } catch (error) {
      signal.throwIfAborted();
      lastAnswer = error.message;
    }
    await sleep(250, undefined, { signal });
  }
  return `was not healthy within ${START_DEADLINE_MS / 1000} s (${lastAnswer})`;
}

async function endGroup(pid) {
  if (!signalGroup(pid, 'SIGTERM')) return;
  const deadline = Date.now() + STOP_GRACE_MS;
  while (Date.now() < deadline) {
    if (!signalGroup(pid, 0)) return;
    await sleep(50);
  }
  signalGroup(pid, 'SIGKILL');
}

/** False when the group is gone. */
function signalGroup(pid, name) {
  try {
    return process.kill(-pid, name);
  } catch {
    return false;
  }
}
