// One Worker on local workerd with storage of its own, its log as events, and the processor time it took.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { environment, freePort } from '../demo/worker.mjs';

/** Ticks of processor time a second in /proc (Linux `CLK_TCK`, 100 on every architecture that Node runs on). */
const TICKS = 100;
const START_DEADLINE_MS = 120_000;

/** Starts the Worker of that configuration with `vars` over its own. `events` grows with each line that is JSON. */
export async function start({ root, config, vars }) {
  const home = mkdtempSync(join(tmpdir(), 'story-queue-bench-'));
  const port = await freePort();
  const child = spawn(process.execPath, [
    join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js'), 'dev', '-c', config,
    '--port', String(port), '--ip', '127.0.0.1', '--persist-to', join(home, 'state'),
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
  const stop = async () => {
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
  return { url, events, tail, stop, cpuMs: () => cpuMs(child.pid) };
}

const answers = (url) => fetch(`${url}/healthz`).then(({ ok }) => ok, () => false);

/** What all workerd processes of the group have used so far, in milliseconds. */
function cpuMs(group) {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let stat;
    try {
      stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    } catch {
      continue;
    }
    const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(stat);
    const fields = rest.split(' ');
    if (name === 'workerd' && Number(fields[2]) === group) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return (ticks / TICKS) * 1000;
}
