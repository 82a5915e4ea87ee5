// One Worker on local workerd with storage of its own, its log as events, and the processor time it took.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { environment, freePort } from '../demo/worker.mjs';

/** Ticks of processor time a second in /proc (Linux `CLK_TCK`, 100 on every architecture that Node runs on). */
const TICKS = 100;
const START_DEADLINE_MS = 120_000;

// A Worker is a group of its own, which no terminal ends.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/**
 * Starts the Worker of that configuration, or several, with `vars` over its own. `events` grows with each line that is
 * JSON. Its storage is `state`, if that is given, and otherwise goes with it.
 */
export async function start({ root, config, vars, state }) {
  const home = mkdtempSync(join(tmpdir(), 'story-queue-bench-'));
  const port = await freePort();
  const child = spawn(process.execPath, [
    join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js'), 'dev', ...[config].flat().flatMap((path) => ['-c', path]),
    '--port', String(port), '--ip', '127.0.0.1', '--persist-to', state ?? join(home, 'state'),
    '--show-interactive-dev-session=false',
    ...Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
  ], { cwd: root, env: environment(home), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const events = [];
  const tail = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (raw) => {
      const at = performance.now();
      const line = stripVTControlCharacters(raw);
      if (line.startsWith('{')) events.push({ at, ...JSON.parse(line) });
      else if (!line.startsWith('[wrangler:info]')) tail.push(line);
    });
  }
  const killAtExit = () => process.kill(-child.pid, 'SIGKILL');
  process.once('exit', killAtExit);
  const stop = async () => {
    process.off('exit', killAtExit);
    const ended = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await ended;
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + START_DEADLINE_MS; !(await answers(url)); await sleep(200)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`${config} did not start:\n${tail.slice(-20).join('\n')}`);
    }
  }
  const pid = workerdOf(child.pid, port);
  return { url, events, tail, stop, cpuMs: () => cpuMs(pid), memory: () => memory(pid), wasm: () => wasm(pid) };
}

const answers = (url) => fetch(`${url}/healthz`).then(({ ok }) => ok, () => false);

/** The fields of /proc/<pid>/stat from the third on, with the name before them; null when the process is gone. */
function stat(pid) {
  try {
    const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return [name, ...rest.split(' ')];
  } catch {
    return null;
  }
}

/** The workerd of that process group that runs the Worker: not wrangler's proxy, which listens on `port`. */
function workerdOf(group, port) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    const fields = stat(pid);
    return fields?.[0] === 'workerd' && Number(fields[3]) === group;
  });
  const own = all.filter((pid) => !listening(pid).includes(port));
  if (own.length !== 1) throw new Error(`${all.length} processes of workerd, ${own.length} of them behind the port`);
  return own[0];
}

/** The ports of IPv4 on which the process listens. */
function listening(pid) {
  const LISTEN = '0A';
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return null;
    }
  }));
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n').map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && open.has(`socket:[${fields[9]}]`))
    .map((fields) => parseInt(fields[1].split(':')[1], 16));
}

/** What every workerd that this process started has used of the processors so far, in milliseconds. */
export function cpuMsOfChildren() {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    const fields = stat(pid);
    return fields?.[0] === 'workerd' && Number(fields[2]) === process.pid;
  });
  return pids.reduce((total, pid) => total + cpuMs(pid), 0);
}

/** What the process has used of the processors so far, in milliseconds. */
function cpuMs(pid) {
  const fields = stat(pid);
  return ((Number(fields[12]) + Number(fields[13])) / TICKS) * 1000;
}

/** The memory of the process's Wasm, in bytes: what can be written of the gigabytes that V8 sets aside for each. */
function wasm(pid) {
  const ASIDE = 4 * 2 ** 30;
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8').trimEnd().split('\n').map((line) => {
    const [range, rights] = line.split(' ');
    const [from, to] = range.split('-').map((hex) => parseInt(hex, 16));
    return { from, to, rights };
  });
  return maps.reduce((total, { from, to, rights }, index) => {
    const next = maps[index + 1];
    const heads = rights === 'rw-p' && next?.from === to && next.rights === '---p' && next.to - from >= ASIDE;
    return heads ? total + to - from : total;
  }, 0);
}

/** Resident memory of the process, in bytes. */
function memory(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}
