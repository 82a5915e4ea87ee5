// PostgreSQL and Redis as Debian packs them, on loopback, each with its data in a folder that goes with it.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../demo/worker.mjs';

const DEADLINE_MS = 30_000;
const POSTGRES = '/usr/lib/postgresql';

const postgresBin = (program) => {
  const newest = existsSync(POSTGRES) ? readdirSync(POSTGRES).sort((one, other) => other - one)[0] : undefined;
  return newest && join(POSTGRES, newest, 'bin', program);
};

/** Installs what is missing of Debian's packages; needs root for that. */
export function ensureServers() {
  const has = (program) => spawnSync(program, ['--version']).error === undefined;
  const missing = [
    ...(existsSync(postgresBin('initdb') ?? '') ? [] : ['postgresql']),
    ...(has('redis-server') ? [] : ['redis-server']),
  ];
  if (missing.length > 0) {
    console.log(`Installing ${missing.join(' and ')} ...`);
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

async function serve(program, args, { folder, port, user, stopBy }) {
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], ...user });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { said = (said + text).slice(-2_000); });
  const endAtExit = () => child.kill(stopBy);
  process.once('exit', endAtExit);
  const stop = async () => {
    process.off('exit', endAtExit);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(stopBy);
      await ended;
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  for (const deadline = Date.now() + DEADLINE_MS; !(await listens(port)); await sleep(100)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} did not start:\n${said}`);
    }
  }
  return { port, stop };
}

const listens = (port) => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true) || socket.destroy());
  socket.once('error', () => resolve(false));
});

/** PostgreSQL with its defaults. It refuses to run as root, so then it runs as Debian's user for it. */
export async function postgres() {
  const folder = mkdtempSync(join(tmpdir(), 'story-queue-postgres-'));
  const user = {};
  if (process.getuid() === 0) {
    const idOf = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    Object.assign(user, { uid: idOf('-u'), gid: idOf('-g') });
    chownSync(folder, user.uid, user.gid);
  }
  const data = join(folder, 'data');
  execFileSync(postgresBin('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8'], { cwd: folder, stdio: 'ignore', ...user });
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`];
  // Fast shutdown: it ends the connections itself.
  return serve(postgresBin('postgres'), args, { folder, port, user, stopBy: 'SIGINT' });
}

/** Redis that appends each change to a file, as a queue in it must. */
export async function redis() {
  const folder = mkdtempSync(join(tmpdir(), 'story-queue-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
  return serve('redis-server', args, { folder, port, user: {}, stopBy: 'SIGTERM' });
}
