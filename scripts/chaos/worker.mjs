// The Worker on local workerd, on storage that outlives it, to be killed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { createClient } from '../demo/client.mjs';
import { environment, freePort, untilHealthy } from '../demo/worker.mjs';
import { isStopped, isWorkerd, membersOf, send } from './group.mjs';

const START_TRIES = 5;
const SIGNAL_DEADLINE_MS = 10_000;
const REQUEST_LINE = /^\[wrangler:info\] /;
const TAIL_LINES = 30;
/** What wrangler puts before a line that the Worker logs as an error or a warning. */
const MARK = /^\S+ \[(ERROR|WARNING)\] /;

/** One local queue makes one delivery after another, two make two at once. */
const QUEUES = ['stories', 'stories-second'];

/**
 * Writes into `home` what wrangler needs: the project's own configuration with `settings` (name to TOML value) over
 * its own, and the operator before it, which takes the place of its consumer.
 */
export function prepare(root, home, settings) {
  let toml = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  const replace = (pattern, by) => {
    if (!pattern.test(toml)) throw new Error(`wrangler.toml has nothing like ${pattern}`);
    toml = toml.replace(pattern, () => by);
  };
  replace(/^main = .*$/m, `main = ${JSON.stringify(join(root, 'build', 'index.js'))}`);
  // Without the page: wrangler's own Worker, which serves files, would stand before ours and pass no batch on.
  replace(/^\[assets\]\n(?:(?!\[)[^\n]*\n)*/m, '');
  // It is built before, once.
  replace(/^\[build\]\ncommand = .*$/m, '');
  for (const [name, value] of Object.entries(settings)) replace(new RegExp(`^${name} = .*$`, 'm'), `${name} = ${value}`);
  replace(/^AUTH = "open"$/m, 'AUTH = "open"\nGENERATOR_OUTAGES = "on"');
  const consumer = /^\[\[queues\.consumers\]\]\nqueue = "stories"\n(?:(?!\[\[)[^\n]*\n)*/m;
  const [ownConsumer] = consumer.exec(toml) ?? [];
  replace(consumer, '');
  writeFileSync(join(home, 'worker.toml'), toml);

  // In a folder of its own: unbundled, for the module of the runtime that bundling cannot find, and so all that lies
  // beside it is watched.
  mkdirSync(join(home, 'operator'));
  copyFileSync(join(import.meta.dirname, 'operator.js'), join(home, 'operator', 'index.js'));
  writeFileSync(join(home, 'operator.toml'), [
    'name = "operator"', 'main = "operator/index.js"', 'no_bundle = true', 'compatibility_date = "2026-11-01"',
    'compatibility_flags = ["unsafe_module", "service_binding_extra_handlers"]',
    '[[services]]', 'binding = "APP"', 'service = "story-queue"',
    '[[durable_objects.bindings]]', 'name = "GATES"', 'class_name = "GateObject"', 'script_name = "story-queue"',
    '[[r2_buckets]]', 'binding = "ARTIFACTS"', 'bucket_name = "story-queue-artifacts"',
    '[[queues.producers]]', 'binding = "FIRST"', `queue = "${QUEUES[0]}"`,
    '[[queues.producers]]', 'binding = "SECOND"', `queue = "${QUEUES[1]}"`,
    ...QUEUES.map((queue) => ownConsumer.replace('"stories"', `"${queue}"`)),
  ].join('\n'));
}

/**
 * Starts it on the storage in `home`; every line it logs goes to `onLine`. Resolves once it is healthy; its `ended`
 * resolves with how it died.
 */
export async function start(options) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      // wrangler looks for free ports, too, and another program may be quicker.
      if (tried === START_TRIES || !/Address already in use/.test(error.message)) throw error;
    }
  }
}

async function startOnce({ root, home, signal, onLine }) {
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
  const killAtExit = () => send(-child.pid, 'SIGKILL');
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
      onLine(line.replace(MARK, ''), at);
    });
  }

  const until = async (isSo, what) => {
    for (const end = Date.now() + SIGNAL_DEADLINE_MS; !isSo(); await sleep(20)) {
      if (Date.now() > end) throw new Error(`The process group ${child.pid} ${what}.`);
    }
  };

  /** Kills wrangler and workerd at once; resolves with the moment, once both are dead and all they wrote is read. */
  async function kill() {
    const before = membersOf(child.pid);
    const at = Date.now();
    send(-child.pid, 'SIGKILL');
    await until(() => membersOf(child.pid).length === 0, 'outlives SIGKILL');
    await closed;
    process.off('exit', killAtExit);
    return { at, workerds: before.filter(isWorkerd).length };
  }

  /** Once `moment()` is true, stops workerd for so long, and has it go on as if nothing had been; whether it was. */
  async function freeze(ms, moment) {
    const workerds = membersOf(child.pid).filter(isWorkerd);
    if (workerds.length === 0) throw new Error('no workerd was found to freeze');
    if (!await moment()) return false;
    for (const { pid } of workerds) send(pid, 'SIGSTOP');
    await until(() => membersOf(child.pid).filter(isWorkerd).every(isStopped), 'does not stop');
    await sleep(ms, undefined, { signal });
    for (const { pid } of workerds) send(pid, 'SIGCONT');
    return true;
  }

  const url = `http://127.0.0.1:${port}`;
  const fault = await Promise.race([ended, untilHealthy(createClient(url, signal), signal)]).catch((error) => error.message);
  if (fault) {
    await kill();
    signal.throwIfAborted();
    throw new Error(`The Worker ${fault}. The last lines of wrangler:\n  ${tail.join('\n  ')}`);
  }
  return { url, kill, freeze, ended };
}
