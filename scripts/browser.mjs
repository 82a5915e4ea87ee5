// Installs the browser in which the page is tested, where that is possible; does nothing when it is there. Only
// `npm test` runs this: nothing else needs a browser.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** The browser: Debian's Chromium, or the one that `CHROMIUM` names. */
export const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Whether it is there. */
export function hasChromium() {
  try {
    accessSync(chromium, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const run = (program, args, stdio = 'ignore') =>
  spawnSync(program, args, { stdio, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;

/** The words that make a command run as root, or null where nothing does without asking. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return run('sudo', ['-n', 'true']) ? ['sudo', '-n'] : null;
}

function install() {
  const root = asRoot();
  if (process.env.CHROMIUM || root === null || !run('apt-get', ['--version'])) return false;
  console.log('Installing chromium with apt-get, for the tests of the page (once, about a minute) ...');
  const apt = (...args) => {
    const [program, ...rest] = [...root, 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300', ...args];
    return run(program, rest, ['ignore', 'ignore', 'inherit']);
  };
  const chromium = () => apt('install', '-y', '--no-install-recommends', 'chromium');
  // A machine that never asked for the lists of packages has none.
  return chromium() || (apt('update') && chromium());
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  if (!hasChromium() && !install() && !hasChromium()) {
    console.error(`${chromium} does not exist and cannot be installed here.`);
    // On any other machine the tests that need it are skipped, and say so.
    if (process.env.CI) process.exit(1);
  }
}
