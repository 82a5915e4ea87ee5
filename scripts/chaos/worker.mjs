// The Worker on local workerd, on storage that outlives it, to be killed.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { createClient } from '../demo/client.mjs';
import { environment, freePort, untilHealthy } from '../demo/worker.mjs';

const DEATH_DEADLINE_MS = 10_000;
const REQUEST_LINE = /^\[wrangler:info\] /;
const TAIL_LINES = 30;

/** The second queue: one local queue makes one delivery after another, two make two at once. */
const SECOND_QUEUE = 'stories-second';

/**
 * Writes into `home` what wrangler needs: the project's own configuration with `settings` (name to TOML value) over
 * its own, and the operator before it.
 */
export function prepare(root, home, settings) {
  copyFileSync(join(import.meta.dirname, 'operator.js'), join(home, 'operator.js'));
  writeFileSync(join(home, 'operator.toml'), [
    'name = "operator"', 'main = "operator.js"', 'compatibility_date = "2026-11-01"',
    '[[services]]', 'binding = "APP"', 'service = "story-queue"',
    '[[queues.producers]]', 'binding = "FIRST"', 'queue = "stories"',
    '[[queues.producers]]', 'binding = "SECOND"', `queue = "${SECOND_QUEUE}"`,
  ].join('\n'));
  let toml = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  const replace = (pattern, by) => {
    if (!pattern.test(toml)) throw new Error(`wrangler.toml has nothing like ${pattern}`);
    toml = toml.replace(pattern, () => by);
  };
  replace(/^main = .*$/m, `main = ${JSON.stringify(join(root, 'build', 'index.js'))}`);
  // It is built before, once.
  replace(/^\[build\]\ncommand = .*$/m, '');
  for (const [name, value] of Object.entries(settings)) replace(new RegExp(`^${name} = .*$`, 'm'), `${name} = ${value}`);
  const second = [
    '[[queues.consumers]]', `queue = "${SECOND_QUEUE}"`, 'max_batch_size = 100', 'max_batch_timeout = 1',
    'max_retries = 10', 'retry_delay = 10', 'dead_letter_queue = "stories-dlq"',
  ];
  writeFileSync(join(home, 'worker.toml'), `${toml}\n${second.join('\n')}\n`);
}

/**
 * Starts it on the storage in `home`; every line it logs goes to `onLine`. Resolves once it is healthy; its `ended`
 * resolves with how it died.
 */
export async function start({ root, home, signal, onLine }) {
  const port = await freePort();
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  const child = spawn(process.execPath, [
    wrangler, 'dev', '-c', join(home, 'operator.toml'), '-c', join(home, 'worker.toml'),
    '--port', String(port), '--ip', '127.0.0.1', '--persist-to', join(home, 'state'),
    '--show-interactive-dev-session=false',
  ], {
    cwd: home,
    env: environment(home),
    // A group of its own, so that workerd is killed with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killAtExit = () => killGroup(child.pid);
  process.once('exit', killAtExit);
  const closed = once(child, 'close');
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => resolve(`ended by itself (${by ?? `exit code ${code}`})`));
  });
  const tail = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (raw) => {
      const at = Date.now();
      const line = stripVTControlCharacters(raw).replace(/^\[story-queue\] /, '');
      if (REQUEST_LINE.test(line)) return;
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      appendFileSync(join(home, 'worker.log'), `${new Date(at).toISOString()} ${line}\n`);
      onLine(line, at);
    });
  }

  /** Kills wrangler and workerd at once; resolves with the moment, once both are dead and all they wrote is read. */
  async function kill() {
    const before = livingMembers(child.pid);
    const at = Date.now();
    killGroup(child.pid);
    while (livingMembers(child.pid).length > 0) {
      if (Date.now() > at + DEATH_DEADLINE_MS) throw new Error(`The process group ${child.pid} outlives SIGKILL.`);
      await sleep(20);
    }
    await closed;
    process.off('exit', killAtExit);
    return { at, workerds: before.filter((name) => /workerd/.test(name)).length };
  }

  const url = `http://127.0.0.1:${port}`;
  const fault = await Promise.race([ended, untilHealthy(createClient(url, signal), signal)]).catch((error) => error.message);
  if (fault) {
    await kill();
    throw new Error(`The Worker ${fault}. The last lines of wrangler:\n  ${tail.join('\n  ')}`);
  }
  return { url, kill, ended };
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

/** The programs of the group that live; those that are dead and only not yet reaped do not count. */
function livingMembers(group) {
  return execFileSync('ps', ['-A', '-o', 'pgid=,stat=,comm='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, stat]) => Number(pgid) === group && !stat.startsWith('Z'))
    .map(([, , name]) => name);
}
